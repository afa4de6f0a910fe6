"""GRAPH.md lists the calls that the bot makes and their permissions: stories are played, and both are compared."""

import ast
import asyncio
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.changes.groups import GROUPS
from bot.demo import run
from bot.simulation import World, state
from bot.simulation.chats import Said
from bot.simulation.graph import policies
from bot.simulation.graph.service import EVERYTHING
from bot.simulation.objects import entra, intune
from bot.tenant.graph import Graph
from tests.deadlines import GENEROUS, PATIENCE
from tests.documents import Row, links, references, table
from tests.journeys.test_rollout import decide, do, file, say, shown, until

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "bot" / "tenant" / "GRAPH.md").read_text(encoding="utf-8")
CALLS = table(DOCUMENT, "Calls")
TABLES = {title: table(DOCUMENT, title) for title in ("Calls", "Traps", "Not used")}
MARKS = {"documented", "metadata", "community", "inferred", "unverified"}
BY_BOT = {"Application.ReadWrite.All"}  # only with PINBOT_CREATE_APPS
INSTALLING = {"AppCatalog.Read.All", "TeamsAppInstallation.ReadWriteSelfForUser.All"}  # only to reach more people

_PERMISSION = re.compile(r"`([A-Za-z-]+\.[A-Za-z]+\.All)`")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/domains/)[^/]+|(?<=/installedApps/)[^/]+")
_FILTER_ID = "eeeeeeee-0000-4000-8000-000000000001"
_FILTER = {
    "deviceAndAppManagementAssignmentFilterId": _FILTER_ID,
    "deviceAndAppManagementAssignmentFilterType": "include",
}

# By name, by address, by what is like it; a renamed PC by its old name.
_LOOK_UPS = {
    "user Nora Castillo": "CON-LT-0201",
    "user Nora": "Nora Castillo",
    "why CON-LT-0201": "Corporate laptops",
    "why DESKTOP-0A1B2C": "CON-LT-0621",
    "why CON-LT-04": "CON-LT-0401",
}
_LYING = "30000000-0000-4000-8000-000000000001"
Call = tuple[str, str, str]  # method, version, path


def _call(row: Row) -> Call:
    return row["Method"], row["Version"], row["Path"]


def _needed(row: Row) -> set[str]:
    return set(_PERMISSION.findall(row["Permission"]))


def _made(world: World) -> set[Call]:
    """What Graph has seen, with the ids taken out of the paths."""
    places = (
        (one.method, *one.path.removeprefix("/").split("/", 1)) for one in world.faults.seen if one.service == "graph"
    )
    return {(method, version, _ID.sub("{id}", f"/{path}")) for method, version, path in places}


async def _done(world: World, text: str, number: int, words: str = "Done") -> Said:
    """Asked for by the admin, approved, carried out, and all told; the card of the request."""
    card = await file(world, "admin", text, number)
    await decide(world, "approver", number)
    await until(world, card, "admin", words)
    chat = world.chats.personal("admin")
    titles = (f"Request #{number} is done", f"Request #{number}: give consent")
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: any(shown(said, "admin").startswith(titles) for said in chat.by_bot()))
    return card


async def _play(world: World) -> None:
    """A rollout from one disabled app to an assignment beside somebody's filter, and a forgotten PIN."""
    tenant = world.tenant
    world.chats.installed -= {"approver3"}  # is given the app
    world.chats.installed |= {"approver2"}  # has it, and the bot was not told
    tenant.catalog |= policies.crowd(30)
    for place, lying in ((tenant.catalog, policies.recovery_policy(_LYING, "Lies about")),
                         (tenant.intents, policies.intent(_LYING, "Lies about", recovery=True))):  # fmt: skip
        place[_LYING] = lying  # assigned to nobody, so in nobody's way
    service, _ = entra.pin_reset_apps()
    tenant.service_principals[service["id"]] = {**service, "accountEnabled": False}
    consent = await _done(world, "onboard consent", 1, "give consent with the two links")
    state.consent(tenant)  # what an administrator does in the browser
    await do(world, "admin", consent, "Verify consent")
    await until(world, consent, "admin", "Done")
    await _done(world, "create profile", 2)
    for profile in tenant.profiles.values():
        for row in profile.get("omaSettings", ()):
            row.update({"@odata.type": "#microsoft.graph.omaSettingString", "value": "true"})
    await _done(world, "create profile", 3)
    await _done(world, "assign Pilot Ring", 4)
    tenant.filters[_FILTER_ID] = intune.assignment_filter(_FILTER_ID, "Corporate laptops")
    for rows in tenant.assignments.values():
        rows[0]["target"] |= _FILTER
    await _done(world, "assign Finance Laptops", 5)
    assert "Included group: Finance Laptops" in await say(world, "admin", "status")
    assert "Did you mean" in await say(world, "admin", "assign Finance Laptop")
    await world.teams.search("admin", "", GROUPS)
    assert "Reset the PIN of" in await say(world, "user", "I forgot my PIN")
    tenant.catalogue.clear()
    await world.teams.say("admin", "check")
    chat = world.chats.personal("admin")
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: any("Something must be done" in shown(said, "admin") for said in chat.by_bot()))
    for text, words in _LOOK_UPS.items():
        assert words in await say(world, "helpdesk", text)


def _noting(called: set[str], name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    async def noted(*arguments: Any, **named: Any) -> Any:
        called.add(name)
        return await method(*arguments, **named)

    return noted


async def test_the_bot_makes_the_calls_that_are_listed_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[str] = set()
    reads = {name for name, one in vars(Graph).items() if inspect.iscoroutinefunction(one) and name[0] != "_"}
    for name in reads:
        monkeypatch.setattr(Graph, name, _noting(called, name, getattr(Graph, name)))
    more = {"PINBOT_PORT": "0", "PINBOT_CREATE_APPS": "1", "PINBOT_TURNS_PER_MINUTE": "1000"}
    async with run.running("fresh", deadlines=GENEROUS, **more) as world:
        world.tenant.permissions = {name for row in CALLS for name in _needed(row)}
        for person in ("admin", "approver", "helpdesk"):
            await world.teams.install(person)
        await _play(world)
        assert _made(world) == {_call(row) for row in CALLS}
    assert called == reads  # so the story leaves out nothing that the client can do


def _heads(tree: ast.AST) -> Iterator[str]:
    """The paths that a module writes down, up to what is filled in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.match(r"(/(?:v1\.0|beta)/[\w/]+)", node.value)
            if found:
                yield found[1]


def test_no_path_is_written_down_in_the_product_that_is_not_listed() -> None:
    files = [path for path in (ROOT / "bot").rglob("*.py") if "simulation" not in path.parts]
    heads = {head for path in files for head in _heads(ast.parse(path.read_text(encoding="utf-8")))}
    listed = [f"/{version}{path}" for _, version, path in map(_call, CALLS)]
    assert heads
    assert [head for head in sorted(heads) if not any(one.startswith(head.rstrip("/")) for one in listed)] == []


@pytest.mark.parametrize("row", CALLS, ids=lambda row: " ".join(_call(row)))
def test_the_permission_that_is_listed_is_enough_for_the_call(row: Row) -> None:
    method, version, path = _call(row)
    routes = [
        one for one in EVERYTHING if one.method == method and version in one.versions and one.pattern.fullmatch(path)
    ]
    assert routes
    assert any(set(together.split("+")) <= _needed(row) for together in routes[0].needs.split())


def test_the_permissions_are_those_that_the_readme_asks_for() -> None:
    asked = set(_PERMISSION.findall((ROOT / "README.md").read_text(encoding="utf-8").split("### Permissions")[1]))
    needed = {name for row in CALLS for name in _needed(row)}
    assert needed == asked
    assert needed - BY_BOT - INSTALLING == state.PERMISSIONS | state.CHANGING


@pytest.mark.parametrize("title", TABLES)
def test_every_row_has_a_mark_and_sources_that_can_be_followed(title: str) -> None:
    for row in TABLES[title]:
        assert row["Mark"] in MARKS, row
        assert references(row["Source"]), row
        assert references(row["Source"]) <= links(DOCUMENT).keys(), row


def test_every_source_is_an_address_and_is_cited() -> None:
    cited = {label for rows in TABLES.values() for row in rows for label in references(row["Source"])}
    assert set(links(DOCUMENT)) == cited | {"clouds"}
    assert [url for url in links(DOCUMENT).values() if not url.startswith("https://")] == []
