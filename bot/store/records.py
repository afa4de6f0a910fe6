"""What is kept of requests, as data. Pure: the rules decide on these without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"  # for approvers
    APPROVED = "approved"  # for the worker
    RUNNING = "running"
    HELD = "held"  # Microsoft's own Multi Admin Approval of the tenant comes first; continued by retry
    ATTENTION = "attention"  # a human must look: retry or close
    CONSENTING = "consenting"  # the consent links are given; until somebody verifies, at most a week
    DONE = "done"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    VOID = "void"  # approved, but no longer what the approver saw
    CLOSED = "closed"  # by a second person, with a reason
    UNCONFIRMED = "unconfirmed"  # consent that nobody verified in time


OPEN = frozenset(
    {State.WAITING, State.APPROVED, State.RUNNING, State.HELD, State.ATTENTION, State.CONSENTING},
)


class Verdict(StrEnum):
    """What an approver says."""

    APPROVE = "approve"
    REJECT = "reject"


class StepState(StrEnum):
    """INTENT without an outcome means: perhaps written, perhaps not."""

    INTENT = "intent"
    HELD = "held"
    DONE = "done"


class Event(StrEnum):
    """What happened: the word of the audit, and the topic of what is told."""

    FILED = "filed"
    ENDORSED = "endorsed"  # one approval of several that are needed
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"  # a press that decided nothing
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REMINDED = "reminded"
    STARTED = "started"
    INTENT = "intent"
    STEP_DONE = "step_done"
    HELD = "held"
    ATTENTION = "attention"
    RETRIED = "retried"
    VOID = "void"
    CONSENTING = "consenting"
    CONSENT_CHECKED = "consent_checked"
    UNCONFIRMED = "unconfirmed"
    DONE = "done"
    CLOSED = "closed"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    CLOCK_BEHIND = "clock_behind"  # the store has seen a later moment than the wall clock shows
    LOOKED_UP = "looked_up"  # the help desk or an admin saw somebody's PCs
    STEPS_SENT = "steps_sent"  # the help desk put the steps into somebody's own chat
    CLOCK_SET = "clock_set"  # somebody vouched for the wall clock; also of each request that was dated anew


HARMLESS = frozenset(
    {  # these lead to no write, whatever a hand has done to the request
        Event.REMINDED,
        Event.REJECTED,
        Event.CANCELLED,
        Event.SUPERSEDED,
        Event.EXPIRED,
        Event.VOID,
        Event.UNCONFIRMED,
        Event.CLOSED,
    },
)


class Note(StrEnum):
    """Why a request is void, held or needs attention. The sentence is `approvals.note.<note>`."""

    NONE = ""
    APPROVER_LEFT = "approver_left"
    TENANT_CHANGED = "tenant_changed"  # no longer the state that the plan was computed from; nothing was written
    TAMPERED = "tampered"  # the stored request, decision or plan is not what the bot stored
    CLOCK_JUMPED = "clock_jumped"
    OUTCOME_UNKNOWN = "outcome_unknown"  # sent, no answer, and reads don't show it
    NOT_SEEN = "not_seen"  # accepted, but reads don't show it
    CHANGED_MEANWHILE = "changed_meanwhile"  # somebody else changed the same object while the bot was at work
    TENANT_REFUSED = "tenant_refused"
    TENANT_AWAY = "tenant_away"  # for an hour
    MULTI_ADMIN = "multi_admin"
    UNEXPECTED = "unexpected"
    APPROVAL_OLD = "approval_old"  # too long ago to be acted on
    REQUESTER_LEFT = "requester_left"
    GROUP_GREW = "group_grew"  # it would reach more than the approver saw


class Audience(StrEnum):
    """To whom something is told; who that is, the chat side looks up."""

    CARDS = "cards"  # all copies of the request's card are drawn anew
    REQUESTER = "requester"
    APPROVERS = "approvers"
    WAITING = "waiting"  # requesters and approvers of all open requests


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict of one approver. `head`: of the audit chain right after it, for the card."""

    approver: str
    verdict: Verdict
    at: datetime
    reason: str = ""
    seal: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One write of a plan, as far as it got. `client_request_id` is ours, `request_id` Graph's."""

    position: int
    state: StepState
    tries: int
    at: datetime  # of the newest intent
    client_request_id: str = ""
    request_id: str = ""
    status: int | None = None
    approval_code: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A change that was asked for. `plan` is the canonical JSON of approvals.plan.Plan."""

    number: int
    kind: str
    object_key: str
    state: State
    revision: int
    plan: str
    digest: str
    seal: str
    nonce_hash: str
    requester: str
    reason: str
    needed: int
    created_at: datetime
    expires_at: datetime
    changed_at: datetime
    reminded: int = 0
    retries: int = 0
    note: Note = Note.NONE
    evidence: str = "{}"  # JSON: what is known when a human must look
    decisions: tuple[Decision, ...] = ()
    steps: tuple[StepRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing is written any more, until somebody lifts it."""

    frozen: bool
    revision: int
    actor: str = ""
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one decision rests on; `high_water` is the latest moment that the store has seen."""

    request: Request | None
    freeze: Freeze
    high_water: datetime


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some requests of a list; `total`: how many the whole list has; `more`: do others follow these?"""

    requests: tuple[Request, ...]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Filing:
    """A request to be stored; its number is not known yet."""

    kind: str
    object_key: str
    plan: str
    digest: str
    requester: str
    reason: str
    needed: int
    at: datetime
    expires_at: datetime
    most_open: int
    supersedes: Request | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of a request, stored whole or not at all, and only while it still is `of`."""

    of: Request
    event: Event
    actor: str  # an object id, or BOT
    at: datetime
    state: State
    tell: tuple[tuple[Event, Audience], ...] = ()
    decision: Decision | None = None
    step: StepRecord | None = None
    note: Note | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    reminded: int | None = None
    retried: bool = False
    unless_frozen: bool = False

    @property
    def revision(self) -> int:
        """Of the request afterwards. A reminder leaves it: the cards that are out stay good."""
        return self.of.revision + (self.event is not Event.REMINDED)


BOT = "bot"
OPERATOR = "operator"  # whoever may run commands on the bot's machine
REMINDERS = (0.25, 0.75)  # parts of a request's life after which its approvers are reminded


def remind_at(created_at: datetime, expires_at: datetime, reminded: int) -> datetime | None:
    """When the next reminder is due; None when all have gone out."""
    life: timedelta = expires_at - created_at
    return created_at + life * REMINDERS[reminded] if reminded < len(REMINDERS) else None
