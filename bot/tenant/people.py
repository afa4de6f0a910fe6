"""Who somebody is: name and sign-in name from the tenant."""

from collections.abc import Callable

from bot.chat.cache import Cache
from bot.reset_rules.facts import Account
from bot.tenant.graph import Graph
from bot.tenant.models import User

SECONDS = 3_600.0
MOST_PEOPLE = 5_000
_EXTERNAL = "#ext#"  # in the sign-in name of whoever was invited, whatever the user type says


class GraphPeople:
    """Implements bot.tenant.People."""

    def __init__(self, graph: Graph, clock: Callable[[], float]) -> None:
        self._graph = graph
        self._known = Cache[Account](SECONDS, MOST_PEOPLE, clock)

    async def account(self, object_id: str) -> Account:
        """As it was read in the last SECONDS. Raises NotFound, TenantUnreachable."""
        return await self._known.get(object_id, lambda: self._read(object_id))

    async def _read(self, object_id: str) -> Account:
        return account(await self._graph.user(object_id))


def is_guest(user: User) -> bool:
    """Of another organisation. Accounts older than 2014 have no user type: those are members."""
    return (user.user_type or "").lower() == "guest" or _EXTERNAL in (user.user_principal_name or "").lower()


def account(user: User, federated: bool | None = None, hello_key: bool | None = None) -> Account:
    """What Graph tells of a person."""
    return Account(
        object_id=user.id.lower(),
        display_name=user.display_name or "",
        user_principal_name=user.user_principal_name or "",
        guest=is_guest(user),
        language=user.preferred_language or "",
        federated=federated,
        hello_key=hello_key,
    )
