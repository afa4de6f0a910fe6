"""Who has the bot's app, as Teams knows it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.simulation.chats import Chats


@dataclass
class InstalledApps:
    """`tell`: sends the bot what Teams tells of an install, by person key.

    `blocked`: object ids that a policy leaves out; `without_teams`: who has none; `own`: False where the manifest's
    webApplicationInfo names another app than the one that calls; `looks_before_chat`: so many find no chat yet.
    """

    chats: Chats
    tell: Callable[[str], Awaitable[object]]
    blocked: set[str] = field(default_factory=set)
    without_teams: set[str] = field(default_factory=set)
    own: bool = True
    looks_before_chat: int = 0
    _telling: set[asyncio.Task[object]] = field(default_factory=set)

    def add(self, person_key: str) -> None:
        """From now on this person has it; the bot hears of that by itself, before the answer or after it."""
        self.chats.installed.add(person_key)
        task: asyncio.Task[object] = asyncio.ensure_future(self.tell(person_key))
        self._telling.add(task)
        task.add_done_callback(self._told)

    def chat_is_there(self) -> bool:
        """Not at once."""
        self.looks_before_chat = max(self.looks_before_chat, 0) - 1
        return self.looks_before_chat < 0

    def _told(self, task: asyncio.Task[object]) -> None:
        self._telling.discard(task)
        if not task.cancelled():
            task.exception()  # a bot that is not there is no trouble of Teams'


async def nothing(_person_key: str) -> None:
    """What is told where Teams is silent."""
