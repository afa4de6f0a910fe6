"""One command asked directly, and what its card shows."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import cards
from bot.chat.command import Answer, Asked
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.commands import Services, commands
from bot.demo.gallery.company import OTHER, TENANT
from bot.demo.gallery.example import Example
from bot.errors import BotError
from bot.reset_rules.facts import Account, Device, Inventory
from cards.plain import plain
from dialogs.words import texts
from dialogs.words.replies import Reply
from tests.approvals.harness import Harness
from tests.deadlines import PATIENCE

NOBODY = OTHER[:-1] + "9"  # has no role
PLACE = Place(PlaceKind.PERSONAL, "a:1", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")


@dataclass
class Owner:
    """Fits bot.tenant.Devices; notes for whom it was asked."""

    devices: tuple[Device, ...] = ()
    guest: bool = False
    late: bool = False
    failure: BotError | None = None
    early: tuple[Device, ...] | None = None  # what is known before the whole
    asked: list[str] = field(default_factory=list)
    tells: asyncio.Event = field(default_factory=asyncio.Event)

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        self.asked.append(object_id)
        if self.late:
            await self.tells.wait()
        if self.failure:
            raise self.failure
        return self._owned(object_id, self.devices)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        if self.late and self.early is None:
            await self.tells.wait()
        if self.failure:
            raise self.failure
        return self._owned(object_id, self.devices if self.early is None else self.early)

    def _owned(self, object_id: str, devices: tuple[Device, ...]) -> Inventory:
        return Inventory(Account(object_id, "Ana", "ana@contoso.example", guest=self.guest), devices)


async def ask(
    key: str,
    told: Example | Services | None = None,
    said: Mapping[str, str] = MappingProxyType({}),
    *,
    person: str = NOBODY,
    seconds: float = PATIENCE,
    **more: str,
) -> Answer:
    """`key`: an intent or a verb."""
    command = next(
        command
        for command in commands(told if isinstance(told, Services) else (told or Example()).services)
        if key in (*command.intents, *command.verbs)
    )
    turn = Turn(TurnKind.MESSAGE, "1", Person(TENANT, person, "29:ana", "Ana"), PLACE)
    until = asyncio.get_running_loop().time() + seconds
    return await command.run(Asked(turn, until, key, pressed=key not in command.intents), {**said, **more})


def at_table(table: Harness, **more: Any) -> Services:
    """What an example has, but requests on a real store. `more`: other services of approvals."""
    services = Example().services
    own = {"approvals": table.approvals, "roles": table.roles, "now": lambda: table.time.now}
    requests = replace(services.changes.requests, **{**own, **more})
    return replace(services, changes=replace(services.changes, requests=requests))


def shown(reply: Reply) -> str:
    return plain(cards.render(reply, texts.words("en")))
