"""Where an answer goes: a guest's help, the person's own chat, and a word where that can't be reached."""

from dataclasses import replace

import pytest

from bot.errors import NotSent, TenantUnreachable
from tests.chat.pipeline.harness import ANA, BEN, CHAT, GROUP, MOST, Bot, raises
from tests.conftest import CANARY
from tests.deadlines import GENEROUS


async def test_a_guest_gets_help_and_nothing_else(bot: Bot) -> None:
    bot.directory.guest = True
    await bot.hear("help", "1")
    await bot.hear("forgot", "2")
    assert "guest" not in bot.words[0]
    assert "You are a guest here" in bot.words[1]
    assert "You are a guest here" in await bot.press("pin.forgot", "3")


async def test_when_the_tenant_does_not_say_who_is_a_guest_everybody_gets_help(bot: Bot) -> None:
    bot.directory.failure = TenantUnreachable("graph")
    await bot.hear("odd", "1")
    assert "guest" not in bot.words[0]


async def test_when_the_tenant_hangs_the_answer_still_goes_out(bot: Bot) -> None:
    bot.build(replace(GENEROUS, answer=0.05))
    bot.directory.hangs = True
    await bot.hear("odd", "1")
    assert len(bot.words) == 1


async def test_in_a_group_the_answer_goes_to_the_persons_own_chat(bot: Bot) -> None:
    await bot.conversations.learn(ANA, CHAT)
    await bot.hear("forgot", "1", place=GROUP)
    [(first, answer, _), (second, note, reply_to)] = bot.channel.said
    assert (first, second, reply_to) == ("a:ana", "19:group", "1")
    assert "I answer in private" in note
    assert answer not in note
    assert bot.channel.opened == []


async def test_who_has_no_chat_with_the_bot_yet_gets_one(bot: Bot) -> None:
    await bot.hear("forgot", "1", place=GROUP)
    assert bot.channel.opened == ["29:ana"]
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:opened", "19:group"]
    await bot.conversations.close()
    assert await bot.conversations.reachable("t", ["ana"])


async def test_a_stored_chat_that_refuses_is_forgotten_and_opened_anew_the_next_time(bot: Bot) -> None:
    await bot.conversations.learn(ANA, CHAT)
    bot.channel.deaf = {"a:ana"}
    await bot.hear("forgot", "1", place=GROUP)
    assert "Please write to me in private" in bot.words[0]
    await bot.hear("forgot", "2", place=GROUP)
    assert bot.channel.opened == ["29:ana"]
    assert [conversation for conversation, _, _ in bot.channel.said][1:] == ["a:opened", "19:group"]


async def test_a_stored_chat_that_does_not_answer_just_now_is_kept(bot: Bot) -> None:
    await bot.conversations.learn(ANA, CHAT)
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, NotSent("503")
    await bot.hear("forgot", "1", place=GROUP)
    assert await bot.conversations.personal(ANA) == CHAT


@pytest.mark.parametrize("deaf", ["29:ana", "a:opened"])
async def test_who_can_not_be_reached_in_private_is_told_so_and_no_more(bot: Bot, deaf: str) -> None:
    bot.channel.deaf = {deaf}
    await bot.hear("forgot", "1", place=GROUP)
    assert [conversation for conversation, _, _ in bot.channel.said] == ["19:group"]
    assert "Please write to me in private" in bot.words[0]


@pytest.mark.parametrize("text", ["help", "forgot", "odd"])
async def test_what_others_were_not_shown_is_answered_in_the_personal_chat_or_nowhere(bot: Bot, text: str) -> None:
    bot.odd = raises(RuntimeError(CANARY))
    await bot.hear(text, "1", place=GROUP, targeted=True)
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:opened"]
    bot.channel.deaf = {"29:ben"}
    for number in range(2 * MOST):  # neither an apology nor the flood's notice is for others
        await bot.hear(text, f"ben-{number}", person=BEN, place=GROUP, targeted=True)
    assert len(bot.channel.said) == 1
