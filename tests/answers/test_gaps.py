"""What could not be answered, for admins: grouped, counted, and harmless to a spreadsheet."""

import asyncio
import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import IO

import cards
from bot.chat.command import Answer, Asked
from bot.chat.files import Files
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.commands import Services, commands
from bot.demo.gallery.company import NOW
from bot.demo.gallery.example import Example
from bot.demo.gallery.fakes import Handing
from bot.store.gaps import Gap, Votes
from cards.plain import plain
from dialogs.words import texts
from dialogs.words.answers import answers

ADA = Person("t", "ada", "29:ada", "Ada")
CHAT = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")
TODAY = NOW.date()
SOME = next(iter(answers()))
GAPS = (
    Gap("who pays for it", TODAY),
    Gap("=HYPERLINK(evil) smart card", TODAY),
    *(Gap("does it work with smart cards", TODAY - timedelta(days=n), SOME if n == 1 else "") for n in range(3)),
)


class Uploads:
    """Keeps what was put."""

    def __init__(self) -> None:
        self.put = b""

    async def __call__(self, _url: str, content: bytes | IO[bytes]) -> None:
        assert isinstance(content, bytes)
        self.put = content


async def said(key: str, told: Example | Services) -> Answer:
    command = next(
        one
        for one in commands(told if isinstance(told, Services) else told.services)
        if key in (*one.verbs, *one.intents)
    )
    until = asyncio.get_running_loop().time() + 60.0
    return await command.run(Asked(Turn(TurnKind.MESSAGE, "1", ADA, CHAT), until, key), {})


def told(gaps: tuple[Gap, ...] = GAPS, votes: tuple[Votes, ...] = (), *, files: bool = True) -> Example:
    return Example(handing=Handing(gaps=gaps, votes=votes), files=files)


def shown(answer: Answer) -> str:
    return plain(cards.render(answer.reply, texts.words("en")))


async def test_the_most_frequent_come_first_with_how_many_were_voted_down() -> None:
    lines = shown(await said("gaps", told())).splitlines()
    found = [line for line in lines if " times" in line or line.startswith("Once")]
    assert found[0] == "3 times, 1 of these voted down: does it work with smart cards"
    assert len(found) == 3


async def test_answers_that_were_voted_down_are_named_and_those_that_are_gone_are_not() -> None:
    card = shown(await said("gaps", told(votes=(Votes("gone", 0, 9), Votes(SOME, 3, 2)))))
    assert f"{answers()[SOME].title}: 2 of 5 voted it down." in card
    assert "gone" not in card


async def test_the_file_holds_every_group_and_no_formula() -> None:
    uploads = Uploads()
    services = told().services
    with_files = replace(services, answers=replace(services.answers, files=Files(True, uploads)))
    offer = (await said("export_gaps", with_files)).file
    assert offer
    await said(offer.accept, with_files)
    assert len(uploads.put) == offer.size
    rows = [*csv.reader(io.StringIO(uploads.put.decode("utf-8-sig")))]
    assert rows[0] == ["count", "voted_down", "newest", "question", "answers", "nearest"]
    assert rows[1][:5] == ["3", "1", f"{TODAY}", "does it work with smart cards", SOME]
    assert all(name in answers() for row in rows[1:] for name in row[5].split())
    assert "'=HYPERLINK(evil) smart card" in {row[3] for row in rows}


async def test_where_teams_has_no_files_the_card_says_it_all_and_offers_none() -> None:
    answer = await said("export_gaps", told(files=False))
    assert answer.file is None
    assert "3 times" in shown(answer)
    assert "As a file" not in shown(answer)
