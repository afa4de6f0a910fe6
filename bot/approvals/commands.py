"""A request: see it, decide it, take it back, go on with it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from bot.approvals import card
from bot.approvals.card import RequestArguments, Shown, Viewer
from bot.approvals.policy import MOST_REASON, Card, Press, Who, same_id
from bot.approvals.refusals import Reason, Refused
from bot.approvals.service import Approvals
from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer, Asked, Command, For, View, bound, reading
from bot.chat.notices import WORKING, no_role, note, sentences, status
from bot.chat.people import called, people
from bot.chat.turn import PlaceKind, Sent
from bot.errors import BotError, StoreUnavailable
from bot.store.records import Request, Verdict
from dialogs.words.replies import Details, Names, Reply, Say, Text


async def show(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> Answer:
    """One request as this person sees it; also what a client's own refresh asks for, which never decides."""
    return await _shown(asked, services, await request_of(wanted.named, services.approvals))


async def decide(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> Answer:
    """Approve or reject. What the button carries is checked against what is stored, and counts only once."""
    card = _pressed(asked, wanted)
    if card is None or not wanted.request:
        raise Refused(Reason.STALE_CARD)
    press = Press(
        who=_who(asked),
        number=wanted.request,
        card=card,
        verdict=Verdict.APPROVE if asked.key == "request.approve" else Verdict.REJECT,
        reason=wanted.reason,
    )
    ruling = await services.approvals.decide(press)
    if ruling.request is None:
        raise Refused(ruling.refused or Reason.UNKNOWN_REQUEST)
    refused = sentences(Refused(ruling.refused, most=MOST_REASON)) if ruling.refused else ()
    return await _shown(asked, services, ruling.request, refused)


async def cancel(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> Answer:
    """The requester takes a request back; without a number the one that is theirs, if there is just one."""
    number = await _own_if_unnamed(asked, wanted, services)
    act = services.approvals.cancel(number, _who(asked), _pressed(asked, wanted))
    return await _done(asked, services, number, act)


async def retry(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> Answer:
    """Go on with what needs attention or was held."""
    number = (await request_of(wanted.named, services.approvals)).number
    act = services.approvals.retry(number, _who(asked), _pressed(asked, wanted))
    return await _done(asked, services, number, act)


async def close(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> Answer:
    """End what needs attention, with a reason."""
    number = (await request_of(wanted.named, services.approvals)).number
    return await _done(asked, services, number, services.approvals.close(number, _who(asked), wanted.reason))


async def verify(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> Answer:
    """Look at the two apps and the grant; a press is answered at once, the look comes after."""
    shown = await working(asked, wanted.named, services)
    view = shown.view and replace(shown.view, act=lambda: _verified(asked, wanted, services))
    return replace(shown, view=view)


async def working(asked: Asked, number: int | None, services: ApprovalServices) -> Answer:
    """One moment, on the request's own card, whose buttons stay whatever comes of it."""
    request = await request_of(number, services.approvals)
    return await _shown(asked, services, request, (WORKING.title, *WORKING.paragraphs))


async def _verified(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> None:
    request = await request_of(wanted.named, services.approvals)
    kind = services.kinds.get(request.kind)
    if kind is None:
        raise Refused(Reason.WRONG_STATE, state=Text(f"request.state.{request.state}"))
    pressed = _pressed(asked, wanted)
    card = replace(pressed, revision=None) if pressed else None  # a look, which may be taken from an old card too
    await services.approvals.verify(request.number, _who(asked), await kind.ending(), card)


async def request_of(number: int | None, approvals: Approvals) -> Request:
    """The request of that number. Raises Refused(UNKNOWN_REQUEST)."""
    request = await approvals.request(number) if number else None
    if request is None:
        raise Refused(Reason.UNKNOWN_REQUEST)
    return request


async def drawable(request: Request, services: ApprovalServices, seconds: float | None = None) -> Shown:
    """The request with the names of all who stand on its card."""
    unreached = await services.unreached(request)
    known = await people(
        {*card.named(request), *unreached}, services.people, services.deadlines.name if seconds is None else seconds
    )
    return Shown(request, services.kinds, known, tuple(called(one, known) for one in sorted(unreached)))


async def _card(
    asked: Asked, services: ApprovalServices, request: Request, outcome: tuple[Text, ...] = ()
) -> Say | Details:
    """The request as this person sees it, or why they may not."""
    person = asked.turn.person.object_id
    known = await people(card.named(request), services.people, services.deadlines.name)
    shown = Shown(request, services.kinds, known, zone=asked.zone)
    try:
        async with asyncio.timeout_at(asked.until):
            approver, admin = await services.roles.is_approver(person), await services.roles.is_admin(person)
            standing = await services.roles.standing(person)
            if (approver or admin) and same_id(request.requester, person):
                shown = replace(await drawable(request, services), zone=asked.zone)
    except (BotError, TimeoutError):
        return await _without_role(asked, services, shown, note("errors.role_unknown"), outcome)
    if not (approver or admin):
        return await _without_role(asked, services, shown, no_role(For.STAFF, services.help_desk, standing), outcome)
    viewer = Viewer(person, approver, admin, services.approvals.nonce(request))
    return card.view(replace(shown, now=services.now()), viewer, outcome=outcome)


async def _without_role(
    asked: Asked, services: ApprovalServices, shown: Shown, refusal: Say, outcome: tuple[Text, ...]
) -> Say | Details:
    """The base for who reads it anyway where it was pressed. A client's own refresh asked for no refusal."""
    if asked.pressed and not await services.shows(shown.request.number, Sent(asked.turn.place, asked.turn.card_id)):
        return refusal
    return card.base(shown, outcome=() if asked.turn.automatic else (*outcome, *refusal.paragraphs))


async def _shown(asked: Asked, services: ApprovalServices, request: Request, outcome: tuple[Text, ...] = ()) -> Answer:
    """The card, and where it was sent is kept: this copy too is drawn anew when something happens."""
    person = asked.turn.person.object_id
    reply = await _card(asked, services, request, outcome)
    if isinstance(reply, Say):
        return Answer(reply, passing=True)

    async def base() -> tuple[Reply, int]:
        now = await services.approvals.request(request.number) or request
        return card.base(await drawable(now, services, services.deadlines.look)), now.revision

    async def own(outcome: tuple[Text, ...]) -> tuple[Reply, int]:
        now = await services.approvals.request(request.number) or request
        in_time = replace(asked, until=asyncio.get_running_loop().time() + services.deadlines.look)
        return await _card(in_time, services, now, outcome), now.revision

    async def sent(sent: Sent) -> None:
        if sent.place.kind is not PlaceKind.PERSONAL:  # a press says only what its client says of the message
            return
        with suppress(StoreUnavailable):  # the card is there all the same; it is only not drawn anew
            if not await services.shows(request.number, sent):
                await services.remember(request.number, sent, person)

    return Answer(reply, view=View(request.revision, base, own, request=request.number), sent=sent)


async def _done(asked: Asked, services: ApprovalServices, number: int, act: Awaitable[Request]) -> Answer:
    """The card after the act; what fails on a press leaves the card there, with the reason."""
    try:
        return await _shown(asked, services, await act)
    except BotError as error:
        request = await services.approvals.request(number) if asked.pressed else None
        if request is None:
            raise
        return await _shown(asked, services, request, sentences(error))


def _pressed(asked: Asked, wanted: RequestArguments) -> Card | None:
    """What the button carried; None for what was typed."""
    return Card(wanted.nonce, wanted.revision or 0, asked.turn.automatic) if asked.pressed else None


async def _own_if_unnamed(asked: Asked, wanted: RequestArguments, services: ApprovalServices) -> int:
    if wanted.named is not None:
        return (await request_of(wanted.named, services.approvals)).number
    person = asked.turn.person.object_id
    own = await services.approvals.open_of(person)
    if len(own) != 1:
        numbers = Names(tuple(f"#{request.number}" for request in own) or ("–",))
        raise Refused(Reason.WHICH_REQUEST, numbers=numbers)
    return own[0].number


def _who(asked: Asked) -> Who:
    return Who(asked.turn.person.tenant_id, asked.turn.person.object_id)


async def own(asked: Asked, services: ApprovalServices) -> Answer:
    """The asker's own open requests, each with the button that takes it back: words alone never do it."""
    approvals = services.approvals
    requests = await approvals.open_of(asked.turn.person.object_id)
    back = tuple(
        RequestArguments(request=one.number, nonce=approvals.nonce(one), revision=one.revision).button(
            Text("button.take_back", {"number": str(one.number)}), "request.cancel"
        )
        for one in requests
    )
    text = Text("mine.text" if requests else "mine.none")
    return Answer(Say(Text("mine.title"), (text,), buttons=(*back, status())))


_Run = Callable[[Asked, RequestArguments, ApprovalServices], Awaitable[Answer]]
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


def commands(services: ApprovalServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(bound(own, services), intents=("own_requests",), audience=For.STAFF, private=True),
        *(
            Command(
                reading(RequestArguments, run, services),
                intents,
                verbs,
                audience,
                private=bool(intents),
                once=bool(intents) and run is not show,  # a button is good for one revision
            )
            for run, intents, verbs, audience in _TABLE
        ),
    )
