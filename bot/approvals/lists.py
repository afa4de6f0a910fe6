"""Requests in lists, a page at a time: what is open, and what has changed."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.approvals import card
from bot.approvals.card import RequestArguments, Shown
from bot.approvals.freeze import halt_notices
from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer, Arguments, Asked, Command, For, Number, reading
from bot.chat.notices import at, status, what_can_you_do
from bot.chat.people import people
from bot.store.records import RequestPage
from dialogs.words.replies import Button, Details, Section, Text

HISTORY_DAYS = 30
MOST_DAYS = 3_650
MOST_UNDELIVERED = 10


class PageArguments(Arguments):
    """The last request of the page before: of what is open, or of the changes of some `days`."""

    after: Number = None
    days: Number = None
    before: Number = None


async def waiting(asked: Asked, wanted: PageArguments, services: ApprovalServices) -> Answer:
    """What is open, the oldest first, with age and expiry, and what stops everything."""
    page = await services.approvals.waiting(after=wanted.after or 0)
    newer = PageArguments(after=_last(page)).button(Text("button.newer"), "approvals")
    notices = await halt_notices(services, asked.zone)
    details = await _details(asked, page, "approvals.waiting", newer, services, notices)
    return Answer(replace(details, sections=(*details.sections, *await _undelivered(services, asked.zone))))


async def history(asked: Asked, wanted: PageArguments, services: ApprovalServices) -> Answer:
    """What changed in the last days, the newest change first."""
    days = min(wanted.days or HISTORY_DAYS, MOST_DAYS)
    page = await services.approvals.history(days, before=wanted.before or 0)
    older = PageArguments(days=days, before=_last(page)).button(Text("button.older"), "history")
    return Answer(await _details(asked, page, "approvals.history", older, services))


async def _undelivered(services: ApprovalServices, zone: ZoneInfo | None) -> tuple[Section, ...]:
    """Who does not know yet what they should: the oldest such notifications."""
    lines = tuple(
        Text(
            f"approvals.undelivered.{notification.audience if notification.request else 'waiting'}",
            {"number": str(notification.request or ""), "time": at(notification.created_at, zone)},
        )
        for notification in await services.undelivered(MOST_UNDELIVERED)
    )
    why = Text("approvals.undelivered.text")
    return (Section(Text("approvals.undelivered.title"), (*lines, why)),) if lines else ()


def _last(page: RequestPage) -> int | None:
    return page.requests[-1].number if page.requests else None


async def _details(
    asked: Asked,
    page: RequestPage,
    key: str,
    next_page: Button,
    services: ApprovalServices,
    notices: tuple[Text, ...] = (),
) -> Details:
    shown = {person for request in page.requests for person in card.named(request)}
    known = await people(shown, services.people, services.deadlines.names)
    empty = () if page.requests else (Section(Text(f"{key}.none"), ()),)
    return Details(
        title=Text(f"{key}.title"),
        notices=notices,
        sections=(
            *(_section(Shown(request, services.kinds, known, zone=asked.zone), services) for request in page.requests),
            *empty,
        ),
        buttons=(*((next_page,) if page.more else ()), status(), what_can_you_do()),
        footnotes=(Text(f"{key}.total", {"count": page.total}),) if page.requests else (),
    )


def _section(shown: Shown, services: ApprovalServices) -> Section:
    request = shown.request
    lines = (
        card.title(shown),
        Text(f"request.state.{request.state}"),
        card.line(shown, services.now()),
    )
    decided = tuple(card.verdicts(shown))
    look = RequestArguments(request=request.number).button(Text("button.show_request"), card.VIEW)
    return Section(
        Text("request.in_list", {"number": str(request.number)}),
        (*lines, *decided),
        buttons=(look, *card.offers(request, services.kinds)),
    )


def commands(services: ApprovalServices) -> tuple[Command, ...]:
    """Of this file; the words are those of the button too."""
    runs = {"approvals": waiting, "history": history}
    return tuple(
        Command(reading(PageArguments, run, services), (key,), (key,), audience=For.STAFF, private=True)
        for key, run in runs.items()
    )
