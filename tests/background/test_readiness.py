"""/readyz names what is out of reach or waits too long, and asks seldom; all ways out lead through a proxy, if any."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bot import app
from bot.background.outside import Outside
from bot.background.readiness import OLD_KEYS, REACH_SECONDS, InReach, Readiness
from bot.config import simulated
from bot.demo import run
from bot.errors import BotError, SignInRefused
from bot.simulation import World
from bot.store.tables import OutboxRow
from bot.tenant.login import Login
from tests.deadlines import GENEROUS, PATIENCE
from tests.simulation.clients import GRAPH, signed_in
from tests.teams.door import front
from tests.test_config import GOOD


async def _not_ready(world: World) -> list[str]:
    url = world.teams.bot_url.replace("/api/messages", "/readyz")
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        document = await answer.json()
        assert (answer.status == 200) is document["ready"]
        return list(document.get("not_ready", ()))


@pytest.mark.parametrize("place", ["graph", "connector", "keys"])
@pytest.mark.parametrize("trouble", ["fail", "reset"])
async def test_what_is_out_of_reach_is_named_by_class_until_it_is_back(place: str, trouble: str) -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        getattr(world.faults, trouble)(place)
        assert await _not_ready(world) == [place]
        world.faults.clear()
        assert await _not_ready(world) == []


async def test_a_token_without_any_permission_is_not_ready() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        world.tenant.permissions.clear()
        assert await _not_ready(world) == ["permissions"]


@pytest.mark.parametrize(("minutes", "named"), [(6, ["outbox"]), (4, [])])
async def test_news_that_nobody_has_taken_for_five_minutes_are_named(
    tmp_path: Path, minutes: int, named: list[str]
) -> None:
    file = tmp_path / "bot.sqlite3"
    url = f"sqlite+aiosqlite:///{file}"
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_DATABASE_URL=url) as world:
        now = datetime.now(UTC)
        letter = OutboxRow(
            key="1/a/filed/approvers",
            request=1,
            event="filed",
            audience="approvers",
            created_at=now - timedelta(minutes=minutes),
            due_at=now + timedelta(minutes=9),
            tries=3,
        )
        engine = create_async_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            session.add(letter)
        await engine.dispose()
        assert await _not_ready(world) == named


async def _nothing_waits() -> float:
    return 0.0


class _InReach:
    async def missing(self, _seconds: float) -> list[str]:
        return []


async def test_a_list_of_keys_is_fetched_anew_without_any_call_and_named_once_it_is_a_day_old() -> None:
    async with front.opened() as door:
        ready = Readiness(list, cast("InReach", _InReach()), _nothing_waits, door.keys.age_at_best)
        assert await ready.missing(PATIENCE) == []  # before the first call there is no list
        assert await door.send(door.good()) == 200
        door.clock.now += OLD_KEYS + 1
        assert (await ready.missing(PATIENCE), door.fetches()) == ([], 2)
        door.faults.fail("keys", 503)
        door.clock.now += OLD_KEYS + 1
        assert await ready.missing(PATIENCE) == ["key_list"]
        assert await door.send(door.good()) == 200  # it is believed for longer


async def test_many_probes_are_one_question_until_the_answer_is_old() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        for _ in range(5):
            assert await _not_ready(world) == []
        assert [world.faults.count(place) for place in ("graph/v1.0/organization", "keys", "connector")] == [1, 1, 1]


async def test_what_hangs_is_out_of_reach_once_the_time_for_a_look_is_over() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world, AsyncExitStack() as stack:
        settings = simulated({**world.settings(), "PINBOT_PORT": "0"})
        login = await signed_in(world)
        stack.callback(login.close)
        ways = await app._ways_out(settings, login, stack, GENEROUS)
        await ways.graph_token()
        world.faults.hang("connector")
        now = 0.0
        reach = InReach(ways, lambda: now)
        assert "connector" in await reach.missing(1.0)
        world.faults.clear()
        assert await reach.missing(PATIENCE) == []
        world.faults.fail("keys", 503)
        assert await reach.missing(PATIENCE) == []
        now = REACH_SECONDS + 1
        assert await reach.missing(PATIENCE) == ["keys"]


async def test_the_number_of_a_refusal_is_kept_and_logged_and_nothing_else_of_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.login.secret = "another"
    login = await signed_in(world)
    world.login.secret = "yet another"
    with caplog.at_level(logging.WARNING), pytest.raises(SignInRefused) as refused:
        await login.token(f"{GRAPH}/.default")
    assert (refused.value.error, refused.value.number) == ("invalid_client", 7000215)
    assert caplog.messages == ["login: invalid_client AADSTS7000215"]


class _SignedIn:
    """Whoever needs a token has one, so that the calls themselves go out."""

    async def token(self, _scope: str) -> str:
        return "a.b.c"


@asynccontextmanager
async def _proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """Its address, and whom it was asked to connect to; it lets nobody through."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode().strip())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def _call_everybody(ways: Outside) -> None:
    with pytest.raises(BotError):
        await ways.graph.user("00000000-0000-4000-8000-000000000001")
    assert not await ways.reach.connector_answers()
    assert not await ways.reach.keys_answer()
    login = app._login(simulated(GOOD_SETTINGS), GENEROUS)
    with pytest.raises(BotError):
        await login.token(f"{GRAPH}/.default")
    login.close()


GOOD_SETTINGS: dict[str, Any] = {name: value for name, value in GOOD.items() if value is not None}
OUTSIDE = ("graph.microsoft.com", "smba.trafficmanager.net", "login.botframework.com", "login.microsoftonline.com")


@pytest.mark.parametrize("inside", ["", "graph.microsoft.com,smba.trafficmanager.net", "*"])
async def test_all_ways_out_lead_through_the_proxy_but_for_what_is_named_as_inside(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with _proxy() as (url, asked), AsyncExitStack() as stack:
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("NO_PROXY", inside)
        settings = simulated(GOOD_SETTINGS)
        ways = await app._ways_out(settings, cast("Login", _SignedIn()), stack, GENEROUS)
        await _call_everybody(ways)
    through = {line.split()[1].removesuffix(":443") for line in asked if line.startswith("CONNECT")}
    assert through == {one for one in OUTSIDE if inside != "*" and one not in inside}
