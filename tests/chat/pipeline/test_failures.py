"""Whatever fails is told in words of its own, and without its text."""

from typing import Any

import pytest

from bot.chat.notices import note
from bot.chat.turn import Turn, TurnKind
from bot.errors import BotError, NotSent, TenantUnreachable
from tests.chat.pipeline.harness import ANA, CHAT, GROUP, SORRY, Bot, raises, shown
from tests.conftest import CANARY


async def test_a_known_failure_is_told_in_its_own_words(bot: Bot) -> None:
    bot.odd = raises(TenantUnreachable(CANARY))
    await bot.hear("odd")
    assert "directory does not answer" in bot.words[0]
    assert CANARY not in bot.words[0]


async def test_a_defect_is_told_as_one_without_its_text(bot: Bot) -> None:
    bot.odd = raises(RuntimeError(CANARY))
    await bot.hear(f"odd {CANARY}", "1")
    assert [SORRY in bot.words[0], CANARY in bot.words[0]] == [True, False]
    assert SORRY in await bot.press("odd", "2")


async def test_a_defect_in_a_group_tells_the_group_nothing(bot: Bot) -> None:
    bot.odd = raises(RuntimeError(CANARY))
    await bot.hear("odd", place=GROUP)
    assert CANARY not in bot.words[0]


@pytest.mark.parametrize("failure", [NotSent("403"), RuntimeError(CANARY), TenantUnreachable(CANARY)])
async def test_when_nothing_can_be_said_nothing_is_raised(bot: Bot, failure: Exception) -> None:
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, failure
    assert await bot.hear("help") is None
    assert bot.channel.said == []


async def test_a_text_that_breaks_the_reading_is_answered_all_the_same(bot: Bot) -> None:
    await bot.hear("")  # nothing to split: the reader of this test breaks on it
    assert SORRY in bot.words[0]


async def test_a_button_that_nobody_knows_is_answered(bot: Bot) -> None:
    assert await bot.press("no.such.verb") == await bot.press("help", "2")


def test_every_error_has_words() -> None:
    keys = {kind.key for kind in BotError.__subclasses__()} | {BotError.key, "errors.flood", "errors.guest"}
    for key in keys:
        assert shown(note(key))


@pytest.mark.parametrize("button", [{"verb": "help", "reason": "x" * 2_001}, {"verb": "help", "reason": ["a"]}])
async def test_a_form_that_can_not_be_read_is_told_so_in_a_line_and_the_card_stays(
    bot: Bot, button: dict[str, Any]
) -> None:
    answer = await bot.pipeline.handle(Turn(TurnKind.BUTTON, "1", ANA, CHAT, button=button, card_id="pressed"))
    assert answer is not None
    assert answer.brief
    assert "I couldn't read what was filled in" in shown(answer.reply)
    assert await bot.press("help", "2", button=button, automatic=True) == ""
    assert (bot.channel.said, bot.channel.updates) == ([], [])
