"""All that the golden tests take from elsewhere, by its path: when rooms move, this file changes and no other one."""

from typing import Any

from bot.approvals import card
from bot.approvals.card import Shown, Viewer
from bot.approvals.kind import Ending
from bot.approvals.outcomes import Seen
from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason
from bot.background import supervision
from bot.changes import assignment, consent, profile, tenant_state
from bot.changes.tenant_state import LookKind, TenantState
from bot.chat.near import WISH
from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.commands import commands
from bot.demo import gallery
from bot.demo.gallery.example import KINDS, Example
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Account, AppState
from bot.reset_rules.failures import Failure
from bot.reset_rules.profiles import BOOLEAN
from bot.reset_rules.sources import Aspect, RecoverySource, SourceKind
from bot.simulation import World, people, simulate, state
from bot.simulation.faults import Fault
from bot.simulation.objects import intune
from bot.simulation.state import CHANGING, Held
from bot.store import audit
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.gaps import Gap, Gaps, Votes
from bot.store.outbox import Outbox
from bot.store.questions import NewQuestion, Questions, Stage
from bot.store.records import BOT, OPEN, OPERATOR, Audience, Event, Note, Request, State, StepState, Verdict
from bot.teams import drawing
from bot.tenant import GraphCall, WriteResult
from bot.tenant.writes import GraphWrites
from dialogs.understanding.ranking.model import INTENT, model
from dialogs.understanding.redact import anonymous
from dialogs.words.answers import answers
from tests.approvals.harness import (
    ADA,
    ARNE,
    DANA,
    KEY,
    MONDAY,
    PRIYA,
    TENANT,
    TOM,
    Harness,
    TableRoles,
    TenantHarness,
    Time,
    apps,
    group,
    harness,
    ready_tenant,
    right_profile,
    row,
    state_of_tenant,
    tenant_harness,
)
from tests.golden.ids import one_id

COMMANDS = commands(Example().services)

__all__ = [
    "ADA",
    "ARNE",
    "BOOLEAN",
    "BOT",
    "CHANGING",
    "COMMANDS",
    "DANA",
    "KEY",
    "KINDS",
    "MONDAY",
    "OPEN",
    "OPERATOR",
    "PIN_CLIENT",
    "PIN_SERVICE",
    "PRIYA",
    "TENANT",
    "TOM",
    "WISH",
    "Account",
    "AppState",
    "Aspect",
    "Audience",
    "Conversations",
    "Event",
    "Failure",
    "Fault",
    "Gap",
    "Gaps",
    "GraphCall",
    "GraphWrites",
    "Harness",
    "Held",
    "LookKind",
    "NewQuestion",
    "Note",
    "Outbox",
    "Person",
    "Place",
    "PlaceKind",
    "Plan",
    "Questions",
    "Reason",
    "RecoverySource",
    "Request",
    "Seen",
    "Sent",
    "SourceKind",
    "Stage",
    "State",
    "StepState",
    "TableRoles",
    "TenantHarness",
    "TenantState",
    "Time",
    "Verdict",
    "Votes",
    "World",
    "WriteResult",
    "anonymous",
    "answers",
    "apps",
    "assignment",
    "audit",
    "consent",
    "group",
    "harness",
    "heartbeat_names",
    "intune",
    "labels",
    "open_database",
    "people",
    "profile",
    "ready_tenant",
    "request_card",
    "right_profile",
    "row",
    "seen",
    "sent_cards",
    "simulate",
    "state",
    "state_of_tenant",
    "tenant_harness",
    "tenant_state",
]

Json = dict[str, Any]


RANKED = {"long: gaps"}  # names the answers that the model finds nearest: other utterances, another card


async def sent_cards() -> dict[str, Json]:
    """Every card of the gallery by its name, as it goes out in English. The marker of a new profile is random."""
    with one_id():
        replies = await gallery.replies()
    return {name: _card(reply) for name, reply in replies.items() if name not in RANKED}


def request_card(request: Request, known: dict[str, Account], viewer: str, nonce: str, *, approver: bool) -> Json:
    """A request's card as one person sees it who is an approver, or else an admin."""
    return _card(card.view(Shown(request, KINDS, known), Viewer(viewer, approver, not approver, nonce)))


def seen(apps: dict[str, AppState], *, granted: bool | None) -> Ending:
    """What a look at the consent showed."""
    ready = granted is True and set(apps.values()) == {AppState.ENABLED}
    return Ending(ready, {"apps": {app_id: state.value for app_id, state in apps.items()}, "grant": granted})


def heartbeat_names() -> list[str]:
    """Of those who work beside the chat, as the operator is told them."""
    return sorted(supervision.heartbeats(lambda: 0.0))


def labels() -> list[str]:
    """What a button may carry that stands for a text."""
    return sorted(model().heads[INTENT].labels)


def _card(reply: Any) -> Json:
    card = drawing.message(reply, "en").card
    assert card is not None
    return card
