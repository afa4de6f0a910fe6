"""A request: see it, decide it, take it back, go on with it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from bot.approvals import card
from bot.approvals.card import Shown, Viewer
from bot.approvals.policy import MOST_REASON, Card, Press, Who, same_id
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.preview import request_of
from bot.changes.rollout_status import confirmation
from bot.chat.command import Answer, Asked, Changing, Command, For, Neighbours, View
from bot.chat.notices import WORKING, no_role, note, sentences
from bot.chat.turn import PlaceKind, Sent
from bot.errors import BotError, StoreUnavailable
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Account
from bot.store.records import Request, Verdict
from dialogs.words.replies import Details, Reply, Say, Text


async def show(asked: Asked, neighbours: Neighbours) -> Answer:
    """One request as this person sees it; also what a client's own refresh asks for, which never decides."""
    return await _shown(asked, neighbours, await request_of(_numbered(asked), neighbours.changing.approvals))


async def decide(asked: Asked, neighbours: Neighbours) -> Answer:
    """Approve or reject. What the button carries is checked against what is stored, and counts only once."""
    values, approvals = asked.values, neighbours.changing.approvals
    card = _pressed(asked)
    if card is None or not _is_number(values.get("request", "")):
        raise Refused(Reason.STALE_CARD)
    press = Press(
        who=_who(asked),
        number=int(values["request"]),
        card=card,
        verdict=Verdict.APPROVE if values.get("verb") == "request.approve" else Verdict.REJECT,
        reason=values.get("reason", ""),
    )
    ruling = await approvals.decide(press)
    if ruling.request is None:
        raise Refused(ruling.refused or Reason.UNKNOWN_REQUEST)
    refused = sentences(Refused(ruling.refused, most=str(MOST_REASON))) if ruling.refused else ()
    return await _shown(asked, neighbours, ruling.request, refused)


async def cancel(asked: Asked, neighbours: Neighbours) -> Answer:
    """The requester takes a request back; without a number the one that is theirs, if there is just one."""
    number = await _own_if_unnamed(asked, neighbours.changing)
    return await _done(
        asked, neighbours, number, neighbours.changing.approvals.cancel(number, _who(asked), _pressed(asked))
    )


async def retry(asked: Asked, neighbours: Neighbours) -> Answer:
    """Go on with what needs attention or was held."""
    number = (await request_of(_numbered(asked), neighbours.changing.approvals)).number
    return await _done(
        asked, neighbours, number, neighbours.changing.approvals.retry(number, _who(asked), _pressed(asked))
    )


async def close(asked: Asked, neighbours: Neighbours) -> Answer:
    """End what needs attention, with a reason."""
    number = (await request_of(_numbered(asked), neighbours.changing.approvals)).number
    reason = asked.values.get("reason", "")
    return await _done(asked, neighbours, number, neighbours.changing.approvals.close(number, _who(asked), reason))


async def verify(asked: Asked, neighbours: Neighbours) -> Answer:
    """Look at the two apps and the grant; a press is answered at once, the look comes after."""
    shown = await working(asked, neighbours)
    view = shown.view and replace(shown.view, act=lambda: _verified(asked, neighbours))
    return replace(shown, view=view)


async def working(asked: Asked, neighbours: Neighbours) -> Answer:
    """One moment, on the request's own card, whose buttons stay whatever comes of it."""
    request = await request_of(_numbered(asked), neighbours.changing.approvals)
    return await _shown(asked, neighbours, request, (WORKING.title, *WORKING.paragraphs))


async def _verified(asked: Asked, neighbours: Neighbours) -> None:
    changing, number = neighbours.changing, int(_numbered(asked)["number"])
    found = await tenant_state.consent(changing.tenant, changing.tenant_id)
    apps = {app_id: tenant_state.app_state(found.apps, app_id) for app_id in (PIN_SERVICE, PIN_CLIENT)}
    confirmed = await confirmation(changing, found)
    pressed = _pressed(asked)
    card = replace(pressed, revision=None) if pressed else None  # a look, which may be taken from an old card too
    await changing.approvals.verify(number, _who(asked), apps, confirmed=confirmed, card=card)


async def people(ids: Iterable[str], changing: Changing, seconds: float | None = None) -> dict[str, Account]:
    """Who they are, as far as the tenant says in time: the shortest of the deadlines, unless told otherwise."""
    seconds = changing.deadlines.name if seconds is None else seconds
    wanted = sorted(set(ids))
    found = await asyncio.gather(*(_account(one, changing, seconds) for one in wanted))
    return {one: account for one, account in zip(wanted, found, strict=True) if account}


async def _account(object_id: str, changing: Changing, seconds: float) -> Account | None:
    try:
        async with asyncio.timeout(seconds):
            return await changing.people.account(object_id)
    except (BotError, TimeoutError):
        return None


async def drawable(request: Request, changing: Changing, seconds: float | None = None) -> Shown:
    """The request with the names of all who stand on its card."""
    unreached = await changing.unreached(request)
    known = await people({*card.named(request), *unreached}, changing, seconds)
    return Shown(request, known, tuple(card.name(one, known) for one in sorted(unreached)))


async def _card(
    asked: Asked, neighbours: Neighbours, request: Request, outcome: tuple[Text, ...] = ()
) -> Say | Details:
    """The request as this person sees it, or why they may not."""
    changing, person = neighbours.changing, asked.turn.person.object_id
    shown = Shown(request, await people(card.named(request), changing))
    try:
        async with asyncio.timeout_at(asked.until):
            approver, admin = await neighbours.roles.is_approver(person), await neighbours.roles.is_admin(person)
            if (approver or admin) and same_id(request.requester, person):
                shown = await drawable(request, changing)
    except (BotError, TimeoutError):
        return await _without_role(asked, changing, shown, note("errors.role_unknown"), outcome)
    if not (approver or admin):
        return await _without_role(asked, changing, shown, no_role(For.STAFF, neighbours.help_desk), outcome)
    viewer = Viewer(person, approver, admin, changing.approvals.nonce(request))
    return card.view(shown, viewer, outcome=outcome)


async def _without_role(
    asked: Asked, changing: Changing, shown: Shown, refusal: Say, outcome: tuple[Text, ...]
) -> Say | Details:
    """The base for who reads it anyway where it was pressed. A client's own refresh asked for no refusal."""
    pressed = asked.values.get("verb")
    if pressed and not await changing.shows(shown.request.number, Sent(asked.turn.place, asked.turn.card_id)):
        return refusal
    return card.base(shown, outcome=() if asked.turn.automatic else (*outcome, *refusal.paragraphs))


async def _shown(asked: Asked, neighbours: Neighbours, request: Request, outcome: tuple[Text, ...] = ()) -> Answer:
    """The card, and where it was sent is kept: this copy too is drawn anew when something happens."""
    changing, person = neighbours.changing, asked.turn.person.object_id
    reply = await _card(asked, neighbours, request, outcome)
    if isinstance(reply, Say):
        return Answer(reply, passing=True)

    async def base() -> tuple[Reply, int]:
        now = await changing.approvals.request(request.number) or request
        return card.base(await drawable(now, changing, changing.deadlines.look)), now.revision

    async def own(outcome: tuple[Text, ...]) -> tuple[Reply, int]:
        now = await changing.approvals.request(request.number) or request
        in_time = replace(asked, until=asyncio.get_running_loop().time() + changing.deadlines.look)
        return await _card(in_time, neighbours, now, outcome), now.revision

    async def sent(sent: Sent) -> None:
        if sent.place.kind is not PlaceKind.PERSONAL:  # a press says only what its client says of the message
            return
        with suppress(StoreUnavailable):  # the card is there all the same; it is only not drawn anew
            if not await changing.shows(request.number, sent):
                await changing.remember(request.number, sent, person)

    return Answer(reply, view=View(request.revision, base, own), sent=sent)


async def _done(asked: Asked, neighbours: Neighbours, number: int, act: Awaitable[Request]) -> Answer:
    """The card after the act; what fails on a press leaves the card there, with the reason."""
    try:
        return await _shown(asked, neighbours, await act)
    except BotError as error:
        request = await neighbours.changing.approvals.request(number) if asked.values.get("verb") else None
        if request is None:
            raise
        return await _shown(asked, neighbours, request, sentences(error))


def _pressed(asked: Asked) -> Card | None:
    """What the button carried; None for what was typed."""
    values, revision = asked.values, asked.values.get("revision", "")
    if not values.get("verb"):
        return None
    return Card(values.get("nonce", ""), int(revision) if _is_number(revision) else -1, asked.turn.automatic)


def _is_number(text: str) -> bool:
    return text.isdigit() and len(text) < 10


async def _own_if_unnamed(asked: Asked, changing: Changing) -> int:
    values = _numbered(asked)
    if values["number"]:
        return (await request_of(values, changing.approvals)).number
    person = asked.turn.person.object_id
    own = await changing.approvals.open_of(person)
    if len(own) != 1:
        raise Refused(Reason.WHICH_REQUEST, numbers=", ".join(f"#{request.number}" for request in own) or "–")
    return own[0].number


def _numbered(asked: Asked) -> dict[str, str]:
    return {"number": asked.values.get("request") or asked.values.get("number", "")}


def _who(asked: Asked) -> Who:
    return Who(asked.turn.person.tenant_id, asked.turn.person.object_id)


_Run = Callable[[Asked, Neighbours], Awaitable[Answer]]
_TABLE: tuple[tuple[_Run, tuple[str, ...], tuple[str, ...], For], ...] = (
    (show, ("request",), (), For.STAFF),
    (show, (), (card.VIEW,), For.EVERYBODY),  # checks itself, within a press's time, and keeps the card
    (decide, (), ("request.approve", "request.reject"), For.EVERYBODY),  # the approvals check, and keep a refusal
    (cancel, ("cancel",), ("request.cancel",), For.EVERYBODY),
    (retry, ("retry",), (), For.STAFF),
    (retry, (), ("request.retry",), For.EVERYBODY),
    (close, ("close",), (), For.STAFF),
    (verify, (), ("request.verify",), For.EVERYBODY),
)
COMMANDS = tuple(
    Command(run, intents=intents, verbs=verbs, audience=audience, private=bool(intents))
    for run, intents, verbs, audience in _TABLE
)
