"""Whom a name may mean: exactly, or else nearly."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from bot.tenant import MOST_CHOICES, FoundPeople
from bot.tenant.graph import Graph
from bot.tenant.models import User
from bot.tenant.people import account

ALIKE = 0.6  # from this on a name is like another


async def people(graph: Graph, name: str) -> FoundPeople:
    """Near ones are asked for only where nobody has exactly this name."""
    wanted = " ".join(name.split())
    users = await graph.users_named(wanted)
    if users:
        return _found(users, exact=True)
    return _found(_like(wanted, await graph.users_like(wanted)), exact=False)


def _like(wanted: str, users: Iterable[User]) -> list[User]:
    """The likest first: by how much of the two names is the same, or of a part of the name."""
    ranked = sorted(((_likeness(wanted, user), number, user) for number, user in enumerate(users)), reverse=True)
    return [user for likeness, _, user in ranked if likeness >= ALIKE]


def _likeness(wanted: str, user: User) -> float:
    written = wanted.casefold().partition("@")[0]
    name = (user.display_name or "").casefold()
    sign_in = (user.user_principal_name or "").casefold().partition("@")[0]
    return max(SequenceMatcher(None, written, known).ratio() for known in (name, sign_in, *name.split()))


def _found(users: list[User], *, exact: bool) -> FoundPeople:
    accounts = tuple(account(user) for user in users[:MOST_CHOICES])
    return FoundPeople(accounts, exact=exact, more=len(users) > MOST_CHOICES)
