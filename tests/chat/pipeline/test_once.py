"""What is delivered twice is done and answered once, after a restart too."""

import asyncio
from dataclasses import dataclass, replace

from bot.chat.turn import TurnKind
from bot.errors import StoreUnavailable
from tests.chat.pipeline.harness import (
    ANA,
    BEN,
    CHAT,
    Bot,
)
from tests.deadlines import GENEROUS


async def test_a_message_is_answered_by_a_reply_and_a_press_in_the_same_call(bot: Bot) -> None:
    assert await bot.hear("help", "7") is None
    [(conversation, text, reply_to)] = bot.channel.said
    assert (conversation, reply_to) == ("a:ana", "7")
    assert await bot.press("help", "8") == text
    assert len(bot.channel.said) == 1


async def test_ten_deliveries_of_one_message_are_one_answer_and_so_is_a_late_one(bot: Bot) -> None:
    await asyncio.gather(*(bot.hear("help") for _ in range(10)))
    bot.clock.now += 300
    await bot.hear("help")
    assert len(bot.channel.said) == 1


async def test_ten_deliveries_of_one_press_get_the_same_card(bot: Bot) -> None:
    assert len(set(await asyncio.gather(*(bot.press("help") for _ in range(10))))) == 1


async def test_the_same_id_in_another_chat_is_another_message(bot: Bot) -> None:
    await bot.hear("help")
    await bot.hear("help", person=BEN, place=replace(CHAT, conversation_id="a:ben"))
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:ana", "a:ben"]


async def test_what_has_no_id_is_never_taken_for_a_repetition(bot: Bot) -> None:
    for kind in (TurnKind.INSTALLED, TurnKind.REMOVED, TurnKind.INSTALLED):
        await bot.hear("", "", kind=kind)
    assert len(bot.channel.said) == 2
    assert await bot.conversations.personal(ANA) == CHAT


async def test_what_changes_something_is_not_done_again_by_the_same_message_after_a_restart(bot: Bot) -> None:
    await bot.hear("act", "7")
    bot.build(GENEROUS)  # nothing is left in memory
    await bot.hear("act", "7")
    assert (bot.acted, "a second time, so I did nothing" in bot.words[-1]) == (1, True)
    assert "a second time" in await bot.press("act", "7")
    bot.build(GENEROUS)
    await bot.hear("act", "8")
    await bot.hear("act", "7", place=replace(CHAT, conversation_id="a:another"))
    assert bot.acted == 3


async def test_what_changes_nothing_is_said_again_after_a_restart(bot: Bot) -> None:
    await bot.hear("help", "7")
    bot.build(GENEROUS)
    await bot.hear("help", "7")
    assert bot.words[0] == bot.words[1]


async def test_nothing_is_changed_while_nobody_can_tell_whether_it_was_done_already(bot: Bot) -> None:
    @dataclass
    class Away:
        async def first(self, _conversation_id: str, _activity_id: str) -> bool:
            raise StoreUnavailable("locked")

    bot.heard = Away()  # type: ignore[assignment]
    bot.build(GENEROUS)
    await bot.hear("act")
    assert (bot.acted, "Nothing has changed" in bot.words[-1]) == (0, True)
