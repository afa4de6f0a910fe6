"""The log is one line an event, as text or as JSON, with Graph's own ids and with nothing that people wrote."""

import json
import logging
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from bot import logs
from bot.simulation import World, simulate
from tests.simulation.clients import real_graph
from tests.test_app import start

WROTE = "what people wrote"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, logging.StreamHandler[StringIO]]]:
    """A logger of the bot's, and its handler."""
    handler, logger = logging.StreamHandler(StringIO()), logging.getLogger("bot.tested")
    logger.addHandler(handler)
    yield logger, handler
    logger.removeHandler(handler)


@pytest.mark.parametrize("formatter", [logs.OneLine(), logs.Json()])
def test_an_error_is_its_type_and_place_on_the_same_line(
    log: tuple[logging.Logger, logging.StreamHandler[StringIO]], formatter: logging.Formatter
) -> None:
    logger, handler = log
    handler.setFormatter(formatter)
    try:
        int(WROTE)
    except ValueError:
        logger.exception("round failed: %s", "two\nlines\u2028")
    (line,) = handler.stream.getvalue().splitlines()
    assert "ValueError at test_an_error_is_its_type_and_place" in line
    said = json.loads(line)["message"] if isinstance(formatter, logs.Json) else line
    assert ("two\\nlines\\u2028" in said, WROTE in line) == (True, False)


def test_lines_of_one_call_are_told_by_its_name(log: tuple[logging.Logger, logging.StreamHandler[StringIO]]) -> None:
    logger, handler = log
    named = logs.TURN.set("0a1b2c3d")
    for formatter in (logs.OneLine(), logs.Json()):
        handler.setFormatter(formatter)
        logger.warning("slow")
    logs.TURN.reset(named)
    logger.warning("alone")
    text, first, second = handler.stream.getvalue().splitlines()
    assert text.endswith("WARNING bot.tested slow turn=0a1b2c3d")
    assert json.loads(first)["turn"] == "0a1b2c3d"
    assert json.loads(second).keys() == {"time", "level", "logger", "message"}


async def test_a_refusal_of_graph_has_graphs_own_id_whether_read_or_written(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(logs.Json())
    world.faults.fail("graph", 400)
    async with real_graph(world) as graph:
        with pytest.raises(Exception, match="400"):
            await graph.user("00000000-0000-4000-8000-000000000001")
        status, answered = await graph.send_once("POST", "/v1.0/servicePrincipals", {"appId": WROTE}, {})
    read, written = (json.loads(line) for line in caplog.text.splitlines())
    assert (status, written["graph_request"]) == (400, answered["request-id"])
    assert read["graph_request"] not in {"-", written["graph_request"]}
    assert WROTE not in caplog.text


async def test_who_serves_with_json_writes_nothing_else(tmp_path: Path) -> None:
    async with simulate() as world:
        database = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
        given = {**world.settings(), "PINBOT_PORT": "0", "PINBOT_DATABASE_URL": database, "PINBOT_LOG": "json"}
        process = await start(tmp_path, given)
        assert process.stdout
        world.teams.bot_url = (await process.stdout.readline()).decode().split()[-1]
        world.faults.fail("graph", 500)
        await world.teams.say("user", f"I forgot my PIN, {WROTE}")
        world.faults.clear()
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    events = [json.loads(line) for line in errors.decode().splitlines()]
    assert {"time", "level", "logger", "message"} <= events[0].keys()
    assert [one["turn"] for one in events if one["message"].startswith("graph: 500")]
    assert WROTE not in errors.decode()
