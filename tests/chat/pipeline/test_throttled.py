"""What Teams does not take for long is said when it takes it again."""

import pytest

from bot.chat.afterwards import MOST_PATIENCE, MOST_TRIES
from bot.chat.command import Answer
from bot.chat.notices import WORKING
from bot.chat.turn import Place, Sent
from bot.errors import NotSent
from tests.chat.pipeline.harness import CHAT, GROUP, Bot, late_answer, say
from tests.teams.door.front import until

THROTTLED = NotSent("429", after=60.0)


@pytest.mark.parametrize(
    ("text", "place", "deaf", "said"),
    [
        ("help", CHAT, "a:ana", ["a:ana"]),
        ("forgot", CHAT, "a:ana", ["a:ana"]),
        ("odd", GROUP, "19:group", ["19:group"]),
        ("forgot", GROUP, "a:opened", ["19:group", "a:opened"]),
    ],
)
async def test_an_answer_that_is_throttled_for_long_is_said_when_teams_takes_it_again(
    bot: Bot, text: str, place: Place, deaf: str, said: list[str]
) -> None:
    runs: list[str] = []

    def odd() -> Answer:
        runs.append("odd")
        return Answer(say("help"))

    bot.odd = odd
    bot.channel.deaf, bot.channel.failure = {deaf}, THROTTLED
    await bot.hear(text, place=place)
    await until(lambda: len(bot.channel.said) == len(said))
    assert sorted(conversation for conversation, _, _ in bot.channel.said) == sorted(said)
    assert bot.slept == [60.0]
    assert len(runs) <= 1  # said later, not done again


async def test_one_moment_is_followed_by_its_answer_though_teams_throttles_that_for_long(bot: Bot) -> None:
    bot.odd = late_answer(lambda: say("errors.flood"), WORKING)
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, THROTTLED
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert "That was a lot at once" in bot.channel.updates[0][1]
    assert bot.slept == [60.0]


@pytest.mark.parametrize("after", [None, MOST_PATIENCE + 1])
async def test_what_is_final_or_too_late_is_not_said_later(bot: Bot, after: float | None) -> None:
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, NotSent("500", after=after)
    await bot.hear("help")
    await bot.pipeline.close()
    assert (bot.slept, bot.channel.said) == ([], [])


async def test_three_refusals_end_it(
    bot: Bot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> Sent:
        raise THROTTLED

    monkeypatch.setattr(bot.channel, "send", never)
    await bot.hear("help")
    await until(lambda: "not said later either: NotSent" in caplog.text)
    assert bot.slept == [60.0] * MOST_TRIES
