"""What the bot could not answer in the last days: what to add next, on a card and as a file."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.answers.services import AnswerServices
from bot.chat import near, notices
from bot.chat.command import Answer, Asked, Command, For, bound, reading
from bot.chat.files import UploadArguments, table
from bot.chat.turn import FileOffer
from bot.store.gaps import Gap, Votes
from dialogs.understanding.ranking import likeness
from dialogs.understanding.understand import nearest_answers
from dialogs.words.answers import answers
from dialogs.words.replies import Button, Details, Names, Say, Section, Text, Value

FILE = "pin-reset-gaps.csv"
DAYS = 30
MOST_LISTED = 10
COLUMNS = ("count", "voted_down", "newest", "question", "answers", "nearest")


@dataclass(frozen=True, slots=True)
class Alike:
    """Questions that are alike; `text` is the newest of them."""

    text: str
    count: int
    down: int
    newest: date
    answers: tuple[str, ...]
    near: tuple[str, ...]  # the answers that it resembles most: perhaps one of them only lacks the wording


async def show(_asked: Asked, services: AnswerServices) -> Answer:
    """The most frequent first."""
    gaps, votes = await _found(services)
    file = (Button(Text("button.export_gaps"), "gaps.export"),) if gaps and services.files.supported else ()
    return Answer(
        Details(
            title=Text("gaps.title"),
            status=Text("gaps.as_of", {"days": DAYS}),
            sections=(_questions(gaps), *_answers(votes)),
            buttons=(*file, notices.status(), notices.what_can_you_do()),
        )
    )


async def offer(asked: Asked, services: AnswerServices) -> Answer:
    """Teams asks the person first, as with the audit; where it has no files, the card says what there is."""
    if not services.files.supported:
        return await show(asked, services)
    size = len(await _content(services))
    return Answer(
        Say(Text("gaps.offer.title"), (Text("gaps.offer.text"),)),
        file=FileOffer(FILE, size, accept="gaps.put", decline="export.decline"),
    )


async def put(_asked: Asked, to: UploadArguments, services: AnswerServices) -> Answer:
    """The person agreed: the questions of this moment."""
    await services.files.put(to.upload_url, await _content(services))
    return Answer(Say(Text("gaps.done.title"), (Text("gaps.done.text"),)), in_place=True)


async def _found(services: AnswerServices) -> tuple[list[Alike], list[Votes]]:
    gaps, votes = await services.gaps.since(services.now().date() - timedelta(days=DAYS))
    return await asyncio.to_thread(_grouped, gaps), votes


def _grouped(gaps: list[Gap]) -> list[Alike]:
    groups = likeness.groups([gap.text for gap in gaps])
    return [_alike([gaps[place] for place in places]) for places in groups]


def _alike(group: list[Gap]) -> Alike:
    names = tuple(dict.fromkeys(gap.answer for gap in group if gap.answer))
    down = sum(bool(gap.answer) for gap in group)
    return Alike(group[0].text, len(group), down, group[0].day, names, nearest_answers(group[0].text))


def _questions(found: list[Alike]) -> Section:
    lines = tuple(line for one in found[:MOST_LISTED] for line in (_line(one), _near(one)))
    left_out = len(found) - MOST_LISTED
    more = (Text("gaps.more", {"count": left_out}),) if left_out > 0 else ()
    return Section(Text("gaps.questions"), (*lines, *more) or (Text("gaps.none"),))


def _line(one: Alike) -> Text:
    values: dict[str, Value] = {"count": one.count, "question": one.text}
    return Text("gaps.down", values | {"bad": one.down}) if one.down else Text("gaps.line", values)


def _near(one: Alike) -> Text:
    return Text("gaps.near", {"titles": Names(tuple(map(near.title, one.near)))})


def _answers(votes: list[Votes]) -> tuple[Section, ...]:
    """An answer may have been taken out since."""
    known = [one for one in votes if one.answer in answers()]
    lines = tuple(
        Text("gaps.answer", {"title": near.title(one.answer), "bad": one.bad, "votes": one.good + one.bad})
        for one in known[:MOST_LISTED]
    )
    left_out = len(known) - MOST_LISTED
    more = (Text("gaps.more_answers", {"count": left_out}),) if left_out > 0 else ()
    return (Section(Text("gaps.answers"), (*lines, *more)),) if lines else ()


async def _content(services: AnswerServices) -> bytes:
    gaps, _ = await _found(services)
    return table(COLUMNS, _rows(gaps))


def _rows(found: Iterable[Alike]) -> Iterable[tuple[object, ...]]:
    return ((one.count, one.down, one.newest, one.text, " ".join(one.answers), " ".join(one.near)) for one in found)


def commands(services: AnswerServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(bound(show, services), intents=("gaps",), audience=For.ADMINS, private=True),
        Command(
            bound(offer, services),
            intents=("export_gaps",),
            verbs=("gaps.export",),
            audience=For.ADMINS,
            private=True,
        ),
        Command(reading(UploadArguments, put, services), verbs=("gaps.put",), audience=For.ADMINS),
    )
