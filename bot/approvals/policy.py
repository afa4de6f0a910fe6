"""May this person do this, now? Pure: each check is a row, the first that fails is the reason."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from bot.approvals.refusals import Reason
from bot.store.records import (
    BOT,
    REMINDERS,
    Audience,
    Change,
    Decision,
    Event,
    Freeze,
    Note,
    Request,
    State,
    Verdict,
)
from bot.store.seal import digest, same

_ALL = (Audience.CARDS, Audience.REQUESTER, Audience.APPROVERS)
_SOME = (Audience.CARDS, Audience.REQUESTER)
TOLD: dict[Event, tuple[Audience, ...]] = {
    Event.ENDORSED: (Audience.CARDS,),
    Event.APPROVED: _SOME,
    Event.REJECTED: _SOME,
    Event.CANCELLED: (Audience.CARDS,),
    Event.SUPERSEDED: (Audience.CARDS,),
    Event.EXPIRED: _ALL,
    Event.REMINDED: (Audience.APPROVERS,),
    Event.STARTED: (Audience.CARDS,),
    Event.STEP_DONE: (Audience.CARDS,),
    Event.HELD: _SOME,
    Event.ATTENTION: _ALL,
    Event.RETRIED: (Audience.CARDS,),
    Event.VOID: _ALL,
    Event.CONSENTING: _SOME,
    Event.CONSENT_CHECKED: (Audience.CARDS,),
    Event.UNCONFIRMED: _SOME,
    Event.DONE: _SOME,
    Event.CLOSED: _SOME,
}


def with_audiences(change: Change) -> Change:
    """The change with all who hear of it."""
    return replace(change, tell=tuple((change.event, audience) for audience in TOLD.get(change.event, ())))


def void_as_tampered(request: Request, at: datetime) -> Change:
    """The end of a request that is not as it was stored."""
    return with_audiences(Change(request, Event.VOID, BOT, at, State.VOID, note=Note.TAMPERED))


MOST_REASON = 1000  # characters


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody as the verified activity names them: tenant and object id, never a name."""

    tenant_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Hours:
    """The operator's working hours; reminders wait for them."""

    zone: tzinfo
    days: frozenset[int] = frozenset(range(5))  # Monday is 0
    start: int = 8
    end: int = 18

    def hold(self, moment: datetime) -> bool:
        """Is it working time?"""
        local = moment.astimezone(self.zone)
        return local.weekday() in self.days and self.start <= local.hour < self.end


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator sets."""

    tenant_id: str
    hours: Hours
    life: timedelta = timedelta(hours=24)
    needed: Mapping[str, int] = field(default_factory=dict)  # approvals by kind, where more than one
    reason_pattern: str = ""  # e.g. a ticket number; must be found in the reason
    read_only: bool = False
    most_open: int = 3  # requests of one person

    def approvals(self, kind: str) -> int:
        """How many different people must approve."""
        return self.needed.get(kind, 1)


@dataclass(frozen=True, slots=True)
class Card:
    """What a button of a request's card carries: client data, all of it."""

    nonce: str
    revision: int | None  # None where an old card does no harm
    automatic: bool = False  # the client refreshed the card by itself


@dataclass(frozen=True, slots=True)
class Press:
    """A press of Approve or Reject. Everything but `who` is client data."""

    who: Who
    number: int
    card: Card
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A press and all that it is judged by. `approver`: is the person in the group; None: not known in time."""

    press: Press
    request: Request
    freeze: Freeze
    rules: Rules
    now: datetime
    approver: bool | None = True


_MARKS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILES = re.compile(f"({_MARKS}{{2}}){_MARKS}+")  # no script that is read here sets a third mark on a letter
_Check = tuple[Reason, Callable[[Case], bool]]
_CHECKS: tuple[_Check, ...] = (
    (Reason.AUTOMATIC, lambda case: case.press.card.automatic),
    (Reason.WRONG_TENANT, lambda case: not same_id(case.press.who.tenant_id, case.rules.tenant_id)),
    (Reason.FORGED, lambda case: not _genuine(case.press.card, case.request)),
    (Reason.OWN_REQUEST, lambda case: same_id(case.press.who.object_id, case.request.requester)),
    (Reason.TRY_AGAIN, lambda case: case.approver is None),
    (Reason.NOT_APPROVER, lambda case: case.approver is False),
    (Reason.ALREADY_VOTED, lambda case: verdict_of(case.request, case.press.who.object_id) is not None),
    (Reason.CANCELLED, lambda case: case.request.state is State.CANCELLED),
    (Reason.SUPERSEDED, lambda case: case.request.state is State.SUPERSEDED),
    (Reason.EXPIRED, lambda case: case.request.state is State.EXPIRED),
    (Reason.ALREADY_DECIDED, lambda case: case.request.state is not State.WAITING),
    (Reason.EXPIRED, lambda case: has_expired(case.request, case.now)),
    (Reason.STALE_CARD, lambda case: case.press.card.revision != case.request.revision),
    (Reason.READ_ONLY, lambda case: case.press.verdict is Verdict.APPROVE and case.rules.read_only),
    (Reason.FROZEN, lambda case: case.press.verdict is Verdict.APPROVE and case.freeze.frozen),
    (Reason.REJECTION_REASON, lambda case: case.press.verdict is Verdict.REJECT and not tidy(case.press.reason)),
    (Reason.REASON_LONG, lambda case: len(tidy(case.press.reason)) > MOST_REASON),
)


def refusal(case: Case) -> Reason | None:
    """Why the press decides nothing, or None. The tenant and the nonce come first: a stranger learns no state."""
    return next((reason for reason, fails in _CHECKS if fails(case)), None)


def repeats(case: Case) -> bool:
    """Is this the press that was already counted, delivered again (Teams' own retry, a double click)?"""
    press, request = case.press, case.request
    mine = verdict_of(request, press.who.object_id)
    genuine = same_id(press.who.tenant_id, case.rules.tenant_id) and _genuine(press.card, request)
    return genuine and not press.card.automatic and mine is not None and mine.verdict is press.verdict


def stale(card: Card, request: Request) -> Reason | None:
    """Why a button does nothing, whatever it says, or None."""
    checks = (
        (Reason.AUTOMATIC, card.automatic),
        (Reason.FORGED, not _genuine(card, request)),
        (Reason.STALE_CARD, card.revision not in {None, request.revision}),
    )
    return first(checks)


def _genuine(card: Card, request: Request) -> bool:
    return same(digest(card.nonce), request.nonce_hash)


def may_file(rules: Rules, freeze: Freeze, who: Who, reason: str, *, admin: bool | None) -> Reason | None:
    """Why nothing can be asked for, or None."""
    checks = (
        (Reason.WRONG_TENANT, not same_id(who.tenant_id, rules.tenant_id)),
        (Reason.TRY_AGAIN, admin is None),
        (Reason.NOT_ADMIN, admin is False),
        (Reason.READ_ONLY, rules.read_only),
        (Reason.FROZEN, freeze.frozen),
        (Reason.REASON_MISSING, not tidy(reason)),
        (Reason.REASON_LONG, len(tidy(reason)) > MOST_REASON),
        (Reason.REASON_PATTERN, re.search(rules.reason_pattern, tidy(reason)) is None),
    )
    return first(checks)


def may_step_in(rules: Rules, request: Request, who: Who, *, approver: bool | None, reason: str) -> Reason | None:
    """Retry or close what needs attention: an approver, and never the requester alone. `reason`: given or not needed.

    What Microsoft's Multi Admin Approval holds was approved here already, so its requester may go on with it.
    """
    own = same_id(who.object_id, request.requester)
    checks = (
        (Reason.WRONG_TENANT, not same_id(who.tenant_id, rules.tenant_id)),
        (Reason.TRY_AGAIN, approver is None),
        (Reason.NOT_APPROVER, approver is False and not own),
        (Reason.WRONG_STATE, request.state not in {State.HELD, State.ATTENTION}),
        (Reason.SECOND_PERSON, own and request.state is not State.HELD),
        (Reason.REASON_MISSING, not tidy(reason)),
    )
    return first(checks)


def may_cancel(rules: Rules, request: Request, who: Who) -> Reason | None:
    """The requester alone, until the worker has begun; consent, until somebody verified it."""
    checks = (
        (Reason.WRONG_TENANT, not same_id(who.tenant_id, rules.tenant_id)),
        (Reason.NOT_REQUESTER, not same_id(who.object_id, request.requester)),
        (Reason.WRONG_STATE, request.state not in {State.WAITING, State.APPROVED, State.CONSENTING}),
    )
    return first(checks)


def first(checks: Iterable[tuple[Reason, bool]]) -> Reason | None:
    """The reason of the first check that failed."""
    return next((reason for reason, failed in checks if failed), None)


def has_expired(request: Request, now: datetime) -> bool:
    """From the very moment on."""
    return now >= request.expires_at


def is_young(request: Request, now: datetime, life: timedelta) -> bool:
    """Was it approved not too long ago to be acted on? What the tenant itself approved since has an age of its own."""
    held = any(step.approval_code for step in request.steps)
    return held or all(now - decision.at < life for decision in request.decisions)


def verdict_of(request: Request, object_id: str) -> Decision | None:
    """What this person has said, if anything."""
    return next((one for one in request.decisions if same_id(one.approver, object_id)), None)


def reminders_due(request: Request, now: datetime) -> int:
    """How many reminders should have gone out."""
    life = request.expires_at - request.created_at
    return sum(now >= request.created_at + life * part for part in REMINDERS)


def same_id(one: str, other: str) -> bool:
    """The same object id, however it is written."""
    return _plain(one) == _plain(other) != ""


def _plain(value: str) -> str:
    return value.strip().strip("{}").lower()


def tidy(reason: str) -> str:
    """What a person wrote, without what can't be seen, turns the line around or piles up on one letter."""
    seen = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", reason))
    return " ".join(_PILES.sub(r"\1", seen).split())
