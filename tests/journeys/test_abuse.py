"""What people and strangers try, against the whole bot: evil addresses, floods, repetitions, nonsense, leaks."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.chat.deadlines import Deadlines
from bot.chat.turn import Person, Place, PlaceKind
from bot.demo import run
from bot.simulation import World
from bot.simulation.teams import BotAnswer
from bot.store.conversations import Conversations
from bot.store.database import open_database
from cards.plain import plain
from tests.deadlines import GENEROUS
from tests.teams.door import calls, mutations
from tests.teams.door.changes import body, both, head, service_url

log = logging.getLogger(__name__)

MOST = 5
ODD_CALLS = 500
MANY = "100000"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Where this test's bot keeps what it keeps."""
    return f"sqlite+aiosqlite:///{tmp_path / 'kept' / 'bot.sqlite3'}"


@asynccontextmanager
async def _bot(
    database: str, deadlines: Deadlines = GENEROUS, **settings: str
) -> AsyncIterator[tuple[World, aiohttp.ClientSession]]:
    async with (
        run.running("rollout", deadlines=deadlines, PINBOT_PORT="0", PINBOT_DATABASE_URL=database, **settings) as world,
        aiohttp.ClientSession() as session,
    ):
        yield world, session


def _said(world: World, person: str) -> list[str]:
    return [_shown(one.card) for one in world.chats.personal(person).by_bot()]


def _shown(card: Any) -> str:
    return plain(card) if card else ""


class Evil:
    """A server that only counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.url = ""

    def met(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@pytest.fixture
async def evil() -> AsyncIterator[Evil]:
    """Listening on loopback, where the guard of the tests would let a call through."""
    evil = Evil()
    server = await asyncio.start_server(evil.met, "127.0.0.1", 0)
    evil.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield evil


async def test_an_evil_service_url_sees_no_request(evil: Evil, database: str) -> None:
    async with _bot(database) as (world, session):
        good = world.teams.service_url.rstrip("/")
        for url in (
            evil.url,
            f"{evil.url}/teams/",
            evil.url.replace("://", "://smba.trafficmanager.net@"),
            f"{good}@x",
        ):
            for change in (service_url(url), body(serviceUrl=url), both(service_url(url), head(jku=url, x5u=url))):
                call = calls.good_in(world)
                change(call)
                assert (await call.send(session, calls.origin(world)))[0] in {401, 403}
        assert (evil.visits, world.faults.count("connector")) == (0, 0)


async def test_a_stored_place_at_an_evil_address_sees_no_request(evil: Evil, database: str) -> None:
    async with _bot(database) as (world, _):
        await _store(world, database, f"{evil.url}/teams/")
        await world.teams.say("user", "I forgot my PIN", where="group")
        group = world.chats.place("group", "user", "")
        assert ["Please write to me in private" in _shown(one.card) for one in group.by_bot()] == [True]
        assert (evil.visits, _said(world, "user")) == (0, [])


async def _store(world: World, database: str, url: str) -> None:
    """Put a personal chat into the bot's database, past all checks."""
    engine = await open_database(database)
    person = world.company.people["user"]
    place = Place(PlaceKind.PERSONAL, world.chats.personal("user").id, world.tenant.id, url, "28:bot")
    owner = Person(world.tenant.id, person.object_id, person.chat_id, "")
    await Conversations(engine, lambda: datetime.now(UTC)).learn(owner, place)
    await engine.dispose()


async def test_one_persons_flood_is_answered_once_and_does_not_slow_others(database: str) -> None:
    async with _bot(database, PINBOT_TURNS_PER_MINUTE=str(MOST)) as (world, _):
        flood = [asyncio.create_task(world.teams.say("user", "I forgot my PIN")) for _ in range(200)]
        assert (await world.teams.say("hybrid", "I forgot my PIN")).status == 200
        assert "CON-LT-0301" in _said(world, "hybrid")[0]
        assert {answer.status for answer in await asyncio.gather(*flood)} == {200}
        said = _said(world, "user")
        assert ["That was a lot at once" in one for one in said].count(True) == 1
        assert len(said) == MOST + 1


async def test_a_message_that_teams_delivers_again_is_answered_once(database: str) -> None:
    async with _bot(database) as (world, _):
        first = await world.teams.say("user", "I forgot my PIN")
        again = [await world.teams.again(first), *await asyncio.gather(*(world.teams.again(first) for _ in range(10)))]
        assert {answer.status for answer in again} == {200}
        assert len(_said(world, "user")) == 1


async def test_a_press_that_is_delivered_ten_times_at_once_has_one_answer(database: str) -> None:
    async with _bot(database) as (world, _):
        await world.teams.say("user", "help")
        message = world.chats.personal("user").by_bot()[0]
        press = await world.teams.press("user", message.id, "pin.forgot")
        again = await asyncio.gather(*(world.teams.again(press) for _ in range(10)))
        assert [answer.body for answer in again] == [press.body] * 10
        assert "CON-LT-0142" in _shown(press.body["value"])


async def test_nonsense_from_people_of_the_tenant_breaks_no_turn(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20_261)
    async with _bot(database, PINBOT_TURNS_PER_MINUTE="100000") as (world, session):

        async def send(mutation: mutations.Mutation) -> int:
            call = calls.good_in(world, text="I forgot my PIN")
            mutation(chance, call)
            return (await call.send(session, calls.origin(world)))[0]

        statuses = [await send(chance.choice(mutations.ANY)) for _ in range(ODD_CALLS)]
        assert set(statuses) <= {200, 400, 401, 403, 413, 415}
        assert statuses.count(200) > ODD_CALLS / 10
        assert "turn" not in {record.getMessage().partition(" ")[0] for record in caplog.records}


PIN, PASSWORD = "734912", "Pa55-Canary!"
TYPED = [
    f"my pin is {PIN} and it does not work",
    f"PIN: {PIN}",
    f"{PIN}",
    f"my password is {PASSWORD}",
    f"I forgot my PIN, it was {PIN}. Password {PASSWORD}",
    f"error {PIN} when I type {PASSWORD}",
    f"meine PIN lautet {PIN}",
]


async def _tell_secrets(world: World) -> list[Any]:
    """PIN and password in every way that a person can send them; what the presses were answered with."""
    answers: list[Any] = []
    for text in TYPED:
        await world.teams.say("user", text)
        await world.teams.say("user", text, where="group")
        await world.teams.say("user", text, where="channel")
        await world.teams.say("guest", text)
    said = world.chats.personal("user").by_bot()[-1]
    for verb in ("help", "pin.failed", "pin.forgot", "pin.device", "pin.worked", "no.such.verb", PIN):
        data = {"detail": PIN, "choice": PASSWORD, "device": PIN, "state": PASSWORD, "intent": PIN}
        answers.append((await world.teams.press("user", said.id, verb, data)).body)
        await world.teams.submit("user", said.id, {"verb": verb, **data})
    return answers


def _raise_with_text(text: str, _locale: str) -> None:
    if text:  # the start reads an empty one
        raise ValueError(f"cannot read {text}")


async def test_secrets_are_nowhere_but_where_they_belong(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    async with _bot(database, PINBOT_TURNS_PER_MINUTE="100000") as (world, _):
        bearers = _recorded(world, monkeypatch)
        await world.teams.install("user")
        answers = await _tell_secrets(world)
        world.faults.fail("connector", 403)
        answers += await _tell_secrets(world)
        world.faults.clear()
        kept = b"".join(path.read_bytes() for path in sorted((tmp_path / "kept").iterdir()))
    monkeypatch.setattr("bot.app.understand", _raise_with_text)
    async with _bot(database) as (broken, _):
        await broken.teams.say("user", f"my pin is {PIN}")
    sent = [one.activity for chat in (*world.chats.conversations.values(), *broken.chats.conversations.values())
            for one in chat.by_bot()]  # fmt: skip
    secrets = [PIN, PASSWORD, world.login.secret, broken.login.secret, *bearers]
    logged = [f"{record.getMessage()} {vars(record)} {record.exc_text}" for record in caplog.records]
    conversations = {"logs": logged, "output": capfd.readouterr(), "database": kept, "sent": sent, "answers": answers}
    found = {(name, secret[:12]) for name, place in conversations.items() for secret in secrets if secret in str(place)}
    assert found == set()
    assert len(bearers) >= 3
    assert (b"SQLite" in kept, len(sent) > len(TYPED), "turn failed" in str(logged)) == (True, True, True)


def _recorded(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The signature of every bearer token from here on, inbound and outbound."""
    seen: list[str] = []

    def recording(make: Callable[..., str]) -> Callable[..., str]:
        def made(*arguments: Any, **more: Any) -> str:
            token = make(*arguments, **more)
            seen.append(token.rpartition(".")[2])
            return token

        return made

    monkeypatch.setattr(world.login, "issue", recording(world.login.issue))
    monkeypatch.setattr(world.channel, "token", recording(world.channel.token))
    return seen


async def test_a_device_is_shown_to_its_owner_alone(database: str) -> None:
    async with _bot(database) as (world, _):
        await world.teams.install("user")
        for where in ("group", "channel"):
            await world.teams.say("user", "I forgot my PIN", where=where)
        shown = {chat.id: str([one.activity for one in chat.by_bot()]) for chat in world.chats.conversations.values()}
        assert {chat for chat, text in shown.items() if "CON-LT-0142" in text} == {world.chats.personal("user").id}


class Lag:
    """The longest time that the event loop did not come round, in milliseconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, (loop.time() - before) * 1_000 - 5)


@pytest.fixture
async def lag() -> AsyncIterator[Lag]:
    """Watched through the whole test."""
    lag = Lag()
    task = asyncio.create_task(lag.watch())
    yield lag
    task.cancel()


async def test_while_the_keys_hang_nobody_gets_in_and_nothing_else_waits(database: str) -> None:
    async with _bot(database, replace(GENEROUS, keys=0.1), PINBOT_TURNS_PER_MINUTE=MANY) as (world, session):
        world.faults.hang("keys")
        async with _twenty(world) as asking:
            assert await _health(world, session) == 200
            assert {answer.status for answer in await asking} == {503}
        assert _said(world, "user") == []


async def test_while_graph_hangs_everybody_gets_the_general_steps(database: str, lag: Lag) -> None:
    async with _bot(database, replace(GENEROUS, answer=0.1), PINBOT_TURNS_PER_MINUTE=MANY) as (world, session):
        lag.longest = 0.0  # what the start took is another matter
        world.faults.hang("graph")
        async with _twenty(world) as asking:
            assert await _health(world, session) == 200
            assert {answer.status for answer in await asking} == {200}
        assert ["Sign-in options" in one and "CON-LT" not in one for one in _said(world, "user")] == [True] * 20
    log.info("longest gap of the event loop: %.0f ms", lag.longest)  # shown by --log-cli-level=INFO


async def test_while_the_connector_hangs_only_what_is_to_be_said_waits(database: str) -> None:
    async with _bot(database, PINBOT_TURNS_PER_MINUTE=MANY) as (world, session):
        world.faults.hang("connector")
        async with _twenty(world) as asking:
            await world.faults.wait(lambda: world.faults.count("connector") > 0)
            assert await _health(world, session) == 200
            assert _said(world, "user") == []
            world.faults.clear()
            assert {answer.status for answer in await asking} == {200}
        assert ["CON-LT-0142" in one for one in _said(world, "user")] == [True] * 20


@asynccontextmanager
async def _twenty(world: World) -> AsyncIterator["asyncio.Future[list[BotAnswer]]"]:
    """Twenty messages at once; what hangs is let go at the end."""
    asking = asyncio.gather(*(world.teams.say("user", "I forgot my PIN") for _ in range(20)))
    yield asking
    world.faults.clear()


async def _health(world: World, session: aiohttp.ClientSession) -> int:
    async with session.get(f"{calls.origin(world)}/healthz") as answer:
        return answer.status
