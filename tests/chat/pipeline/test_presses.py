"""What a press changes on its card, for its person and for those who read along."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.chat.command import Answer
from bot.chat.notices import WORKING
from bot.chat.turn import FileOffer, Place, PlaceKind, PressAnswer, Sent, Turn, TurnKind
from bot.errors import TenantUnreachable
from dialogs.words.replies import Reply
from tests.chat.pipeline.harness import (
    ANA,
    BEN,
    CHAT,
    GROUP,
    Bot,
    broken,
    late_answer,
    raises,
    say,
    shown,
    unreachable,
)
from tests.conftest import CANARY
from tests.teams.door.front import until


async def test_a_brief_answer_to_a_press_leaves_the_card_as_it_is(bot: Bot) -> None:
    bot.odd = lambda: Answer(say("help"), brief=True)
    turn = Turn(TurnKind.BUTTON, "1", ANA, CHAT, button={"verb": "odd"}, card_id="pressed")
    answer = await bot.pipeline.handle(turn)
    assert answer == PressAnswer(say("help"), "en", brief=True)
    assert bot.channel.updates == []


@pytest.mark.parametrize("card_id", ["pressed", ""])
async def test_a_file_is_offered_after_a_press_too(bot: Bot, monkeypatch: pytest.MonkeyPatch, card_id: str) -> None:
    files: list[FileOffer | None] = []

    async def send(
        place: Place, _reply: Reply, _language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        files.append(file)
        return Sent(place, "1")

    monkeypatch.setattr(bot.channel, "send", send)
    offer = FileOffer("gaps.csv", 10, accept="yes", decline="no")
    bot.odd = lambda: Answer(say("help"), file=offer)
    assert "What I can do" in await bot.press("odd", card_id=card_id)
    await until(lambda: offer in files)
    assert [file for file in files if file] == [offer]


async def test_what_a_press_is_answered_with_stands_in_the_persons_own_chat_for_all_their_devices(bot: Bot) -> None:
    answer = await bot.press("help")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates == [("pressed", answer)]


@pytest.mark.parametrize("place", [GROUP, replace(GROUP, kind=PlaceKind.CHANNEL)])
async def test_where_others_read_along_a_press_changes_nothing_for_them(bot: Bot, place: Place) -> None:
    assert await bot.press("help", place=place)
    bot.odd = late_answer(lambda: say("errors.flood"), WORKING)
    assert await bot.press("odd", "2", place=place)
    await until(lambda: bool(bot.words))
    assert bot.channel.opened == ["29:ana"]  # what came late was for who pressed
    assert "That was a lot at once" in bot.words[0]
    assert bot.channel.updates == []


@pytest.mark.parametrize("later", [broken, unreachable])
async def test_what_fails_late_after_a_press_where_others_read_along_is_told_in_private(
    bot: Bot, later: Callable[[], Reply]
) -> None:
    bot.odd = late_answer(later, WORKING)
    await bot.press("odd", place=GROUP)
    await until(lambda: bool(bot.words))
    [(conversation, _, _)] = bot.channel.said
    assert (conversation, bot.channel.updates) == ("a:opened", [])


async def test_a_clients_own_refresh_changes_no_message_and_asks_for_no_refusal(bot: Bot) -> None:
    assert await bot.press("help", automatic=True)
    bot.odd = late_answer(lambda: say("errors.flood"), WORKING)
    await bot.press("odd", "2", automatic=True)
    bot.odd = raises(TenantUnreachable(CANARY))
    assert await bot.press("odd", "3", automatic=True) == ""
    assert await bot.press("help", "4", automatic=True) == ""  # the flood
    await bot.press("help", "5", automatic=True, person=BEN, place=GROUP)
    bot.directory.guest = True
    assert await bot.press("pin.forgot", "6", automatic=True, person=BEN) == ""
    assert (bot.channel.updates, bot.words) == ([], [])


async def test_a_refusal_and_a_button_of_nobody_leave_the_pressed_card_as_it_is(bot: Bot) -> None:
    bot.odd = raises(TenantUnreachable(CANARY))
    assert "Try again" in await bot.press("odd")
    assert await bot.press("no.such.verb", "2")
    bot.directory.guest = True
    assert "Try again" not in await bot.press("pin.forgot", "3")
    await bot.pipeline.close()
    assert bot.channel.updates == []


@pytest.mark.parametrize(("place", "chat"), [(CHAT, CHAT.conversation_id), (GROUP, "a:opened")])
async def test_what_comes_late_of_a_press_is_done_and_said_though_the_client_does_not_name_the_pressed_message(
    bot: Bot, place: Place, chat: str
) -> None:
    bot.odd = late_answer(lambda: say("errors.flood"), WORKING)
    assert "One moment" in await bot.press("odd", card_id="", place=place)
    await until(lambda: bool(bot.channel.updates))
    [(conversation, first, _)] = bot.channel.said
    assert (conversation, "One moment" in first) == (chat, True)
    assert [words for _, words in bot.channel.updates] == [shown(say("errors.flood"))]


async def test_what_fails_late_offers_the_same_press_again(bot: Bot) -> None:
    bot.odd = late_answer(unreachable, WORKING)
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert "Try again" in bot.channel.updates[0][1]


async def test_help_that_was_there_already_stays_on_the_other_devices_too(bot: Bot) -> None:
    bot.odd = late_answer(unreachable)
    answer = await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates == [("pressed", answer)]


async def test_of_two_presses_on_one_card_the_newer_one_stays_whatever_comes_late(bot: Bot) -> None:
    answered = asyncio.Event()

    async def late() -> Reply:
        await answered.wait()
        return say("errors.flood")

    bot.odd = lambda: Answer(say("help"), later=late)
    await bot.press("odd")
    newer = await bot.press("help", "2")
    await until(lambda: bool(bot.channel.updates))
    answered.set()
    await asyncio.sleep(0.05)  # the older one has nothing to wait for any more
    assert bot.channel.updates == [("pressed", newer)]
