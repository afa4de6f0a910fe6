"""What time alone does to requests (remind, expire, give consent up), and what is done when the clock is not right."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.approvals import policy
from bot.approvals.policy import Rules, with_audiences
from bot.approvals.refusals import Reason, Refused
from bot.errors import BotError, where
from bot.store.records import BOT, Change, Event, Request, State
from bot.store.requests import Lost, Requests

JUMP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Behind:
    """The wall clock shows `shown`, and the store has seen `seen`, which is more than JUMP later."""

    shown: datetime
    seen: datetime


class Clock:
    """The wall clock beside a monotonic one (seconds), which nobody can set."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._now = now
        self._monotonic = monotonic
        self._seen = (now(), monotonic())

    def moment(self, high_water: datetime) -> datetime:
        """Now, but never before what the store has seen: what has expired stays so."""
        return max(self._now(), high_water)

    def behind(self, high_water: datetime) -> Behind | None:
        """Is the wall clock behind the store? Either it was ahead once, or it has been set back: a human must say."""
        now = self._now()
        return Behind(now, high_water) if high_water - now > JUMP else None

    def jumped(self, high_water: datetime) -> bool:
        """Since the last call: were the two clocks more than five minutes apart? Or: is the wall clock so far behind?

        A suspended machine counts too: its monotonic clock stands still.
        """
        wall, steady = self._now(), self._monotonic()
        passed, measured = wall - self._seen[0], timedelta(seconds=steady - self._seen[1])
        self._seen = (wall, steady)
        apart = abs(passed - measured) > JUMP
        if apart:
            log.warning("the clock jumped by %s: what is approved now waits for a human", passed - measured)
        return apart or self.behind(high_water) is not None


log = logging.getLogger(__name__)

CONSENT_LIFE = timedelta(days=7)  # since the links were given or last looked at


async def sweep(store: Requests, rules: Rules, clock: Clock) -> None:
    """Deal with what is due now. Called every few seconds; doing it twice does nothing."""
    now = clock.moment((await store.snapshot(0)).high_water)
    for request in await store.due(now, now - CONSENT_LIFE, remind=rules.hours.hold(now)):
        try:
            if change := overdue(request, rules, now):
                await _commit(store, change)
        except BotError:  # the store is away
            raise
        except Exception as error:  # noqa: BLE001 - one broken request must not stop the others
            log.error("request %d not looked after: %s", request.number, where(error))  # noqa: TRY400


def overdue(request: Request, rules: Rules, now: datetime) -> Change | None:
    """What is to be done about this request at this moment, if anything."""
    if change := _over(request, now):
        return change
    due = policy.reminders_due(request, now)
    if request.state is State.WAITING and due > request.reminded and rules.hours.hold(now):
        return Change(request, Event.REMINDED, BOT, now, State.WAITING, reminded=due)
    return None


async def tell_behind(store: Requests, clock: Clock, high_water: datetime) -> None:
    """Approvers and the log hear once that the wall clock is behind the store, whatever else stops the bot."""
    behind = clock.behind(high_water)
    if behind and await store.clock_behind(behind.seen, behind.shown):
        log.warning(
            "the clock shows %s, the store has seen %s: nothing is carried out until an approver writes 'clock is "
            "right', or the operator runs 'python -m bot clock --set-right'",
            behind.shown.isoformat(),
            behind.seen.isoformat(),
        )


async def set_right(store: Requests, clock: Clock, actor: str) -> Behind:
    """Somebody has compared the wall clock and says that it is right. Raises Refused when it is not behind.

    What has expired by the store's time is latched first: a clock that was set back revives nothing.
    """
    behind = clock.behind((await store.snapshot(0)).high_water)
    if behind is None:
        raise Refused(Reason.CLOCK_RIGHT)
    while due := await store.due(behind.seen, behind.seen - CONSENT_LIFE, remind=False):
        for request in due:
            if change := _over(request, behind.seen):
                await _commit(store, change)
    try:
        await store.set_clock(behind.seen, behind.shown, actor)
    except Lost:
        raise Refused(Reason.CLOCK_RIGHT) from None
    log.warning("the clock was set right from %s to %s", behind.seen.isoformat(), behind.shown.isoformat())
    return behind


def _over(request: Request, now: datetime) -> Change | None:
    if request.state is State.CONSENTING and now >= request.changed_at + CONSENT_LIFE:
        return Change(request, Event.UNCONFIRMED, BOT, now, State.UNCONFIRMED)
    if request.state is State.WAITING and policy.has_expired(request, now):
        return Change(request, Event.EXPIRED, BOT, now, State.EXPIRED)
    return None


async def _commit(store: Requests, change: Change) -> None:
    try:
        await store.commit(with_audiences(change))
    except Lost:
        return  # somebody was faster; the next look tells
