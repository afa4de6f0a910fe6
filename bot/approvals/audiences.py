"""Who hears of what: one table."""

from dataclasses import replace

from bot.store.records import Audience, Change, Event

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
