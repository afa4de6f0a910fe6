"""What the help desk looks up: people, their PCs, and why one is covered or not."""

from collections.abc import Awaitable, Callable, Mapping

from bot.approvals.upkeep import Clock
from bot.background.environment import Environment
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Place
from bot.errors import StoreUnavailable
from bot.helpdesk.services import Audited, LookupServices
from bot.store.conversations import Conversations
from bot.store.records import Event
from bot.store.requests import Lost, Requests
from bot.tenant.lookup.pcs import GraphLookup
from bot.tenant.roles import GraphRoles


def lookup_services(
    env: Environment,
    roles: GraphRoles,
    conversations: Conversations,
    help_desk: HelpDesk,
    languages: Languages,
    chat_of: Callable[[str], Awaitable[Place | None]],
    audit: Audited,
) -> LookupServices:
    """Built with the services of the other rooms."""
    return LookupServices(
        lookup=GraphLookup(env.outside.graph, env.devices),
        devices=env.devices,
        roles=roles,
        trust=env.settings.trust_model,
        help_desk=help_desk,
        languages=languages,
        conversations=conversations,
        chats=env.channel,
        audit=audit,
        chat_of=chat_of,
        now=env.now,
        has_group=bool(env.settings.help_desk_group_id),
    )


def audited(store: Requests, clock: Clock) -> Audited:
    """A row of the audit that is about no request."""

    async def audit(event: Event, actor: str, detail: Mapping[str, str]) -> None:
        moment = clock.moment((await store.snapshot(0)).high_water)
        try:
            await store.note(event, actor, moment, None, dict(detail))
        except Lost:  # somebody else wrote a row first, time and again
            raise StoreUnavailable("audit") from None

    return audit
