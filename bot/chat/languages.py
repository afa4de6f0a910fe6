"""In which language somebody is spoken to who did not just say so, and what is said where several read."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from bot.chat.people import Accounts
from bot.chat.turn import Place, PlaceKind, Turn
from bot.errors import BotError


class PersonalChats(Protocol):
    """See bot.store.conversations. Raises errors.StoreUnavailable."""

    async def personal_of(self, tenant_id: str, object_id: str) -> Place | None: ...


@dataclass(frozen=True, slots=True)
class Languages:
    """`common`: of channels, and of people of whom nothing is known. `seconds`: how long the tenant is waited for."""

    chats: PersonalChats
    accounts: Accounts
    common: str
    seconds: float

    async def of(self, tenant_id: str, object_id: str) -> str:
        """The language last seen with this person, else the one that the tenant knows of them."""
        try:
            place = await self.chats.personal_of(tenant_id, object_id)
            if place and place.language:
                return place.language
            async with asyncio.timeout(self.seconds):
                return (await self.accounts.account(object_id)).language or self.common
        except (BotError, TimeoutError):
            return self.common

    async def of_turn(self, turn: Turn) -> str:
        """That of the client; not every event and not every phone tells it."""
        if turn.locale:
            return turn.locale
        if turn.place.kind is not PlaceKind.PERSONAL and not turn.person.object_id:
            return self.common
        return await self.of(turn.person.tenant_id, turn.person.object_id)
