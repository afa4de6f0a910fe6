"""What the commands of this room are given by bot.app."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.chat.notices import HelpDesk
from bot.reset_rules.facts import Trust
from bot.tenant import Devices


class AwaitedPcs(Protocol):
    """PCs of which somebody wants to hear when they are ready: see bot.store.turns.awaited."""

    async def wait(self, object_id: str, device: str, language: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class PinResetServices:
    """`filling`: what the placeholders of answers stand for."""

    devices: Devices
    trust: Trust
    help_desk: HelpDesk
    filling: Mapping[str, str]
    now: Callable[[], datetime]
    awaited: AwaitedPcs
