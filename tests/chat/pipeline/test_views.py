"""A view of what is stored is true when it stands there, and its buttons stay."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bot.chat.command import Answer, View
from bot.chat.turn import Place, Turn, TurnKind
from bot.errors import TenantUnreachable
from dialogs.words.replies import Button, Details, Reply, Text
from tests.chat.pipeline.harness import ANA, CHAT, GROUP, Bot, say
from tests.conftest import CANARY
from tests.teams.door.front import until


@dataclass
class Stored:
    """Something stored of which everybody has a card; `moves`: how it goes on while a card is being put."""

    revision: int = 1
    moves: int = 0

    def answer(self, act: Callable[[], Awaitable[None]] | None = None) -> Answer:
        async def base() -> tuple[Reply, int]:
            return self._drawn("base"), self.revision

        async def own(outcome: tuple[Text, ...]) -> tuple[Reply, int]:
            self.revision, self.moves = self.revision + bool(self.moves), max(0, self.moves - 1)
            return self._drawn("own", *outcome), self.revision

        return Answer(self._drawn("own"), view=View(self.revision, base, own, act))

    def _drawn(self, whose: str, *outcome: Text) -> Reply:
        look = Button(Text("button.view_request"), whose)
        number = Text("request.title", {"number": f"{self.revision}, {whose}"})
        return Details(number, outcome=outcome, buttons=(look,), refresh=look)


async def test_a_view_that_is_no_longer_true_when_it_stands_there_is_drawn_again(bot: Bot) -> None:
    bot.odd = Stored(moves=2).answer
    await bot.press("odd")
    await until(lambda: len(bot.channel.updates) == 3)
    assert [text.partition("\n")[0] for _, text in bot.channel.updates] == [
        "Request #1, own",
        "Request #2, own",
        "Request #3, own",
    ]


async def test_a_view_is_put_once_while_nothing_happens_and_never_where_others_read_along(bot: Bot) -> None:
    bot.odd = Stored().answer
    await bot.press("odd", place=GROUP)
    answer = await bot.press("odd", "2")
    await until(lambda: bool(bot.channel.updates))
    await bot.pipeline.close()
    assert bot.channel.updates == [("pressed", answer)]


async def test_a_view_is_not_sent_where_others_read_along(bot: Bot) -> None:
    bot.odd = Stored().answer
    await bot.hear("odd", place=GROUP)
    assert ["base" in bot.words[0], "own" in bot.words[0]] == [True, False]


@pytest.mark.parametrize("place", [CHAT, GROUP])
async def test_a_stored_card_keeps_its_buttons_when_what_a_press_began_fails(bot: Bot, place: Place) -> None:
    async def act() -> None:
        raise TenantUnreachable(CANARY)

    bot.odd = lambda: Stored().answer(act)
    await bot.press("odd", place=place)
    await until(lambda: bool(bot.channel.updates))
    [(card, text)] = bot.channel.updates
    assert (card, "Show my buttons" in text) == ("pressed", True)
    failed = "directory does not answer"
    assert [failed in text, any(failed in said for said in bot.words)] == [place is CHAT, place is not CHAT]


async def test_a_file_that_was_taken_in_a_group_replaces_nothing_there(bot: Bot) -> None:
    bot.odd = lambda: Answer(say("help"), in_place=True)
    for number, place in enumerate((CHAT, GROUP)):
        turn = Turn(TurnKind.MESSAGE, str(number), ANA, place, button={"verb": "odd"}, card_id="offer")
        await bot.pipeline.handle(turn)
    assert [card for card, _ in bot.channel.updates] == ["offer"]
    assert [conversation for conversation, _, _ in bot.channel.said] == ["19:group"]
