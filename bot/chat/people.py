"""Who people are, for cards that others read, and in which language somebody is spoken to who did not just say so."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.chat.notices import shortened
from bot.chat.turn import Place, PlaceKind, Turn
from bot.errors import BotError
from bot.reset_rules.facts import Account

MOST_NAME = 60  # characters of a display name; a sign-in name is shortened as other texts are


class Accounts(Protocol):
    """The tenant's own word on who somebody is; see bot.tenant.People."""

    async def account(self, object_id: str) -> Account: ...


async def people(ids: Iterable[str], accounts: Accounts, seconds: float) -> dict[str, Account]:
    """By object id, as far as the tenant says in time; who is missing is shown by the id."""
    wanted = sorted(set(ids))
    read = await asyncio.gather(*(_account(one, accounts, seconds) for one in wanted))
    return {one: account for one, account in zip(wanted, read, strict=True) if account}


async def _account(object_id: str, accounts: Accounts, seconds: float) -> Account | None:
    try:
        async with asyncio.timeout(seconds):
            return await accounts.account(object_id)
    except (BotError, TimeoutError):
        return None


def name(object_id: str, people: Mapping[str, Account]) -> str:
    """Name, sign-in name and the end of the object id, which no two people share."""
    account = people.get(object_id)
    if account is None:
        return f"? …{object_id[-6:]}"
    return f"{shortened(account.display_name, MOST_NAME)} ({shortened(account.user_principal_name)}) …{object_id[-6:]}"


def called(object_id: str, people: Mapping[str, Account]) -> str:
    """The name alone; as `name` has it where two are called the same or the tenant does not say."""
    account = people.get(object_id)
    namesakes = [one for one in people.values() if account and one.display_name == account.display_name]
    return shortened(account.display_name, MOST_NAME) if account and len(namesakes) == 1 else name(object_id, people)


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
