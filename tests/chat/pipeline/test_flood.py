"""Who floods is answered once, and nobody else notices; an installation is never part of it."""

from bot.chat.pipeline import MESSAGES
from bot.chat.turn import TurnKind
from tests.chat.pipeline.harness import ANA, BEN, CHAT, MOST, Bot


async def test_a_flood_is_answered_once_then_ignored_and_others_are_heard(bot: Bot) -> None:
    for number in range(MOST + 20):
        await bot.hear("help", str(number))
    assert len(bot.words) == MOST + 1
    assert "That was a lot at once" in bot.words[-1]
    assert await bot.press("help", "pressed") == ""
    await bot.hear("help", "ben", person=BEN)
    assert bot.words[-1] == bot.words[0]


async def test_a_flood_pushes_out_nothing_of_what_others_were_answered(bot: Bot) -> None:
    await bot.hear("help", "first")
    said = len(bot.words)
    for number in range(MESSAGES + 1):
        await bot.hear("help", str(number), person=BEN)
    before = len(bot.words)
    assert before < said + MOST + 2
    await bot.hear("help", "first")
    assert len(bot.words) == before


async def test_repetitions_do_not_count_as_a_flood(bot: Bot) -> None:
    for _ in range(MOST + 20):
        await bot.hear("help")
    await bot.hear("help", "2")
    assert len(bot.words) == 2


async def test_an_installation_in_a_flood_is_not_lost(bot: Bot) -> None:
    for number in range(MOST + 2):
        await bot.hear("help", str(number))
    await bot.hear("", "installed", kind=TurnKind.INSTALLED)
    assert await bot.conversations.personal(ANA) == CHAT
