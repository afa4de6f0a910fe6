"""What comes late takes the place of the first answer, and "one moment" never stays."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.chat.command import Answer
from bot.chat.deadlines import PRESS_UNTIL
from bot.chat.notices import WORKING
from dialogs.words.replies import Reply, Say, Text
from tests.chat.pipeline.harness import (
    SORRY,
    Bot,
    broken,
    late_answer,
    say,
    unreachable,
)
from tests.deadlines import GENEROUS
from tests.teams.door.front import until


async def test_what_comes_late_takes_the_place_of_the_first_answer(bot: Bot) -> None:
    bot.odd = late_answer(lambda: say("errors.flood"))
    await bot.hear("odd", "1")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates[0][0] == "sent-1"
    assert "That was a lot at once" in bot.channel.updates[0][1]


async def test_what_comes_late_after_a_press_takes_the_place_of_the_pressed_card(bot: Bot) -> None:
    bot.odd = late_answer(lambda: say("errors.flood"))
    assert await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates[0][0] == "pressed"


@pytest.mark.parametrize("later", [broken, unreachable, lambda: Say(Text("no.such.words"))])
async def test_a_late_answer_that_fails_leaves_help_that_is_there(
    bot: Bot, caplog: pytest.LogCaptureFixture, later: Callable[[], Reply]
) -> None:
    bot.odd = late_answer(later)
    await bot.hear("odd")
    await until(lambda: "no later answer" in caplog.text)
    assert (len(bot.words), bot.channel.updates) == (1, [])


@pytest.mark.parametrize(
    ("later", "said"),
    [(broken, SORRY), (unreachable, "directory does not answer"), (lambda: Say(Text("no.such.words")), SORRY)],
)
async def test_one_moment_never_stays_when_what_was_to_come_fails(
    bot: Bot, later: Callable[[], Reply], said: str
) -> None:
    bot.odd = late_answer(later, WORKING)
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    [(card, text)] = bot.channel.updates
    assert card == "pressed"
    assert said in text


async def test_one_moment_does_not_stay_when_the_tenant_hangs(bot: Bot) -> None:
    bot.build(replace(GENEROUS, later=0.05))
    bot.odd = lambda: Answer(WORKING, later=_hang)
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert "directory does not answer" in bot.channel.updates[0][1]


async def test_when_not_even_sorry_can_take_the_place_of_one_moment_it_is_logged(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.odd = late_answer(lambda: say("help"), WORKING)
    bot.channel.deaf = {"a:ana"}
    await bot.press("odd")
    await until(lambda: "apology failed: NotSent" in caplog.text)


async def test_a_late_answer_that_hangs_is_given_up(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    bot.build(replace(GENEROUS, later=0.05))
    bot.odd = lambda: Answer(say("help"), later=_hang)
    await bot.hear("odd")
    await until(lambda: "no later answer: TenantUnreachable" in caplog.text)
    assert bot.channel.updates == []


async def test_closing_does_not_wait_for_late_answers(bot: Bot) -> None:
    bot.odd = lambda: Answer(say("help"), later=_hang)
    await bot.hear("odd")
    await bot.pipeline.close()
    assert bot.channel.updates == []


async def _hang() -> Reply:
    await asyncio.Event().wait()
    raise AssertionError("never")


async def test_what_waits_on_behalf_of_a_press_knows_until_when_and_nothing_else_is_hurried(bot: Bot) -> None:
    seen: list[float | None] = []

    async def later() -> Reply:
        seen.append(PRESS_UNTIL.get())
        return say("help")

    def odd() -> Answer:
        seen.append(PRESS_UNTIL.get())
        return Answer(WORKING, later=later)

    bot.odd = odd
    before = asyncio.get_running_loop().time()
    await bot.press("odd", "1")
    await until(lambda: len(seen) == 2)
    await bot.hear("odd", "2")
    await until(lambda: len(seen) == 4)
    assert seen[0] is not None
    assert seen[0] >= before
    assert seen[1:] == [None, None, None]
