"""All that the golden tests take from elsewhere, by its path: when rooms move, this file changes and no other one."""

from typing import Any

from bot import changes, drawing, gallery
from bot.approvals import assignment, looks, preparation
from bot.approvals.looks import Aspect, LookKind, Situation
from bot.approvals.outcomes import Seen
from bot.approvals.plan import APPS, Kind, Plan
from bot.approvals.refusals import Reason
from bot.commands import COMMANDS, _request_card
from bot.commands._request_card import Shown, Viewer
from bot.places import Places
from bot.rollout.facts import PIN_CLIENT, PIN_SERVICE, Account, AppState, Policy, PolicyKind, Value
from bot.rollout.failures import Failure
from bot.router import WISH
from bot.simulation import World, objects, people, simulate, state
from bot.simulation.state import CHANGING, Held
from bot.simulation.weather import Spell
from bot.store import audit
from bot.store.database import open_database
from bot.store.gaps import Gap, Gaps, Votes
from bot.store.outbox import Outbox
from bot.store.questions import Handed, Questions, Stage
from bot.store.records import (
    BOT,
    OPEN,
    OPERATOR,
    Audience,
    Event,
    Note,
    Request,
    State,
    StepState,
    Verdict,
)
from bot.tenant import Call, Outcome
from bot.tenant.writes import GraphWrites
from bot.turn import Person, Place, PlaceKind, Sent
from dialogs.understanding.model import INTENT, model
from dialogs.understanding.redact import anonymous
from dialogs.words.answers import answers
from tests.approvals.desk import (
    ADA,
    ARNE,
    DANA,
    KEY,
    MONDAY,
    PRIYA,
    TENANT,
    TOM,
    Desk,
    TableRoles,
    TenantDesk,
    Time,
    apps,
    desk,
    group,
    right_profile,
    row,
    situation,
    tenant_desk,
)
from tests.golden.ids import one_id

__all__ = [
    "ADA",
    "APPS",
    "ARNE",
    "BOT",
    "CHANGING",
    "COMMANDS",
    "DANA",
    "KEY",
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
    "Call",
    "Desk",
    "Event",
    "Failure",
    "Gap",
    "Gaps",
    "GraphWrites",
    "Handed",
    "Held",
    "Kind",
    "LookKind",
    "Note",
    "Outbox",
    "Outcome",
    "Person",
    "Place",
    "PlaceKind",
    "Places",
    "Plan",
    "Policy",
    "PolicyKind",
    "Questions",
    "Reason",
    "Request",
    "Seen",
    "Sent",
    "Situation",
    "Spell",
    "Stage",
    "State",
    "StepState",
    "TableRoles",
    "TenantDesk",
    "Time",
    "Value",
    "Verdict",
    "Votes",
    "World",
    "anonymous",
    "answers",
    "apps",
    "assignment",
    "audit",
    "desk",
    "group",
    "heartbeat_names",
    "labels",
    "looks",
    "objects",
    "open_database",
    "people",
    "preparation",
    "request_card",
    "right_profile",
    "row",
    "sent_cards",
    "simulate",
    "situation",
    "state",
    "tenant_desk",
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
    return _card(_request_card.view(Shown(request, known), Viewer(viewer, approver, not approver, nonce)))


def heartbeat_names() -> list[str]:
    """Of those who work beside the chat, as the operator is told them."""
    return sorted(changes._heartbeats(lambda: 0.0))


def labels() -> list[str]:
    """What a button may carry that stands for a text."""
    return sorted(model().heads[INTENT].labels)


def _card(reply: Any) -> Json:
    card = drawing.message(reply, "en").card
    assert card is not None
    return card
