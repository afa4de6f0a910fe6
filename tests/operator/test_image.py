"""The image is built from the Dockerfile, starts as hardened as compose.yaml asks for, and is ready before a tenant.

Built by buildah and started by runc, both Debian's: no daemon, no image is pulled. The base is a Debian that mmdebstrap
makes once; it is kept in `.cache/`.
"""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulation import World, simulate
from tests.deadlines import PATIENCE

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".cache/image"
BASE = KEPT / "base.tar"
TOOLS = ("buildah", "mmdebstrap", "runc")
PACKAGES = "python3,python3-venv,ca-certificates"
REACH = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pip.conf",
)  # how this machine reaches a package index, where it says
USER = 10001

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not all(map(shutil.which, TOOLS)) or os.geteuid() != 0,
        reason="an image is built by root with Debian's buildah, mmdebstrap and runc",
    ),
]


@dataclass
class Image:
    """`config`: what the image says of how it is started; `root`: its files."""

    config: dict[str, Any]
    root: Path
    megabytes: int


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """On the disk: three times its size would be much to ask of memory."""
    store = KEPT / "store"
    buildah = ("buildah", "--root", f"{store}/root", "--runroot", f"{store}/run")
    try:
        _build(buildah)
        about = json.loads(_out(*buildah, "inspect", "--type", "image", "localhost/pinbot"))
        root = _out(*buildah, "mount", _out(*buildah, "from", "localhost/pinbot"))
        size = sum(file.lstat().st_size for file in Path(root).rglob("*")) // 10**6
        yield Image(about["OCIv1"]["config"], Path(root), size)
    finally:
        subprocess.run([*buildah, "rm", "--all"], check=False, capture_output=True)
        shutil.rmtree(store, ignore_errors=True)


def _build(buildah: tuple[str, ...]) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    if not BASE.exists():
        part = BASE.with_name("part.tar")
        _out("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "trixie", str(part))
        part.rename(BASE)
    base = _out(*buildah, "from", "scratch")
    _out(*buildah, "add", "--quiet", base, str(BASE), "/")
    _out(*buildah, "commit", "--quiet", "--rm", base, "localhost/base")
    reach = [word for file in REACH if Path(file).exists() for word in ("--volume", f"{file}:{file}:ro")]
    how = ("--isolation", "chroot", "--network", "host", "--build-arg", "BASE=localhost/base", *reach)
    _out(*buildah, "bud", *how, "-f", "manifest/container/Dockerfile", "-t", "localhost/pinbot", ".")


def _out(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.strip()


@dataclass
class Container:
    """A started one. `address`: where it listens."""

    name: str
    runc: tuple[str, ...]
    process: asyncio.subprocess.Process
    address: str = ""

    def status(self) -> dict[str, str]:
        """What the system says of its process."""
        pid = json.loads(_out(*self.runc, "state", self.name))["pid"]
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _bundle(image: Image, folder: Path, settings: dict[str, str], mounts: dict[Path, str]) -> None:
    """How it is started: by its own user, entry and environment, its files read-only, without capabilities."""
    _out("runc", "spec", "--bundle", str(folder))
    spec = json.loads((folder / "config.json").read_text())
    spec["root"] = {"path": str(image.root), "readonly": True}
    user, group = map(int, image.config["User"].split(":"))
    environment = [*image.config["Env"], *(f"{name}={value}" for name, value in settings.items())]
    spec["process"] |= {"terminal": False, "user": {"uid": user, "gid": group}, "env": environment}
    spec["process"] |= {"args": image.config["Entrypoint"] + image.config["Cmd"], "cwd": image.config["WorkingDir"]}
    spec["process"] |= {"capabilities": {}, "noNewPrivileges": True, "rlimits": []}
    spec["mounts"] += [
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["size=16m", "mode=1777"]}
    ]
    spec["mounts"] += [
        {"destination": there, "type": "bind", "source": str(here), "options": ["rbind", "rw"]}
        for here, there in mounts.items()
    ]
    spaces = spec["linux"]["namespaces"]
    spec["linux"]["namespaces"] = [one for one in spaces if one["type"] != "network"]  # the tenant is on loopback
    (folder / "config.json").write_text(json.dumps(spec))


@asynccontextmanager
async def _started(image: Image, world: World, folder: Path) -> AsyncIterator[Container]:
    data, bundle, authority = folder / "data", folder / "bundle", folder / "ca.pem"
    data.mkdir(mode=0o700)
    bundle.mkdir()
    os.chown(data, USER, USER)
    authority.write_bytes(world.ca.read_bytes())
    own = {"PINBOT_HOST": "127.0.0.1", "PINBOT_PORT": "0", "PINBOT_LOGIN_CA": "/run/ca.pem"}
    _bundle(image, bundle, world.settings() | own, {data: "/var/lib/pinbot", authority: "/run/ca.pem"})
    runc, name = ("runc", "--root", str(folder / "runc")), f"pinbot-{os.getpid()}"
    process = await asyncio.create_subprocess_exec(
        *(*runc, "run", "--bundle", str(bundle), name),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    container = Container(name, runc, process)
    try:
        assert process.stdout
        assert process.stderr
        line = (await process.stdout.readline()).decode()
        assert line.startswith("Listening on "), (await process.stderr.read()).decode()
        container.address = line.split()[-1].removesuffix("/api/messages")
        yield container
    finally:
        if process.returncode is None:
            _out(*runc, "kill", name, "KILL")
            await process.wait()


async def _ready(address: str) -> tuple[int, Any]:
    """As a probe asks, until it is or patience ends."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        while True:
            async with session.get(f"{address}/readyz") as answer:
                if answer.status == 200:
                    return answer.status, await answer.json()
            await asyncio.sleep(0.2)


async def test_the_image_starts_read_only_without_rights_and_is_ready_before_a_tenant(
    image: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with simulate() as world, _started(image, world, tmp_path) as container:
        assert await _ready(container.address) == (200, {"ready": True})
        status = container.status()
        assert status["Uid"].split() == [str(USER)] * 4
        assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
        assert status["NoNewPrivs"] == "1"
        touched = await asyncio.create_subprocess_exec(*container.runc, "exec", container.name, "touch", "/opt/x")
        assert await touched.wait() != 0
        world.teams.bot_url = f"{container.address}/api/messages"
        assert (await world.teams.install("user"))[0].status == 200
        assert (tmp_path / "data/pinbot.sqlite3").stat().st_mode & 0o777 == 0o600
        with capsys.disabled():
            print(f"\nThe image has {image.megabytes} MB; serving takes {int(status['VmRSS'].split()[0]) // 1024} MB.")
        _out(*container.runc, "kill", container.name, "TERM")
        assert await container.process.wait() == 0


def test_the_image_holds_what_serves_and_nothing_that_is_shown_built_or_tested(image: Image) -> None:
    (packages,) = image.root.glob("opt/pinbot/lib/python3*/site-packages")
    held = {one.name.partition("-")[0] for one in packages.iterdir()}
    assert {"bot", "cards", "dialogs", "manifest"} <= held
    assert held & {"pip", "setuptools", "trustme", "pytest", "tests", "uv"} == set()
    assert [name for name in ("demo", "simulation") if (packages / "bot" / name).exists()] == []


def test_without_settings_it_ends_at_once_and_says_which(image: Image, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    _bundle(image, tmp_path / "bundle", {}, {})
    runc = (
        "runc",
        "--root",
        str(tmp_path / "runc"),
        "run",
        "--bundle",
        str(tmp_path / "bundle"),
        f"bare-{os.getpid()}",
    )
    ended = subprocess.run(runc, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "MICROSOFT_APP_ID: is missing" in ended.stderr
