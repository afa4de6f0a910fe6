"""Requests: see them, decide them, take them back, go on with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from bot.approvals import looks
from bot.approvals.policy import MOST_REASON, Card, Press, Who, same_id
from bot.approvals.refusals import Reason, Refused
from bot.commands import _request_card
from bot.commands._command import Answer, Asked, Changing, Command, For, Neighbours
from bot.commands._preview import request_of
from bot.commands._request_card import Shown, Viewer
from bot.commands._standing import confirmation
from bot.commands._words import WORKING, failed_with, no_role
from bot.errors import BotError
from bot.rollout.facts import PIN_CLIENT, PIN_SERVICE, Account
from bot.store.records import Request, Verdict
from dialogs.replies import Reply, Section, Sheet, Text

HISTORY_DAYS = 30
MOST_DAYS = 3_650
MOST_LISTED = 30  # requests on one card


async def waiting(_asked: Asked, neighbours: Neighbours) -> Answer:
    """All that is open, with age and expiry."""
    return await _listed(await neighbours.changing.approvals.waiting(), "approvals.waiting", neighbours)


async def history(asked: Asked, neighbours: Neighbours) -> Answer:
    """What changed in the last days."""
    days = asked.values.get("days", "")
    wanted = min(int(days), MOST_DAYS) if days.isdigit() and len(days) < 6 else HISTORY_DAYS
    return await _listed(await neighbours.changing.approvals.history(wanted), "approvals.history", neighbours)


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
    refused = Refused(ruling.refused, most=str(MOST_REASON)) if ruling.refused else None
    return Answer(await _card(asked, neighbours, ruling.request, refused))


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
    return Answer(WORKING, later=lambda: _verified(asked, neighbours))


async def _verified(asked: Asked, neighbours: Neighbours) -> Reply:
    changing = neighbours.changing
    try:
        request = await request_of(_numbered(asked), changing.approvals)
        found = await looks.situation(changing.tenant, changing.tenant_id)
        apps = {app_id: looks.app_state(found.apps, app_id) for app_id in (PIN_SERVICE, PIN_CLIENT)}
        confirmed = await confirmation(changing, found)
        pressed = _pressed(asked)
        card = replace(pressed, revision=None) if pressed else None  # a look, which may be taken from an old card too
        act = changing.approvals.verify(request.number, _who(asked), apps, confirmed=confirmed, card=card)
        return (await _done(asked, neighbours, request.number, act)).reply
    except BotError as error:
        return failed_with(error)


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
    known = await people({*_request_card.named(request), *unreached}, changing, seconds)
    return Shown(request, known, tuple(_request_card.name(one, known) for one in sorted(unreached)))


async def _card(asked: Asked, neighbours: Neighbours, request: Request, refused: Refused | None = None) -> Reply:
    changing, person = neighbours.changing, asked.turn.person.object_id
    notices = (Text(refused.key, refused.values),) if refused else ()
    shown = Shown(request, await people(_request_card.named(request), changing))
    try:
        async with asyncio.timeout_at(asked.until):
            approver, admin = await neighbours.roles.is_approver(person), await neighbours.roles.is_admin(person)
            if not (approver or admin):
                return no_role(For.STAFF, neighbours.help_desk)
            if same_id(request.requester, person):
                shown = await drawable(request, changing)
    except (BotError, TimeoutError):
        return _request_card.base(shown, notices=(*notices, Text("errors.role_unknown.text")))
    viewer = Viewer(person, approver, admin, changing.approvals.nonce(request))
    return _request_card.view(shown, viewer, notices=notices)


async def _shown(asked: Asked, neighbours: Neighbours, request: Request, refused: Refused | None = None) -> Answer:
    """The card, and where it was sent is kept: this copy too is drawn anew when something happens."""
    person = asked.turn.person.object_id
    return Answer(
        await _card(asked, neighbours, request, refused),
        sent=lambda sent: neighbours.changing.remember(request.number, sent, person),
    )


async def _done(asked: Asked, neighbours: Neighbours, number: int, act: Awaitable[Request]) -> Answer:
    """The card after the act; what is refused on a press leaves the card there, with the reason."""
    try:
        return await _shown(asked, neighbours, await act)
    except Refused as refused:
        request = await neighbours.changing.approvals.request(number)
        if request is None or not asked.values.get("verb"):
            raise
        return Answer(await _card(asked, neighbours, request, refused))


def _pressed(asked: Asked) -> Card | None:
    """What the button carried; None for what was typed."""
    values, revision = asked.values, asked.values.get("revision", "")
    if not values.get("verb"):
        return None
    return Card(values.get("nonce", ""), int(revision) if _is_number(revision) else -1, asked.turn.automatic)


def _is_number(text: str) -> bool:
    return text.isdigit() and len(text) < 10


async def _listed(found: list[Request], key: str, neighbours: Neighbours) -> Answer:
    changing = neighbours.changing
    known = await people({request.requester for request in found}, changing, changing.deadlines.names)
    sections = tuple(
        Section(
            Text("request.in_list", {"number": str(request.number)}),
            (
                Text(f"change.{request.kind}.name"),
                Text(f"request.state.{request.state}"),
                _request_card.line(request, known, neighbours.now()),
            ),
        )
        for request in found[:MOST_LISTED]
    )
    empty = () if found else (Section(Text(f"{key}.none"), ()),)
    more = (Text("approvals.more", {"count": str(len(found) - MOST_LISTED)}),) if len(found) > MOST_LISTED else ()
    return Answer(Sheet(title=Text(f"{key}.title"), sections=(*sections, *empty), footnotes=more))


async def _own_if_unnamed(asked: Asked, changing: Changing) -> int:
    values = _numbered(asked)
    if values["number"]:
        return (await request_of(values, changing.approvals)).number
    person = asked.turn.person.object_id
    own = [request for request in await changing.approvals.waiting() if request.requester == person]
    if len(own) != 1:
        raise Refused(Reason.WHICH_REQUEST, numbers=", ".join(f"#{request.number}" for request in own) or "–")
    return own[0].number


def _numbered(asked: Asked) -> dict[str, str]:
    return {"number": asked.values.get("request") or asked.values.get("number", "")}


def _who(asked: Asked) -> Who:
    return Who(asked.turn.person.tenant_id, asked.turn.person.object_id)


_Run = Callable[[Asked, Neighbours], Awaitable[Answer]]
_TABLE: tuple[tuple[_Run, tuple[str, ...], tuple[str, ...], For], ...] = (
    (waiting, ("approvals",), (), For.STAFF),
    (history, ("history",), (), For.STAFF),
    (show, ("request",), (), For.STAFF),
    (show, (), (_request_card.VIEW,), For.EVERYBODY),  # checks itself, within a press's time, and keeps the card
    (decide, (), ("request.approve", "request.reject"), For.EVERYBODY),  # the approvals check, and keep a refusal
    (cancel, ("cancel",), ("request.cancel",), For.EVERYBODY),
    (retry, ("retry",), (), For.STAFF),
    (retry, (), ("request.retry",), For.EVERYBODY),
    (close, ("close",), (), For.STAFF),
    (verify, (), ("request.verify",), For.ADMINS),
)
COMMANDS = tuple(
    Command(run, intents=intents, verbs=verbs, audience=audience, private=bool(intents))
    for run, intents, verbs, audience in _TABLE
)
