"""What the help desk looks up: people, their PCs, and why one is covered or not."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from bot.approvals.upkeep import Clock
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Channel, Place
from bot.config import Settings
from bot.errors import StoreUnavailable
from bot.helpdesk.services import Audited, LookupServices
from bot.store.conversations import Conversations
from bot.store.records import Event
from bot.store.requests import Lost, Requests
from bot.tenant.devices import GraphDevices
from bot.tenant.graph import Graph
from bot.tenant.lookup.pcs import GraphLookup
from bot.tenant.roles import GraphRoles


def lookup_services(
    settings: Settings,
    graph: Graph,
    devices: GraphDevices,
    roles: GraphRoles,
    conversations: Conversations,
    help_desk: HelpDesk,
    languages: Languages,
    channel: Channel,
    chat_of: Callable[[str], Awaitable[Place | None]],
    audit: Audited,
    now: Callable[[], datetime],
) -> LookupServices:
    """Built with the services of the other rooms."""
    return LookupServices(
        lookup=GraphLookup(graph, devices),
        devices=devices,
        roles=roles,
        trust=settings.trust_model,
        help_desk=help_desk,
        languages=languages,
        conversations=conversations,
        chats=channel,
        audit=audit,
        chat_of=chat_of,
        now=now,
        has_group=bool(settings.help_desk_group_id),
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
