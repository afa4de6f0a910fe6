"""What was under way when the bot was stopped is apologised for when it starts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.chat.afterwards import Apologies, Promise
from bot.chat.command import Answer
from bot.chat.notices import WORKING
from bot.chat.turn import Sent
from bot.errors import NotSent
from dialogs.words.replies import Reply
from tests.chat.pipeline.harness import (
    ANA,
    CHAT,
    GROUP,
    Bot,
    say,
)
from tests.deadlines import GENEROUS, PATIENCE
from tests.teams.door.front import until


async def _no_redraw(number: int) -> None:
    raise AssertionError(number)


async def _restart(bot: Bot) -> None:
    """What SIGTERM does, and the next start."""
    await bot.pipeline.close()
    apologies = Apologies(bot.promises, bot.channel, bot.conversations.personal_of, _no_redraw)
    await apologies.load()
    await apologies.round()


def _hanging() -> tuple[asyncio.Event, Callable[[], Awaitable[Reply]]]:
    """What never comes to its end; the event: it has begun."""
    hangs = asyncio.Event()

    async def later() -> Reply:
        hangs.set()
        await asyncio.Event().wait()
        raise AssertionError

    return hangs, later


async def test_one_moment_does_not_stay_for_ever_when_the_bot_is_restarted(bot: Bot) -> None:
    hangs, later = _hanging()
    bot.odd = lambda: Answer(WORKING, later=later)
    await bot.hear("odd")
    await hangs.wait()
    await _restart(bot)
    ((changed, said),) = bot.channel.updates
    assert (changed, "I was restarted" in said) == ("sent-1", True)
    assert await bot.promises.left() == []


async def test_help_that_was_to_be_completed_stays_and_the_rest_is_apologised_for(bot: Bot) -> None:
    hangs, later = _hanging()
    bot.odd = lambda: Answer(say("help"), later=later)
    await bot.hear("odd")
    await hangs.wait()
    await _restart(bot)
    assert bot.channel.updates == []
    assert "I was restarted" in bot.words[-1]


async def test_what_was_kept_is_not_apologised_for(bot: Bot) -> None:
    async def later() -> Reply:
        return say("help")

    bot.build(replace(GENEROUS, finish=PATIENCE))
    bot.odd = lambda: Answer(WORKING, later=later)
    await bot.hear("odd")
    await until(lambda: bool(bot.channel.updates))
    await _restart(bot)
    assert len(bot.channel.updates) == len(bot.channel.said) == 1


async def test_what_is_under_way_may_end_when_the_bot_is_stopped(bot: Bot) -> None:
    bot.build(replace(GENEROUS, finish=PATIENCE))
    goes_on, began = asyncio.Event(), asyncio.Event()

    async def later() -> Reply:
        began.set()
        await goes_on.wait()
        return say("help")

    bot.odd = lambda: Answer(WORKING, later=later)
    await bot.hear("odd")
    await began.wait()
    stopping = asyncio.create_task(bot.pipeline.close())
    await asyncio.sleep(0)
    goes_on.set()
    await stopping
    ((_, said),) = bot.channel.updates
    assert "What I can do" in said


async def test_an_apology_that_teams_does_not_take_is_made_later(bot: Bot) -> None:
    promise = Promise(Sent(CHAT, "old"), "ana", "en", stays=False)
    await bot.promises.made(promise)
    apologies = Apologies(bot.promises, bot.channel, bot.conversations.personal_of, _no_redraw)
    await apologies.load()
    bot.channel.deaf, bot.channel.failure = {CHAT.conversation_id}, NotSent("503")
    await apologies.round()
    assert await bot.promises.left() == [promise]
    bot.channel.deaf = set()
    await apologies.round()
    assert (await bot.promises.left(), len(bot.channel.updates)) == ([], 1)


async def test_what_others_read_along_is_apologised_for_in_private_and_a_requests_card_is_drawn_anew(bot: Bot) -> None:
    drawn: list[int] = []

    async def redraw(number: int) -> None:
        drawn.append(number)

    await bot.conversations.learn(ANA, CHAT)
    await bot.promises.made(Promise(Sent(GROUP, "1"), ANA.object_id, "en", stays=False))
    await bot.promises.made(Promise(Sent(CHAT, "2"), ANA.object_id, "en", stays=True, request=7))
    apologies = Apologies(bot.promises, bot.channel, bot.conversations.personal_of, redraw)
    await apologies.load()
    await apologies.round()
    assert (drawn, [place for place, _, _ in bot.channel.said], bot.channel.updates) == (
        [7],
        [CHAT.conversation_id],
        [],
    )
