"""A question goes from the private chat to the help desk's channel, and its answer comes back, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot import app
from bot.chat.deadlines import Deadlines
from bot.config import simulated
from bot.simulation import World, simulate
from bot.simulation.chats import FILE_CONSENT, Said, channel_id
from bot.simulation.teams import actions
from cards.plain import plain
from tests.deadlines import GENEROUS, PATIENCE

QUESTION = "how do I frobnicate the gizmo"
ASKER, FIRST, SECOND = "user", "hybrid", "several"  # two of the help desk have no role in the rollout


@pytest.fixture
async def tenant() -> AsyncIterator[World]:
    async with simulate("rollout") as world:
        yield world


@asynccontextmanager
async def bot(world: World, tmp_path: Path, deadlines: Deadlines = GENEROUS, **more: str) -> AsyncIterator[None]:
    """One life of the bot; the tenant and the database outlive it."""
    database = f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite3'}"
    settings = {"PINBOT_PORT": "0", "PINBOT_DATABASE_URL": database, "PINBOT_TURNS_PER_MINUTE": "1000"}
    async with app.running(simulated({**world.settings(), **settings, **more}), deadlines=deadlines) as address:
        world.teams.bot_url = f"{address}/api/messages"
        yield


def shown(said: Said, person: str) -> str:
    return plain(said.card_of(person) or {"type": "AdaptiveCard"})


def newest(world: World, person: str) -> Said:
    return world.chats.personal(person).by_bot()[-1]


async def say(world: World, person: str, text: str) -> str:
    await world.teams.say(person, text)
    return shown(newest(world, person), person)


async def press(world: World, person: str, said: Said, title: str, **inputs: str) -> str:
    button = next(one for one in actions(said.card_of(person)) if one.get("title") == title)
    answer = await world.teams.press(person, said.id, button["verb"], {**button.get("data", {}), **inputs})
    assert answer.status == 200
    return shown(said, person)


def threads(world: World) -> list[Said]:
    """What the bot began in the channel, in order."""
    found = (one for one in world.chats.conversations.values() if one.id.startswith(channel_id()))
    return [said for one in found for said in one.by_bot()]


async def until(world: World, said: Said, words: str) -> None:
    """Wait until a card says so to everybody."""
    async with asyncio.timeout(PATIENCE):
        if words not in plain(said.card or {}):
            await world.chats.wait(lambda: words in plain(said.card or {}))


async def in_channel(world: World, number: int) -> Said:
    """The channel's card of a question, once it is there."""

    def found() -> Said | None:
        return next((one for one in threads(world) if f"Question #{number}\n" in plain(one.card or {})), None)

    async with asyncio.timeout(PATIENCE):
        if not found():
            await world.chats.wait(lambda: found() is not None)
    card = found()
    assert card
    return card


async def told(world: World, person: str, words: str) -> str:
    """Wait until the person's own chat says so; that card."""

    def found() -> list[str]:
        return [text for one in world.chats.personal(person).by_bot() if words in (text := shown(one, person))]

    async with asyncio.timeout(PATIENCE):
        if not found():
            await world.chats.wait(lambda: bool(found()))
    return found()[-1]


async def ask(world: World, person: str = ASKER, text: str = QUESTION) -> str:
    """Be not helped, ask a person, send the form as it is preset."""
    assert "Ask a person" in await say(world, person, text)
    said = newest(world, person)
    form = await press(world, person, said, "Ask a person")
    assert "organisation's help desk" in form
    preset = next(one["value"] for one in (said.card_of(person) or {})["body"] if one.get("id") == "question")
    return await press(world, person, said, "Hand it on", question=preset)


async def test_a_question_is_taken_answered_and_told_across_three_lives_of_the_bot(
    tenant: World, tmp_path: Path
) -> None:
    async with bot(tenant, tmp_path):
        await tenant.teams.install(ASKER)
        assert "Question #1 is with the help desk" in await ask(tenant)
    async with bot(tenant, tmp_path):
        card = await in_channel(tenant, 1)
        assert QUESTION in shown(card, FIRST)
        assert "Uma Keller (user@contoso.example)" in shown(card, FIRST)
        assert "Send the answer" in await press(tenant, FIRST, card, "Take it")
        await until(tenant, card, "Hanna Berg")
    async with bot(tenant, tmp_path):
        await press(tenant, FIRST, card, "Answer it")
        await press(tenant, FIRST, card, "Send the answer", answer="Only when it rains.")
        answer = await told(tenant, ASKER, "An answer to your question #1")
        assert "Only when it rains." in answer
        assert "Hanna Berg" in answer
        await until(tenant, card, "The answer was delivered")
        assert len(threads(tenant)) == 1


async def test_one_takes_it_and_the_others_see_who_and_may_take_it_over_on_purpose(
    tenant: World, tmp_path: Path
) -> None:
    async with bot(tenant, tmp_path):
        await ask(tenant)
        card = await in_channel(tenant, 1)
        button = next(one for one in actions(card.card) if one.get("title") == "Take it")
        presses = (tenant.teams.press(one, card.id, button["verb"], button["data"]) for one in (FIRST, SECOND))
        views = [plain(one.body["value"]) for one in await asyncio.gather(*presses)]
        assert sorted("Somebody was faster" in one for one in views) == [False, True]
        assert sorted("Your answer" in one for one in views) == [False, True]
        await until(tenant, card, "has taken it")
        loser = next(one for one, view in zip((FIRST, SECOND), views, strict=True) if "Somebody was faster" in view)
        winner = {FIRST: SECOND, SECOND: FIRST}[loser]
        late = await tenant.teams.press(loser, card.id, "question.answer", {"number": "1", "answer": "Mine!"})
        assert "Somebody was faster" in plain(late.body["value"])
        assert "Take it over" in shown(card, loser)
        assert "Your answer" in await press(tenant, loser, card, "Take it over")
        overtaken = await tenant.teams.press(winner, card.id, "question.answer", {"number": "1", "answer": "Late."})
        assert "Somebody was faster" in plain(overtaken.body["value"])


async def test_a_clients_own_refresh_takes_nothing(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await ask(tenant)
        card = await in_channel(tenant, 1)
        take = next(one for one in actions(card.card) if one.get("title") == "Take it")
        await tenant.teams.press(FIRST, card.id, take["verb"], take["data"], trigger="automatic")
        assert "Nobody has taken it yet" in shown(card, FIRST)


async def test_who_asked_and_can_not_be_written_to_is_named_to_the_help_desk(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await ask(tenant)
        card = await in_channel(tenant, 1)
        await press(tenant, FIRST, card, "Take it")
        tenant.chats.blocked.add(ASKER)
        await press(tenant, FIRST, card, "Send the answer", answer="Only when it rains.")
        await until(tenant, card, "I can't write to the person who asked")
        assert "Only when it rains." in shown(card, SECOND)


@pytest.mark.parametrize(
    ("person", "words"), [("guest", "only help members"), ("unknown", "can't tell right now what you may do")]
)
async def test_only_members_of_the_tenant_take_questions_and_in_doubt_nobody(
    tenant: World, tmp_path: Path, person: str, words: str
) -> None:
    async with bot(tenant, tmp_path):
        await ask(tenant)
        card = await in_channel(tenant, 1)
        if person != "guest":
            tenant.faults.fail("graph/v1.0/users", 503)
        person = "guest" if person == "guest" else SECOND
        assert words in await press(tenant, person, card, "Take it")
        assert "Nobody has taken it yet" in plain(card.card or {})


async def test_a_question_is_taken_and_answered_in_its_channel_only(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await ask(tenant)
        await in_channel(tenant, 1)
        await say(tenant, SECOND, "help")
        said = newest(tenant, SECOND)
        for verb in ("question.view", "question.take", "question.answer"):
            await tenant.teams.press(SECOND, said.id, verb, {"number": "1", "revision": "1", "answer": "x"})
            assert "only works in the help desk's channel" in shown(said, SECOND)


async def test_a_secret_in_question_or_answer_is_not_handed_on(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await ask(tenant)
        form = newest(tenant, ASKER)
        text = "the log says client_secret=canary-6dQ4 and my pin is 493817"
        await tenant.teams.press(ASKER, form.id, "question.send", {"question": text})
        assert "was left out" in shown(form, ASKER)
        card = await in_channel(tenant, 2)
        assert "canary-6dQ4" not in shown(card, FIRST)
        assert "493817" not in shown(card, FIRST)
        assert "the log says" in shown(card, FIRST)
        await press(tenant, FIRST, card, "Take it")
        assert "I hand on no secrets" in await press(
            tenant, FIRST, card, "Send the answer", answer="Your password is Canary-77x!"
        )
        assert "has taken it" in shown(card, FIRST)


async def test_removing_the_bot_erases_what_somebody_asked(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await tenant.teams.install(ASKER)
        await say(tenant, ASKER, QUESTION)
        await press(tenant, ASKER, newest(tenant, ASKER), "Ask a person")
        await press(tenant, ASKER, newest(tenant, ASKER), "Hand it on", question="my secret gizmo")
        card = await in_channel(tenant, 1)
        assert "my secret gizmo" in shown(card, FIRST)
        await tenant.teams.remove(ASKER)
        await until(tenant, card, "It is erased")
        assert "my secret gizmo" not in plain(card.card or {})
        await tenant.teams.press(FIRST, card.id, "question.take", {"number": "1", "revision": "1"})
        assert "no longer here" in shown(card, FIRST)
    kept = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))  # noqa: ASYNC240 - the bot has ended
    assert b"SQLite" in kept
    assert b"my secret gizmo" not in kept


async def test_three_questions_may_wait_and_the_same_one_counts_once(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        for text in (QUESTION, f"{QUESTION} today", f"{QUESTION} today", f"{QUESTION} tomorrow"):
            assert "is with the help desk" in await ask(tenant, text=text)
        assert "still open" in await ask(tenant, text=f"{QUESTION} on sunday")
        await in_channel(tenant, 3)
        assert len(threads(tenant)) == 3


async def test_what_is_known_of_a_failed_reset_goes_along(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await say(tenant, ASKER, "I forgot my PIN")
        said = newest(tenant, ASKER)
        await press(tenant, ASKER, said, "It didn't work")
        send = next(one for one in actions(said.card_of(ASKER)) if one.get("title") == "Send")
        inputs = {"choice": "page_refused", "detail": "CAA20004"}
        await tenant.teams.press(ASKER, said.id, send["verb"], {**send["data"], **inputs})
        await press(tenant, ASKER, said, "Ask a person")
        await press(tenant, ASKER, said, "Hand it on", question="What shall I do?")
        card = shown(await in_channel(tenant, 1), FIRST)
        assert "CAA20004" in card
        assert "CON-LT-0142" in card


async def test_without_a_channel_the_way_to_a_human_is_said_and_no_button_shown(tenant: World, tmp_path: Path) -> None:
    settings = {"PINBOT_HELP_DESK_CHANNEL": "", "PINBOT_HELP_DESK": "extension 4357"}
    async with bot(tenant, tmp_path, GENEROUS, **settings):
        assert "Ask a person" not in await say(tenant, ASKER, QUESTION)
        said = newest(tenant, ASKER)
        for verb in ("question.ask", "question.send"):
            await tenant.teams.press(ASKER, said.id, verb, {"question": QUESTION})
            assert "extension 4357" in shown(said, ASKER)
        assert threads(tenant) == []


async def test_a_thumb_leaves_the_answer_as_it_is_and_unanswered_questions_come_as_a_file(
    tenant: World, tmp_path: Path
) -> None:
    async with bot(tenant, tmp_path):
        for text in (QUESTION, f"{QUESTION}?", "=1+1 how do we frobnicate the gizmo"):
            before = await say(tenant, ASKER, text)
        said = newest(tenant, ASKER)
        vote = {"answer": "not-an-answer", "question": "nobody said this"}
        thanks = await tenant.teams.press(ASKER, said.id, "answer.bad", vote)
        assert "noted that without your name" in thanks.body["value"]
        assert shown(said, ASKER) == before
    async with bot(tenant, tmp_path):
        await say(tenant, "admin", "help")
        await tenant.teams.press("admin", newest(tenant, "admin").id, "gaps.export")
        offer = newest(tenant, "admin")
        assert offer.activity["attachments"][0]["contentType"] == FILE_CONSENT
        await tenant.teams.take_file("admin", offer.id)
        lines = tenant.chats.files[offer.id].decode("utf-8-sig").splitlines()
        assert lines[0].startswith("count,voted_down,newest,question")
        assert int(lines[1].split(",")[0]) >= 2


@pytest.mark.parametrize("person", ["guest", "user"])
async def test_with_a_slow_tenant_nobody_unknown_writes_to_the_help_desk_and_no_word_is_lost(
    tenant: World, tmp_path: Path, person: str
) -> None:
    async with bot(tenant, tmp_path):
        await say(tenant, person, "I forgot my PIN")
        tenant.faults.hang("graph")
    async with bot(tenant, tmp_path, replace(GENEROUS, press=0.1, name=0.1)):  # it has looked nobody up yet
        button = {"question": QUESTION}
        await tenant.teams.press(person, newest(tenant, person).id, "question.send", button)
        form = newest(tenant, person).card_of(person)
        assert "I refuse to be on the safe side" in plain(form or {})
        assert QUESTION in str(form)
        assert threads(tenant) == []
