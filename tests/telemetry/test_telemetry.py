"""Turns, their calls and what waits reach an operator's receiver; nobody's words, names or ids do."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import metrics, trace

from bot import __version__, app, telemetry
from bot.background import run as beside
from bot.config import simulated
from bot.observed import UNOBSERVED, Nobody, Service, TurnEnd, observed, seen
from bot.simulation import World, simulate
from bot.simulation.faults import Fault
from bot.simulation.state import CHANGING
from bot.telemetry.paths import WORDS, template
from tests.deadlines import GENEROUS, PATIENCE
from tests.documents import table
from tests.journeys.test_rollout import decide, file, until
from tests.telemetry.receiver import Received, labels, receiving

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS_TYPED = "xylophone-canary"
ID = "3c3f8f0e-0d1e-4b75-8f5a-0c1b2a394857"
LABELS = {
    "pinbot.turn.kind", "pinbot.command", "pinbot.outcome", "pinbot.service", "pinbot.request.state", "pinbot.part",
    "http.request.method", "http.response.status_code", "url.template", "error.type",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the environment of the tests has, and the folder that they are run in."""
    monkeypatch.chdir(tmp_path)
    for name in ("ENDPOINT", "TRACES_ENDPOINT", "METRICS_ENDPOINT", "PROTOCOL"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    for name in ("OTEL_SDK_DISABLED", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    """One that the environment names."""
    with receiving() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.url)
        yield received


@asynccontextmanager
async def _bot(folder: Path) -> AsyncIterator[World]:
    """In front of a simulated tenant, with whoever looks on; all is sent when this is left."""
    async with simulate("rollout") as world, telemetry.observing() as observer:
        world.tenant.permissions |= CHANGING
        own = {"PINBOT_PORT": "0", "PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.sqlite3"}
        settings = simulated({**world.settings(), **own})
        async with app.running(settings, deadlines=GENEROUS, observer=observer) as address:
            world.teams.bot_url = f"{address}/api/messages"
            yield world


def _turns(received: Received) -> dict[tuple[str, str], float]:
    """How many, by command and outcome."""
    found = received.points("pinbot.turn.duration")
    return {(str(one["pinbot.command"]), str(one["pinbot.outcome"])): count for one, count in found}


async def test_a_turn_is_a_trace_down_to_its_calls(tmp_path: Path, receiver: Received) -> None:
    async with _bot(tmp_path) as world:
        await world.teams.say("user", "I forgot my PIN")
    (turn,) = (span for span in receiver.spans if span.name == "turn message")
    assert labels(turn.attributes) == {
        "pinbot.turn.kind": "message",
        "pinbot.command": "forgot",
        "pinbot.outcome": "answered",
    }
    within = {span.name for span in receiver.spans if span.parent_span_id == turn.span_id}
    assert {"GET /v1.0/users/{id}/managedDevices", "POST /v3/conversations/{id}/activities/{id}"} <= within
    assert {span.trace_id for span in receiver.spans if span.name in within} >= {turn.trace_id}
    assert receiver.scopes == {"pinbot"}
    assert {one["service.name"] for one in receiver.resources} == {"pinbot"}
    assert {one["service.version"] for one in receiver.resources} == {__version__}


async def test_figures_of_turns_calls_and_what_waits(
    tmp_path: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "WATCH_SECONDS", 0.01)
    async with _bot(tmp_path) as world:
        await world.teams.install("admin")
        await world.teams.say("user", "approvals")
        world.faults.throttle("graph/v1.0/users", retry_after="0", calls=1)
        await world.teams.say("user", "I forgot my PIN")
        await file(world, "admin", "assign Finance Laptops", 1)
        world.faults.throttle("connector", retry_after="0", calls=1)
        await world.teams.say("hybrid", "I forgot my PIN")
        await asyncio.sleep(0.2)
    turns = _turns(receiver)
    assert turns["forgot", "answered"] == 2
    assert turns["approvals", "refused"] == 1
    throttled = {str(one["pinbot.service"]): count for one, count in receiver.points("pinbot.throttled")}
    assert throttled == {"graph": 1, "teams": 1}
    statuses = {one.get("http.response.status_code") for one, _ in receiver.points("http.client.request.duration")}
    assert {200, 429} <= statuses
    states = {str(one["pinbot.request.state"]): count for one, count in receiver.points("pinbot.request.state")}
    assert states == dict.fromkeys(("approved", "attention", "consenting", "held", "running"), 0) | {"waiting": 1}
    parts = {one["pinbot.part"] for one, _ in receiver.points("pinbot.part.age")}
    assert parts == {"worker", "upkeep", "notifier", "delivery", "apologies", "awaited", "database", "keys"}
    assert receiver.names == set(re.findall(r"^\| `((?:pinbot|http)\.[a-z.]+)` \|", README, re.MULTILINE))


async def test_what_fails_is_told_as_failed_and_in_no_words(tmp_path: Path, receiver: Received) -> None:
    async with _bot(tmp_path) as world:
        world.faults.fail("graph/v1.0/groups", 503)
        await world.teams.say("admin", "assign Finance Laptops")
        world.faults.clear()
    (turn,) = (span for span in receiver.spans if span.name == "turn message")
    assert labels(turn.attributes)["pinbot.outcome"] == "failed"
    assert turn.status.code == 2
    assert (turn.status.message, [*turn.events]) == ("", [])
    failed = [span for span in receiver.spans if labels(span.attributes).get("http.response.status_code") == 503]
    assert {labels(span.attributes)["error.type"] for span in failed} == {"503"}
    assert [event for span in receiver.spans for event in span.events] == []


async def test_T25_no_word_name_or_id_of_anybody_is_sent(tmp_path: Path, receiver: Received) -> None:  # noqa: N802
    async with _bot(tmp_path) as world:
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        for text in ("I forgot my PIN", f"my PIN is 4711 {WORDS_TYPED}", WORDS_TYPED, "help", "status"):
            await world.teams.say("user", text)
        await world.teams.say("admin", "why CON-LT-0201")
        world.faults.add(Fault("graph/v1.0/users", status=404, calls=3))
        await world.teams.say("hybrid", "I forgot my PIN")
        card = await file(world, "admin", "assign Finance Laptops", 1)
        await decide(world, "approver", 1)
        await until(world, card, "admin", "Done")
        canaries = [one.encode() for one in _canaries(world)]
    sent = b"\n".join(receiver.raw).lower()
    assert len(receiver.spans) > 20
    assert [one for one in canaries if one.lower() in sent] == []
    used = {key for span in receiver.spans for key in labels(span.attributes)}
    assert used <= LABELS
    assert {key for name in receiver.names for one, _ in receiver.points(name) for key in one} <= LABELS
    templates = {str(labels(span.attributes).get("url.template", "/")) for span in receiver.spans}
    assert {part for one in templates for part in one.split("/")} <= WORDS | {"", "v1.0", "beta", "v3", "{id}"}


def _canaries(world: World) -> set[str]:
    """Everything that is somebody's, or leads to them."""
    company = world.company
    found = {WORDS_TYPED, "4711", world.tenant.id, world.login.secret, *world.chats.conversations}
    for person in company.people.values():
        found |= {person.object_id, person.chat_id, person.name}
    for group in company.groups.values():
        found |= {group.id, group.name}
    for device in company.devices:
        found |= {device.object_id, device.name}
    return {one for one in found if len(one) > 3}


async def test_no_provider_is_set_for_the_whole_process(tmp_path: Path, receiver: Received) -> None:
    before = trace.get_tracer_provider(), metrics.get_meter_provider()
    async with _bot(tmp_path) as world:
        await world.teams.say("user", "I forgot my PIN")
        assert (trace.get_tracer_provider(), metrics.get_meter_provider()) == before
    assert [span.name for span in receiver.spans if "url.full" in labels(span.attributes)] == []


async def test_a_receiver_that_refuses_or_is_not_there_is_felt_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(503) as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.url)
        monkeypatch.setattr(telemetry, "CLOSE_SECONDS", 0.2)
        async with asyncio.timeout(PATIENCE), _bot(tmp_path) as world:
            await world.teams.say("user", "I forgot my PIN")
            assert "CON-LT-0142" in str(world.chats.personal("user").by_bot()[0].card)


async def test_the_operators_own_names_are_taken(
    tmp_path: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "pins-of-contoso")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=pilot")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    async with _bot(tmp_path) as world:
        await world.teams.say("user", "help")
    assert receiver.traces == []
    wanted = {"service.name": "pins-of-contoso", "deployment.environment.name": "pilot"}
    assert all(wanted.items() <= one.items() for one in receiver.resources)
    assert receiver.resources


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, r"^OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' .*set http/protobuf$"),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, r"^OTEL_TRACES_EXPORTER: 'zipkin' .*set otlp or none$"),
    ],
)
async def test_what_is_not_spoken_here_stops_the_start_in_words(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", **settings}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=words):
        await telemetry.observing().__aenter__()


async def test_a_receiver_without_the_extra_stops_the_start_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delitem(sys.modules, "bot.telemetry.otlp", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(ValueError, match=r"not installed: run pip install '.\[otel\]'"):
        await telemetry.observing().__aenter__()


async def test_a_receiver_in_the_file_of_the_settings_counts_and_the_environment_goes_before_it(
    tmp_path: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "of-the-environment")
    lines = (f"OTEL_EXPORTER_OTLP_ENDPOINT={receiver.url}", "OTEL_SERVICE_NAME=of-the-file")
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    async with telemetry.observing() as observer:
        with observer.turn("message"):
            pass
    assert {one["service.name"] for one in receiver.resources} == {"of-the-environment"}


@pytest.mark.parametrize("settings", [{}, {"OTEL_SDK_DISABLED": "true"}], ids=["unset", "switched off"])
async def test_nobody_looks_on_unless_a_receiver_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    if settings:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    async with telemetry.observing() as observer:
        assert observer is UNOBSERVED


_IMPORTS = """
import asyncio, sys
import bot.app
from bot.telemetry import observing
async def look():
    async with observing():
        names = "opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf", "bot.telemetry."
        silent = "bot.telemetry.silent"  # needs the API alone, which Graph's SDK imports anyway
        print([one for one in sys.modules if one.startswith(names) and one != silent])
asyncio.run(look())
"""


def test_unset_nothing_of_it_is_imported() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True, env={}
    )
    assert ended.stdout == "[]\n"


async def test_unset_a_turn_goes_through_nothing_more() -> None:
    async def handle(_turn: Any) -> str:
        seen().command = "help"
        return "said"

    assert observed(handle, UNOBSERVED, str) is handle
    with UNOBSERVED.call(Service.GRAPH, "GET", "/v1.0/users") as call:
        call.status = 200
    with UNOBSERVED.turn("message") as turn:
        assert turn.outcome is TurnEnd.REPEATED
    assert isinstance(UNOBSERVED, Nobody)


_DOCUMENT = (ROOT / "bot" / "tenant" / "GRAPH.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", table(_DOCUMENT, "Calls"), ids=lambda row: row["Path"])
def test_every_call_of_graph_is_named_as_the_table_has_it(row: dict[str, str]) -> None:
    path = f"/{row['Version']}{row['Path'].partition(' ')[0]}"
    assert template(path.replace("{id}", ID)) == path


@pytest.mark.parametrize(
    ("address", "named"),
    [
        (
            f"https://smba.trafficmanager.net/amer/{ID}/v3/conversations/19:x@y/activities",
            "/v3/conversations/{id}/activities",
        ),
        ("/v1.0/users/ada.lovelace@contoso.com?$select=id", "/v1.0/users/{id}"),
        ("/v1.0/applications(appId='ada')", "/v1.0/applications(appId='{id}')"),
        ("/v1.0/ada(appId='ada')", "/v1.0/{id}"),
        (f"/{ID}/ada", ""),
    ],
)
def test_what_is_no_known_word_of_an_address_is_left_out(address: str, named: str) -> None:
    assert template(address) == named
