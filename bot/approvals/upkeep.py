"""What time alone does to requests: remind, expire, give consent up."""

import logging
from datetime import datetime, timedelta

from bot.approvals import policy
from bot.approvals.clock import Clock
from bot.approvals.policy import Rules
from bot.approvals.told import told
from bot.errors import BotError, where
from bot.store.records import BOT, Change, Event, Request, State
from bot.store.requests import Lost, Requests

log = logging.getLogger(__name__)

CONSENT_LIFE = timedelta(days=7)  # since the links were given or last looked at


async def sweep(store: Requests, rules: Rules, clock: Clock) -> None:
    """Once over all that wait. Called every few seconds; doing it twice does nothing."""
    now = clock.moment((await store.snapshot(0)).high_water)
    for request in await store.in_states(State.WAITING, State.CONSENTING):
        try:
            if change := overdue(request, rules, now):
                await store.commit(told(change))
        except Lost:
            continue  # somebody was faster; the next sweep looks again
        except BotError:  # the store is away
            raise
        except Exception as error:  # noqa: BLE001 - one broken request must not stop the others
            log.error("request %d not looked after: %s", request.number, where(error))  # noqa: TRY400


def overdue(request: Request, rules: Rules, now: datetime) -> Change | None:
    """What is to be done about this request at this moment, if anything."""
    if request.state is State.CONSENTING:
        late = now >= request.changed_at + CONSENT_LIFE
        return Change(request, Event.UNCONFIRMED, BOT, now, State.UNCONFIRMED) if late else None
    if request.state is not State.WAITING:
        return None
    if policy.has_expired(request, now):
        return Change(request, Event.EXPIRED, BOT, now, State.EXPIRED)
    due = policy.reminders_due(request, now)
    if due > request.reminded and rules.hours.hold(now):
        return Change(request, Event.REMINDED, BOT, now, State.WAITING, reminded=due)
    return None
