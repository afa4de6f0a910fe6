"""Each conversation is welcomed once, and what Teams tells of it is kept."""

import asyncio
from dataclasses import replace

import pytest

from bot.chat.turn import Place, Turn, TurnKind
from bot.errors import NotKept, NotSent
from tests.chat.pipeline.harness import (
    ANA,
    BEN,
    CHAT,
    GROUP,
    SORRY,
    Bot,
)
from tests.conftest import CANARY


async def test_each_conversation_is_welcomed_once_by_a_message_that_replies_to_nothing(bot: Bot) -> None:
    for number in range(3):
        await bot.hear("", f"p{number}", kind=TurnKind.INSTALLED)
        await bot.hear("", f"g{number}", kind=TurnKind.INSTALLED, place=GROUP)
    assert [(conversation, reply_to) for conversation, _, reply_to in bot.channel.said] == [
        ("a:ana", ""),
        ("19:group", ""),
    ]


@pytest.mark.parametrize("place", [CHAT, GROUP], ids=["personal", "group"])
@pytest.mark.parametrize("count", [2, 3, 10])
async def test_events_of_one_install_that_come_at_once_are_one_welcome(bot: Bot, place: Place, count: int) -> None:
    hearing = (bot.hear("", f"f:{number}", kind=TurnKind.INSTALLED, place=place) for number in range(count))
    await asyncio.gather(*hearing)
    assert [text for text in bot.words if SORRY in text] == []
    assert len(bot.words) == 1


async def test_who_wrote_first_is_welcomed_once_when_teams_tells_of_the_install_later(bot: Bot) -> None:
    await bot.hear("help", "1")
    await bot.conversations.close()
    for number in range(2):
        await bot.hear("", f"f:{number}", kind=TurnKind.INSTALLED)
    assert len(bot.words) == 2


async def test_who_removes_the_bot_is_forgotten_without_a_word_and_welcomed_again_later(bot: Bot) -> None:
    await bot.hear("", "1", kind=TurnKind.INSTALLED)
    bot.channel.said.clear()
    await bot.hear("", "2", kind=TurnKind.REMOVED)
    assert await bot.conversations.personal(ANA) is None
    assert bot.channel.said == []
    await bot.hear("", "3", kind=TurnKind.INSTALLED)
    assert len(bot.words) == 1


async def test_who_takes_the_bot_out_of_a_group_is_not_forgotten_and_the_group_is_welcomed_again(bot: Bot) -> None:
    for kind, place in ((TurnKind.INSTALLED, CHAT), (TurnKind.INSTALLED, GROUP), (TurnKind.REMOVED, GROUP)):
        await bot.hear("", f"{kind} {place.kind}", kind=kind, place=place)
    assert await bot.conversations.personal(ANA) == CHAT
    await bot.hear("", "again", kind=TurnKind.INSTALLED, place=GROUP)
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:ana", "19:group", "19:group"]


@pytest.mark.parametrize("kind", [TurnKind.INSTALLED, TurnKind.REMOVED])
async def test_an_event_that_was_not_kept_is_told_again_and_nobody_is_told_sorry(
    bot: Bot, kind: TurnKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name in ("installed", "forget"):
            patch.setattr(bot.conversations, name, _fails)
        patch.setattr(bot.pipeline, "_erase", _fails)
        for _ in range(2):
            with pytest.raises(NotKept):
                await bot.hear("", "f:1", kind=kind)
    assert bot.words == []
    await bot.hear("", "f:1", kind=kind)
    assert len(bot.words) == (kind is TurnKind.INSTALLED)


async def _fails(*_: object) -> bool:
    raise RuntimeError(CANARY)


@pytest.mark.parametrize("failure", [NotSent("503"), NotSent("403", blocked=True), RuntimeError(CANARY)])
async def test_a_welcome_that_does_not_get_through_is_no_reason_to_tell_the_install_again(
    bot: Bot, failure: Exception
) -> None:
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, failure
    assert await bot.hear("", "f:1", kind=TurnKind.INSTALLED) is None
    assert await bot.conversations.personal(ANA) == CHAT


async def test_three_thousand_installs_at_once_are_one_welcome_each_and_push_out_no_answer(bot: Bot) -> None:
    await bot.hear("help", "first")
    turns = [
        Turn(
            TurnKind.INSTALLED,
            f"f:{number}-{again}",
            replace(ANA, object_id=f"{number}"),
            replace(CHAT, conversation_id=f"a:{number}"),
        )
        for number in range(3_000)
        for again in range(2)
    ]
    await asyncio.gather(*(bot.pipeline.handle(turn) for turn in turns))
    await bot.hear("help", "first")
    welcomed = [conversation for conversation, _, _ in bot.channel.said[1:]]
    assert sorted(welcomed) == sorted(f"a:{number}" for number in range(3_000))
    assert len(await bot.conversations.reachable("t", [turn.person.object_id for turn in turns])) == 3_000


async def test_whatever_is_written_or_pressed_in_a_personal_chat_teaches_it_and_elsewhere_nothing(bot: Bot) -> None:
    await bot.hear("help", "1")
    await bot.press("help", "2", person=BEN, place=replace(CHAT, conversation_id="a:ben"))
    await bot.hear("help", "3", person=replace(ANA, object_id="cleo"), place=GROUP)
    await bot.conversations.close()
    assert await bot.conversations.reachable("t", ["ana", "ben", "cleo"]) == {"ana", "ben"}


async def test_an_answer_neither_waits_for_what_is_learnt_nor_fails_by_it(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = asyncio.Event()

    async def hangs(_batch: object) -> None:
        await hanging.wait()
        raise RuntimeError(CANARY)

    monkeypatch.setattr(bot.conversations, "_store", hangs)
    await bot.hear("help", "1")
    assert "What I can do" in bot.words[0]
    hanging.set()
    await bot.conversations.close()
    assert "chat not learnt" in caplog.text
