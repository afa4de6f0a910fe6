"""Requests in lists, a page at a time: what is open, and what has changed."""

from bot.approvals import card
from bot.approvals.freeze import halt_notices
from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.people import people
from bot.reset_rules.facts import Account
from bot.store.records import Request, RequestPage
from dialogs.words.replies import Button, Details, Section, Text

HISTORY_DAYS = 30
MOST_DAYS = 3_650
MOST_DIGITS = 9  # of a number of a request


async def waiting(asked: Asked, services: ApprovalServices) -> Answer:
    """What is open, the oldest first, with age and expiry, and what stops everything."""
    page = await services.approvals.waiting(after=_number(asked, "after"))
    data = {"after": str(page.requests[-1].number)} if page.more else {}
    notices = await halt_notices(services)
    return Answer(
        await _sheet(page, "approvals.waiting", Button(Text("button.newer"), "approvals", data), services, notices)
    )


async def history(asked: Asked, services: ApprovalServices) -> Answer:
    """What changed in the last days, the newest change first."""
    days = min(_number(asked, "days") or HISTORY_DAYS, MOST_DAYS)
    page = await services.approvals.history(days, before=_number(asked, "before"))
    data = {"days": str(days), "before": str(page.requests[-1].number)} if page.more else {}
    return Answer(await _sheet(page, "approvals.history", Button(Text("button.older"), "history", data), services))


async def _sheet(
    page: RequestPage, key: str, next_page: Button, services: ApprovalServices, notices: tuple[Text, ...] = ()
) -> Details:
    known = await people({request.requester for request in page.requests}, services.people, services.deadlines.names)
    empty = () if page.requests else (Section(Text(f"{key}.none"), ()),)
    return Details(
        title=Text(f"{key}.title"),
        notices=notices,
        sections=(*(_section(request, known, services) for request in page.requests), *empty),
        buttons=(next_page,) if page.more else (),
        footnotes=(Text(f"{key}.total", {"count": str(page.total)}),) if page.requests else (),
    )


def _section(request: Request, known: dict[str, Account], services: ApprovalServices) -> Section:
    lines = (
        Text(f"change.{request.kind}.name"),
        Text(f"request.state.{request.state}"),
        card.line(request, known, services.now()),
    )
    return Section(Text("request.in_list", {"number": str(request.number)}), lines)


def _number(asked: Asked, name: str) -> int:
    """What was typed or pressed; 0 for nothing and for what is no number."""
    given = asked.values.get(name, "")
    return int(given) if given.isdecimal() and len(given) <= MOST_DIGITS else 0


def commands(services: ApprovalServices) -> tuple[Command, ...]:
    """Of this file."""
    return (
        Command(
            bound(waiting, services),
            intents=("approvals",),
            verbs=("approvals",),
            audience=For.STAFF,
            private=True,
        ),
        Command(
            bound(history, services),
            intents=("history",),
            verbs=("history",),
            audience=For.STAFF,
            private=True,
        ),
    )
