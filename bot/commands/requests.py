"""Requests: see them, decide them, take them back, go on with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from bot.approvals import looks
from bot.approvals.policy import MOST_REASON, Press, Who
from bot.approvals.refusals import Reason, Refused
from bot.commands import _request_card
from bot.commands._command import Answer, Asked, Changing, Command, For, Neighbours
from bot.commands._preview import request_of
from bot.commands._request_card import Shown, Viewer
from bot.commands._standing import confirmation
from bot.commands._words import WORKING, failed_with
from bot.errors import BotError
from bot.rollout.facts import PIN_CLIENT, PIN_SERVICE, Account
from bot.store.records import Request, Verdict
from dialogs.replies import Reply, Section, Sheet, Text

HISTORY_DAYS = 30
MOST_DAYS = 3_650
NAME_SECONDS = 0.2  # for names that are not known yet; without them the card shows the ids


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
    return Answer(await _card(asked, neighbours, await request_of(_numbered(asked), neighbours.changing.approvals)))


async def decide(asked: Asked, neighbours: Neighbours) -> Answer:
    """Approve or reject. What the button carries is checked against what is stored, and counts only once."""
    values, approvals = asked.values, neighbours.changing.approvals
    number, revision = (values.get(one, "") for one in ("request", "revision"))
    if not (number.isdigit() and revision.isdigit() and len(number) < 10 and len(revision) < 10):
        raise Refused(Reason.STALE_CARD)
    press = Press(
        who=_who(asked),
        number=int(number),
        nonce=values.get("nonce", ""),
        revision=int(revision),
        verdict=Verdict.APPROVE if values.get("verb") == "request.approve" else Verdict.REJECT,
        reason=values.get("reason", ""),
        automatic=asked.turn.automatic,
    )
    ruling = await approvals.decide(press)
    if ruling.request is None:
        raise Refused(ruling.refused or Reason.UNKNOWN_REQUEST)
    notices = (Text(f"approvals.refused.{ruling.refused}", {"most": str(MOST_REASON)}),) if ruling.refused else ()
    return Answer(await _card(asked, neighbours, ruling.request, notices=notices))


async def cancel(asked: Asked, neighbours: Neighbours) -> Answer:
    """The requester takes a request back; without a number the one that is theirs, if there is just one."""
    number = await _own_if_unnamed(asked, neighbours.changing)
    return await _done(asked, neighbours, neighbours.changing.approvals.cancel(number, _who(asked)))


async def retry(asked: Asked, neighbours: Neighbours) -> Answer:
    """Go on with what needs attention or was held."""
    number = (await request_of(_numbered(asked), neighbours.changing.approvals)).number
    return await _done(asked, neighbours, neighbours.changing.approvals.retry(number, _who(asked)))


async def close(asked: Asked, neighbours: Neighbours) -> Answer:
    """End what needs attention, with a reason."""
    number = (await request_of(_numbered(asked), neighbours.changing.approvals)).number
    reason = asked.values.get("reason", "")
    return await _done(asked, neighbours, neighbours.changing.approvals.close(number, _who(asked), reason))


async def verify(asked: Asked, neighbours: Neighbours) -> Answer:
    """Look at the two apps and the grant; a press is answered at once, the look comes after."""
    return Answer(WORKING, later=lambda: _verified(asked, neighbours))


async def _verified(asked: Asked, neighbours: Neighbours) -> Reply:
    changing = neighbours.changing
    try:
        request = await request_of(_numbered(asked), changing.approvals)
        found = await looks.situation(changing.tenant, changing.tenant_id)
        apps = {app_id: looks.app_state(found.apps, app_id) for app_id in (PIN_SERVICE, PIN_CLIENT)}
        confirmed = await confirmation(changing, found) is True
        request = await changing.approvals.verify(request.number, _who(asked), apps, confirmed=confirmed)
        return await _card(asked, neighbours, request)
    except BotError as error:
        return failed_with(error)


async def people(ids: Iterable[str], changing: Changing, seconds: float = NAME_SECONDS) -> dict[str, Account]:
    """Who they are, as far as the tenant says in time."""
    wanted = sorted(set(ids))
    found = await asyncio.gather(*(_account(one, changing, seconds) for one in wanted))
    return {one: account for one, account in zip(wanted, found, strict=True) if account}


async def _account(object_id: str, changing: Changing, seconds: float) -> Account | None:
    try:
        async with asyncio.timeout(seconds):
            return await changing.people.account(object_id)
    except (BotError, TimeoutError):
        return None


async def _card(asked: Asked, neighbours: Neighbours, request: Request, *, notices: tuple[Text, ...] = ()) -> Reply:
    changing, person = neighbours.changing, asked.turn.person.object_id
    shown = Shown(request, await people(_request_card.named(request), changing))
    try:
        async with asyncio.timeout_at(asked.until):
            approver = await neighbours.roles.is_approver(person)
            member = approver or await neighbours.roles.is_admin(person)
    except (BotError, TimeoutError):
        return _request_card.base(shown, notices=(*notices, Text("errors.role_unknown.text")))
    if not member:
        raise Refused(Reason.NOT_APPROVER)
    return _request_card.view(shown, Viewer(person, approver, changing.approvals.nonce(request)), notices=notices)


async def _done(asked: Asked, neighbours: Neighbours, act: Awaitable[Request]) -> Answer:
    return Answer(await _card(asked, neighbours, await act))


async def _listed(found: list[Request], key: str, neighbours: Neighbours) -> Answer:
    known = await people({request.requester for request in found}, neighbours.changing, seconds=1.0)
    sections = tuple(
        Section(
            Text("request.in_list", {"number": str(request.number)}),
            (
                Text(f"change.{request.kind}.name"),
                Text(f"request.state.{request.state}"),
                _request_card.line(request, known, neighbours.now()),
            ),
        )
        for request in found
    )
    empty = () if found else (Section(Text(f"{key}.none"), ()),)
    return Answer(Sheet(title=Text(f"{key}.title"), sections=(*sections, *empty)))


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
    (show, ("request",), (_request_card.VIEW,), For.EVERYBODY),  # checks itself, within a press's time
    (decide, (), ("request.approve", "request.reject"), For.EVERYBODY),  # the approvals check, and keep a refusal
    (cancel, ("cancel",), ("request.cancel",), For.EVERYBODY),
    (retry, ("retry",), ("request.retry",), For.EVERYBODY),
    (close, ("close",), (), For.EVERYBODY),
    (verify, (), ("request.verify",), For.ADMINS),
)
COMMANDS = tuple(
    Command(run, intents=intents, verbs=verbs, audience=audience, private=bool(intents))
    for run, intents, verbs, audience in _TABLE
)
