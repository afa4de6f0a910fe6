"""Whoever follows manifest/README.md from an empty host gets to the first approved change, by the commands in it.

Every block is run as it stands and in order, in one bash. Real are bash, Python, pip, curl, the bot and its database;
what stands at the other end is simulated: Entra and Graph behind `az`, the host's services behind `systemctl`.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.simulation import World, simulate
from bot.simulation.chats import Said
from bot.simulation.graph import service
from bot.simulation.state import consent
from tests.deadlines import PATIENCE
from tests.documents import Row, table
from tests.journeys.test_rollout import card_of, do, press, shown, until, writes
from tests.operator.afternoon.entra import APP_ROLES, Entra

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "manifest"
PERMISSIONS = ROOT / "bot/check/permissions.tsv"
GUIDE = (MANIFEST / "README.md").read_text("utf-8")
TOOLS = Path(__file__).parent / "afternoon"
SOURCES = ("bot", "cards", "dialogs", "manifest", "pyproject.toml", "README.md", "LICENSE", "requirements.runtime.lock")
HOST = "pinbot.contoso.example"
LONG = 900.0  # seconds for one block: packages are fetched and unpacked
CHANGE = "10. The first change"
DONE = "the block has ended"


@dataclass(frozen=True)
class Block:
    """`kind`: empty, `host` for what the host's services do, `check` for what needs the command of that name."""

    step: str
    kind: str
    text: str


def _blocks() -> Iterator[Block]:
    step = ""
    for title, kind, text in re.findall(r"^## ([^\n]+)$|^```sh ?(\w*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        step = title or step
        if text:
            yield Block(step, kind, text)


class Shell:
    """One bash, as the operator has it, on a host whose /etc, /opt and /var are folders of the test."""

    def __init__(self, place: Path, process: asyncio.subprocess.Process) -> None:
        self.place = place
        self._process = process

    async def run(self, text: str) -> str:
        """Run a block to its end and return what it says; an error in it ends bash and fails the test."""
        assert self._process.stdin
        assert self._process.stdout
        here = re.sub(r"(?<![\w.])/(?=(?:opt|etc|var/lib|var/backups)/)", f"{self.place}/", text)
        self._process.stdin.write(f"{here}\necho '{DONE}'\n".encode())
        said = ""
        async with asyncio.timeout(LONG):
            while not said.endswith(f"{DONE}\n"):
                line = (await self._process.stdout.readline()).decode()
                assert line, f"{text}\n{said}\n{self.log()}"
                said += line
        return said.removesuffix(f"{DONE}\n")

    def log(self) -> str:
        """What the services have said."""
        file = self.place / "var/lib/log"
        return file.read_text() if file.exists() else ""


@dataclass
class Afternoon:
    """`said`: what the blocks of each step have said."""

    world: World
    entra: Entra
    shell: Shell
    said: dict[str, str]

    @property
    def azure(self) -> list[dict[str, Any]]:
        """What was asked of Azure itself."""
        return [json.loads(line) for line in (self.shell.place / "azure").read_text().splitlines()]


@pytest.fixture
async def afternoon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Afternoon]:
    place = tmp_path / "host"
    try:
        async with simulate("fresh") as world:
            entra = Entra(world)
            monkeypatch.setattr(service, "EVERYTHING", (*entra.routes(), *service.EVERYTHING))
            _prepare(place, world)
            process = await asyncio.create_subprocess_exec(
                *("bash", "-e", "-o", "pipefail"),
                cwd=place / "project",
                env=_environment(place, world, entra),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            yield Afternoon(world, entra, Shell(place, process), {})
            assert process.stdin
            process.stdin.close()
            await process.wait()
    finally:
        for file in (place / "var/lib").glob("*.pid"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)
        shutil.rmtree(place)  # half a gigabyte, also where the test failed


def _prepare(place: Path, world: World) -> None:
    """A host with the project's folder and nothing else."""
    for name in SOURCES:
        here, there = ROOT / name, place / "project" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        _ = (
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("node_modules"))
            if here.is_dir()
            else shutil.copy(here, there)
        )
    for name in ("tmp", "tools", "opt", "var/lib", "var/backups", "etc/systemd/system"):
        (place / name).mkdir(parents=True)
    for name in ("az", "systemctl", "docker", "apt-get"):
        what = [str(TOOLS / "az.py")] if name == "az" else [str(TOOLS / "host.py"), name]
        tool = place / "tools" / name
        tool.write_text(f'#!/bin/sh\nexec {sys.executable} {" ".join(what)} "$@"\n')
        tool.chmod(0o755)
    (place / "etc/internet").write_text("".join(f"{name}={value}\n" for name, value in _internet(world).items()))


def _internet(world: World) -> dict[str, str]:
    """The settings that put the simulated tenant in Microsoft's place, and none that an operator gives."""
    return {name: value for name, value in world.settings().items() if name.endswith(("_URL", "_CA"))}


def _environment(place: Path, world: World, entra: Entra) -> dict[str, str]:
    """What the operator's shell has: no setting of the bot but those of the simulated internet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINBOT_", "MICROSOFT_"))}
    own = {"PATH": f"{place}/tools:{os.environ['PATH']}", "TMPDIR": f"{place}/tmp", "HOME": str(place)}
    tenant = {"TENANT_ID": world.tenant.id, "TENANT_GRAPH": world.url, "TENANT_TOKEN": entra.token()}
    return kept | own | tenant | {"AZURE_NOTES": f"{place}/azure", "PLACE": str(place)} | _internet(world)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _own_names(text: str, world: World, port: int) -> str:
    """Step 1 asks for names of one's own; every other block stays as it is."""
    people = world.company.people
    own = {
        "HOST": HOST,
        "PORT": str(port),
        "ASK": f"'{people['admin'].user_principal_name}'",
        "APPROVE": f"'{people['approver'].user_principal_name} {people['approver2'].user_principal_name}'",
    }
    for name, value in own.items():
        text, count = re.subn(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        assert count == 1
    return text


async def _does(world: World, row: Row) -> None:
    """One row of step 10: what somebody does, and what they see then."""
    person, does = row["Who"], row["Does"]
    seen = row["Sees"]
    if found := re.fullmatch(r"writes `(.+)`", does):
        await world.teams.say(person, found[1])
    elif found := re.fullmatch(r"presses \*\*(.+)\*\* with reason `(.+)`", does):
        await press(world, person, world.chats.personal(person).by_bot()[-1], found[1], reason=found[2])
    elif found := re.fullmatch(r"presses \*\*(.+)\*\* on request (\d+)", does):
        await do(world, person, await card_of(world, person, int(found[2])), found[1])
    else:
        assert does == "opens both links of request 1 and accepts, in the browser"
        card = await card_of(world, person, 1)
        await until(world, card, person, "give consent with the two links")
        await press(world, person, card, "Show my buttons")
        assert json.dumps(card.card_of(person)).count(f"/{world.tenant.id}/oauth2/authorize") == 2
        consent(world.tenant)
    try:
        async with asyncio.timeout(PATIENCE):
            await world.chats.wait(lambda: any(seen in shown(one, person) for one in _newest(world, person)))
    except TimeoutError:
        pytest.fail(f"{row}: {[shown(one, person) for one in _newest(world, person)]}")


def _newest(world: World, person: str) -> list[Said]:
    return world.chats.personal(person).by_bot()[-2:]


async def _lives_through(day: Afternoon, block: Block) -> None:
    """What people do between the blocks: they add the app, and step 10."""
    world = day.world
    if block.step == CHANGE:
        return
    if block.step.startswith("9. "):
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        for row in table(GUIDE, CHANGE):
            await _does(world, row)


def _can_check(place: Path) -> bool:
    """Is there a `check` that looks at everything?"""
    helped = subprocess.check_output([place / "opt/pinbot/bin/pin-reset-bot", "check", "--help"], text=True)
    return "--json" in helped


async def test_whoever_follows_the_guide_gets_from_nothing_to_the_first_approved_change(afternoon: Afternoon) -> None:
    day, world, port = afternoon, afternoon.world, _free_port()
    world.teams.bot_url = f"http://127.0.0.1:{port}/api/messages"
    for block in _blocks():
        text = _own_names(block.text, world, port) if block.step.startswith("1. ") else block.text
        if block.kind == "check" and not _can_check(day.shell.place):
            continue
        day.said[block.step] = day.said.get(block.step, "") + await day.shell.run(text)
        await _lives_through(day, block)
    _granted(day)
    _registered(day)
    _packaged(day)
    assert writes(world) >= 1
    assert len(world.tenant.profiles) == 2
    _kept(day)


def _granted(day: Afternoon) -> None:
    """Shown first, then done, and no more than was chosen."""
    said = day.said["4. Permissions"]
    assert said.index("Nothing was granted yet") < said.index("granted  ")
    lines = PERMISSIONS.read_text().splitlines()[1:]
    chosen = {row[2] for row in (line.split("\t") for line in lines) if row[0] in {"read", "write"}}
    assert day.world.tenant.permissions == chosen


def _registered(day: Afternoon) -> None:
    """The bot resource is this app's, of this tenant, and Teams' channel is on."""
    (bot,) = [one for one in day.azure if one["command"] == "bot create"]
    assert (bot["appid"], bot["tenant-id"]) == (day.world.login.app_id, day.world.tenant.id)
    assert bot["endpoint"] == f"https://{HOST}/api/messages"
    assert [one["name"] for one in day.azure if one["command"] == "bot msteams create"] == [bot["name"]]
    assert [one["displayName"] for one in day.entra.secrets.values()] == ["second"]


def _packaged(day: Afternoon) -> None:
    with zipfile.ZipFile(day.shell.place / "etc/pinbot/pin-reset-bot.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["bots"][0]["botId"] == day.world.login.app_id
    assert manifest["validDomains"] == [HOST]


def _kept(day: Afternoon) -> None:
    """Ready after each start, the audit whole after the copy came back, nothing for others to read."""
    for step in ("7. Start", "12. Upgrade", "14. When the secret ends"):
        assert '{"ready": true}' in day.said[step]
    assert len(re.findall(r"\d+ rows are sound", day.said["11. Backup"] + day.said["12. Upgrade"])) == 3
    place = day.shell.place
    kept = [
        place / "etc/pinbot/pinbot.env",
        *place.glob("var/lib/pinbot/*"),
        *place.glob("var/backups/pinbot/*.sqlite3"),
    ]
    assert len(kept) >= 4
    assert [file.name for file in kept if file.stat().st_mode & 0o077] == []


def test_every_permission_of_the_table_has_microsofts_id() -> None:
    lines = PERMISSIONS.read_text().splitlines()[1:]
    assert {row[1]: row[2] for row in (line.split("\t") for line in lines)} == APP_ROLES


def test_the_guide_has_no_block_that_is_not_run() -> None:
    fences = re.findall(r"^```(.*)$", GUIDE, re.MULTILINE)[::2]
    assert set(fences) <= {"sh", "sh host", "sh check"}
    assert len(fences) == len([*_blocks()])
