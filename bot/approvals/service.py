"""Ask, decide, cancel, remind, expire, freeze: each a compare-and-swap with its audit row and what is to be told.

Returns data; words and cards are the chat side's.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.approvals import policy, upkeep
from bot.approvals.kind import Ending
from bot.approvals.plan import Plan
from bot.approvals.policy import Card, Case, Press, Rules, Who, with_audiences
from bot.approvals.refusals import Reason, Refused, Suspicious
from bot.approvals.upkeep import Behind, Clock
from bot.chat.deadlines import STANDARD, Deadlines
from bot.errors import BotError, StoreUnavailable
from bot.store.records import (
    BOT,
    Change,
    Decision,
    Event,
    Filing,
    Freeze,
    Note,
    Request,
    RequestPage,
    Snapshot,
    State,
    Verdict,
)
from bot.store.requests import Frozen, Lost, ObjectBusy, Requests, Tampered, TooManyOpen
from bot.store.seal import SealKey, decision_seal, nonce_of
from bot.tenant import Roles
from dialogs.words.replies import Text

log = logging.getLogger(__name__)

TRIES = 8  # of a change that others got in the way of
MOST_LISTED = 30  # requests on one card

_SUSPICIOUS = frozenset({Reason.OWN_REQUEST, Reason.NOT_APPROVER, Reason.FORGED, Reason.WRONG_TENANT})

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a press came to. The request as it is now; `refused`: why this press decided nothing.

    A press that is delivered again gets the ruling of the first delivery.
    """

    request: Request | None
    refused: Reason | None = None


class Approvals:
    """Everything that a person may do with a request. Raises Refused, or StoreUnavailable when nothing was stored."""

    def __init__(
        self,
        store: Requests,
        roles: Roles,
        rules: Rules,
        clock: Clock,
        key: SealKey,
        wake: Callable[[], None],
        deadlines: Deadlines = STANDARD,
    ) -> None:
        self._store = store
        self._roles = roles
        self._rules = rules
        self._clock = clock
        self._key = key
        self._suspicious = Suspicious()
        self._wake = wake  # tells the worker that there may be work
        self._deadlines = deadlines

    def nonce(self, request: Request) -> str:
        """What the buttons of this request's cards carry, beside its number and revision."""
        return nonce_of(self._key, request)

    async def request(self, number: int) -> Request | None:
        """One request as it is now."""
        return (await self._store.snapshot(number)).request

    @property
    def read_only(self) -> bool:
        """Did the operator stop all writing?"""
        return self._rules.read_only

    async def frozen(self) -> Freeze:
        """Is everything stopped? By whom and why; or who let it go on."""
        return (await self._store.snapshot(0)).freeze

    async def waiting(self, after: int = 0) -> RequestPage:
        """The oldest open requests, of those with a higher number."""
        requests = await self._store.open_after(after, MOST_LISTED + 1)
        return _page(requests, await self._store.count_open())

    async def open_of(self, object_id: str) -> list[Request]:
        """What one person asked for and is still open."""
        return await self._store.open_of(object_id.strip().lower())

    async def in_state(self, state: State) -> list[Request]:
        """All that stand there, oldest first."""
        return await self._store.in_states(state)

    async def requesters(self) -> frozenset[str]:
        """Everybody who asked for something that is still open."""
        return await self._store.requesters()

    async def history(self, days: int, before: int = 0) -> RequestPage:
        """The requests that changed last, within so many days; `before`: older ones than the request of that number."""
        snapshot = await self._store.snapshot(0)
        since = self._clock.moment(snapshot.high_water) - timedelta(days=days)
        return _page(await self._store.since(since, before, MOST_LISTED + 1), await self._store.count_since(since))

    async def clock_behind(self) -> Behind | None:
        """Does the clock of the machine show less than was seen already? Nothing is carried out then."""
        return self._clock.behind((await self._store.snapshot(0)).high_water)

    async def file(self, who: Who, plan: Plan, reason: str, supersedes: int | None = None) -> Request:
        """Ask for a change. Raises Refused; nothing is stored then."""
        snapshot = await self._store.snapshot(supersedes or 0)
        admin = await self._known(self._roles.is_admin(who.object_id))
        if refused := policy.may_file(self._rules, snapshot.freeze, who, reason, admin=admin):
            raise Refused(refused, most=policy.MOST_REASON)
        if not policy.same_id(plan.tenant_id, self._rules.tenant_id):
            raise Refused(Reason.WRONG_TENANT)
        await self._somebody_may_approve(who, plan.kind)
        filing = self._filing(who, plan, reason, snapshot)
        try:
            request = await self._store.file(filing)
        except ObjectBusy as busy:
            raise Refused(Reason.OBJECT_BUSY, request=str(busy)) from None
        except TooManyOpen:
            raise Refused(Reason.TOO_MANY_OPEN, most=self._rules.most_open) from None
        except Frozen:
            raise Refused(Reason.FROZEN) from None
        except Lost:
            raise Refused(Reason.WRONG_STATE) from None
        log.info("request %d filed: %s", request.number, request.kind)
        return request

    async def decide(self, press: Press) -> Ruling:
        """One verdict of one person. Nothing but the store and one look-up with a deadline; never Graph's writes."""
        for _ in range(TRIES):
            snapshot = await self._store.snapshot(press.number)
            if snapshot.request is None:
                return Ruling(None, Reason.UNKNOWN_REQUEST)
            case = self._case(press, snapshot.request, snapshot)
            if policy.repeats(case):
                return Ruling(snapshot.request)
            refused = policy.refusal(case)
            if refused is None:
                approver = await self._is_approver(press.who)
                refused = policy.refusal(replace(case, approver=approver))
            try:
                if refused:
                    return await self._refuse(case, refused)
                return await self._count(case)
            except Lost:
                continue
            except Tampered:
                await self._void(case.request, case.now)
                return Ruling(await self.request(press.number), Reason.TAMPERED)
        raise StoreUnavailable("deciding")

    async def cancel(self, number: int, who: Who, card: Card | None = None) -> Request:
        """Take a request back. `card`, here and below: what the pressed button carries; None for what was typed."""

        def allowed(request: Request) -> Reason | None:
            return policy.may_cancel(self._rules, request, who)

        return await self._act(number, who, Event.CANCELLED, State.CANCELLED, allowed, card)

    async def retry(self, number: int, who: Who, card: Card | None = None) -> Request:
        """Go on with what needs attention, or with what Microsoft's Multi Admin Approval held."""
        approver = await self._is_approver(who)

        def allowed(request: Request) -> Reason | None:
            return policy.may_step_in(self._rules, request, who, approver=approver, reason="-")

        request = await self._act(number, who, Event.RETRIED, State.RUNNING, allowed, card)
        self._wake()
        return request

    async def close(self, number: int, who: Who, reason: str) -> Request:
        """End what needs attention, by hand and with a reason."""
        approver = await self._is_approver(who)

        def allowed(request: Request) -> Reason | None:
            return policy.may_step_in(self._rules, request, who, approver=approver, reason=reason)

        evidence: dict[str, object] = {"closed_by": _actor(who), "closed_reason": policy.tidy(reason)}
        return await self._act(number, who, Event.CLOSED, State.CLOSED, allowed, evidence=evidence)

    async def verify(self, number: int, who: Who, ending: Ending, card: Card | None = None) -> Request:
        """What a look at the tenant showed of a request that waits for a human elsewhere; kept as evidence. A ready one
        is done with that."""
        admin = await self._known(self._roles.is_admin(who.object_id, fresh=True))
        if not admin:
            raise Refused(Reason.TRY_AGAIN if admin is None else Reason.NOT_ADMIN)
        event, state = (Event.DONE, State.DONE) if ending.ready else (Event.CONSENT_CHECKED, State.CONSENTING)

        def allowed(request: Request) -> Reason | None:
            return None if request.state is State.CONSENTING else Reason.WRONG_STATE

        at = self._clock.moment((await self._store.snapshot(0)).high_water)
        evidence = {**ending.evidence, "checked_at": at.isoformat()}
        return await self._act(number, who, event, state, allowed, card, evidence=evidence)

    async def freeze(self, who: Who, reason: str) -> Freeze:
        """Nothing is written any more; running work stops before its next write."""
        return await self._set_freeze(who, reason, frozen=True)

    async def unfreeze(self, who: Who) -> Freeze:
        """Writes may go on, from the next round. Raises Refused, StoreUnavailable."""
        freeze = await self._set_freeze(who, "-", frozen=False)
        self._wake()
        return freeze

    async def set_clock_right(self, who: Who) -> Behind:
        """An approver compared the clock of the machine and says that it is right: it counts again from now on."""
        if refused := policy.first(await self._checks_of_approver(who)):
            raise Refused(refused)
        behind = await upkeep.set_right(self._store, self._clock, _actor(who))
        self._wake()
        return behind

    def _case(self, press: Press, request: Request, snapshot: Snapshot) -> Case:
        now = self._clock.moment(snapshot.high_water)
        return Case(press, request, snapshot.freeze, self._rules, now)

    async def _count(self, case: Case) -> Ruling:
        press, request = case.press, case.request
        decision = Decision(press.who.object_id.lower(), press.verdict, case.now, policy.tidy(press.reason))
        decision = replace(decision, seal=decision_seal(self._key, request, decision))
        event, state = _outcome(request, press.verdict)
        change = Change(request, event, decision.approver, case.now, state, decision=decision)
        head = await self._store.commit(with_audiences(change))
        log.info("request %d %s, head of the audit %s", request.number, event, head)
        if state is State.APPROVED:
            self._wake()
        return Ruling((await self._store.snapshot(request.number)).request)

    async def _refuse(self, case: Case, refused: Reason) -> Ruling:
        """A no changes nothing, except that what is over its time is latched as expired. Suspicious ones are kept."""
        request = case.request
        if refused is Reason.EXPIRED and request.state is State.WAITING:
            await self._store.commit(with_audiences(Change(request, Event.EXPIRED, BOT, case.now, State.EXPIRED)))
            return Ruling((await self._store.snapshot(request.number)).request, refused)
        actor, suspicious = _actor(case.press.who), refused in _SUSPICIOUS
        if suspicious and self._suspicious.is_listed(actor, request.number, case.now):
            await self._store.note(Event.REFUSED, actor, case.now, request.number, {"refused": refused.value})
        return Ruling(request, refused)

    async def audit_counted(self) -> None:
        """The presses that were refused and not audited one by one, as a number for each hour that is over."""
        now = self._clock.moment((await self._store.snapshot(0)).high_water)
        for person, number, count in self._suspicious.ended(now):
            await self._store.note(Event.REFUSED, person, now, number, {"refused": "more", "count": count})

    async def _act(
        self,
        number: int,
        who: Who,
        event: Event,
        state: State,
        allowed: Callable[[Request], Reason | None],
        card: Card | None = None,
        evidence: dict[str, object] | None = None,
    ) -> Request:
        for _ in range(TRIES):
            snapshot = await self._store.snapshot(number)
            if snapshot.request is None:
                raise Refused(Reason.UNKNOWN_REQUEST)
            if refused := allowed(snapshot.request) or (policy.stale(card, snapshot.request) if card else None):
                raise Refused(refused, state=Text(f"request.state.{snapshot.request.state}"))
            change = Change(
                of=snapshot.request,
                event=event,
                actor=_actor(who),
                at=self._clock.moment(snapshot.high_water),
                state=state,
                note=Note.NONE if state is State.DONE else snapshot.request.note,  # nothing is left to be done
                evidence=json.loads(snapshot.request.evidence) | (evidence or {}),
                retried=event is Event.RETRIED,
            )
            try:
                await self._store.commit(with_audiences(change))
            except Lost:
                continue
            except Tampered:
                await self._void(change.of, change.at)
                raise Refused(Reason.TAMPERED) from None
            return await self._now(number)
        raise StoreUnavailable(event.value)

    async def _now(self, number: int) -> Request:
        request = (await self._store.snapshot(number)).request
        assert request is not None  # requests are never deleted
        return request

    async def _set_freeze(self, who: Who, reason: str, *, frozen: bool) -> Freeze:
        theirs = await self._checks_of_approver(who)
        for _ in range(TRIES):
            snapshot = await self._store.snapshot(0)
            checks = (
                *theirs,
                (Reason.REASON_MISSING, not policy.tidy(reason)),
                (Reason.ALREADY_FROZEN if frozen else Reason.NOT_FROZEN, snapshot.freeze.frozen is frozen),
            )
            if refused := policy.first(checks):
                raise Refused(refused)
            at = self._clock.moment(snapshot.high_water)
            try:
                await self._store.set_freeze(
                    snapshot.freeze, frozen=frozen, actor=_actor(who), reason=policy.tidy(reason), at=at
                )
            except Lost:
                continue
            return (await self._store.snapshot(0)).freeze
        raise StoreUnavailable("freeze")

    async def _somebody_may_approve(self, who: Who, kind: str) -> None:
        needed = self._rules.approvals(kind)
        others = await self._known(self._roles.approvers())
        if others is None:
            raise Refused(Reason.TRY_AGAIN)
        if len({one for one in others if not policy.same_id(one, who.object_id)}) < needed:
            raise Refused(Reason.NOBODY_TO_APPROVE, needed=needed)

    def _filing(self, who: Who, plan: Plan, reason: str, snapshot: Snapshot) -> Filing:
        old = snapshot.request
        if old and not (policy.same_id(old.requester, who.object_id) and old.state is State.WAITING):
            raise Refused(Reason.WRONG_STATE, state=Text(f"request.state.{old.state}"))
        at = self._clock.moment(snapshot.high_water)
        return Filing(
            kind=plan.kind,
            object_key=plan.object_key,
            plan=plan.canonical(),
            digest=plan.digest(),
            requester=_actor(who),
            reason=policy.tidy(reason),
            needed=self._rules.approvals(plan.kind),
            at=at,
            expires_at=at + self._rules.life,
            most_open=self._rules.most_open,
            supersedes=old,
        )

    async def _void(self, request: Request, at: datetime) -> None:
        with suppress(Lost):  # somebody was faster
            await self._store.commit(policy.void_as_tampered(request, at))

    async def _checks_of_approver(self, who: Who) -> tuple[tuple[Reason, bool], ...]:
        approver = await self._is_approver(who)
        return (
            (Reason.WRONG_TENANT, not policy.same_id(who.tenant_id, self._rules.tenant_id)),
            (Reason.TRY_AGAIN, approver is None),
            (Reason.NOT_APPROVER, approver is False),
        )

    async def _is_approver(self, who: Who) -> bool | None:
        """Asked now: what a person decides counts at once, and who was removed a moment ago decides nothing."""
        return await self._known(self._roles.is_approver(who.object_id, fresh=True))

    async def _known(self, look_up: Awaitable[Answer]) -> Answer | None:
        """None when the tenant does not say in time: then nobody has a right."""
        try:
            async with asyncio.timeout(self._deadlines.role):
                return await look_up
        except (BotError, TimeoutError):
            return None


def _page(found: list[Request], total: int) -> RequestPage:
    """One more was read than is shown, to know whether there are more."""
    return RequestPage(tuple(found[:MOST_LISTED]), total, more=len(found) > MOST_LISTED)


def _outcome(request: Request, verdict: Verdict) -> tuple[Event, State]:
    """Any rejection ends it; the last approval that is needed hands it to the worker."""
    if verdict is Verdict.REJECT:
        return Event.REJECTED, State.REJECTED
    if len(request.decisions) + 1 >= request.needed:
        return Event.APPROVED, State.APPROVED
    return Event.ENDORSED, State.WAITING


def _actor(who: Who) -> str:
    return who.object_id.strip().lower()
