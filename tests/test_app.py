"""The process as an operator starts it: it refuses what is only half right by name, and serves what is right."""

import asyncio
import contextlib
import gc
import os
import shutil
import signal
import socket
import sqlite3
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate
from sqlalchemy import text

from bot import app
from bot.background import run as beside
from bot.background import supervision
from bot.config import SettingsError, simulated
from bot.demo import run
from bot.simulation import World, simulate
from bot.store import database
from bot.store.database import open_database
from bot.store.records import Event
from bot.store.requests import Requests
from bot.store.seal import SealKey
from tests.deadlines import GENEROUS, PATIENCE
from tests.test_config import GOOD, GROUP, SECRET, TENANT

ROOT = Path(__file__).parents[1]
NAMES = ("MICROSOFT_", "PINBOT_")

Settings = Mapping[str, str | None]


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int | None
    out: str
    errors: str


async def start(folder: Path, settings: Settings) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(NAMES)}
    given = {name: value for name, value in settings.items() if value is not None}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "serve"),
        cwd=folder,
        env={**environment, **given, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _ended(folder: Path, settings: Settings) -> Ended:
    process = await start(folder, settings)
    out, errors = await process.communicate()
    return Ended(process.returncode, out.decode(), errors.decode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that settings may name: none of them is good for anything."""
    folder = tmp_path_factory.mktemp("operator")
    (folder / "file").write_text("this is no certificate and no database, " * 200)
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key-only.pem").write_bytes(pem)
    made = trustme.CA().issue_cert("bot.example", key_type=trustme.KeyType.RSA)
    curve = trustme.CA().issue_cert("bot.example", key_type=trustme.KeyType.ECDSA)
    certificate = made.cert_chain_pems[0].bytes()
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a password"))
    files = {
        "certificate-only.pem": certificate,
        "of-two.pem": pem + certificate,
        "locked.pem": locked + certificate,
        "curve.pem": curve.private_key_pem.bytes() + curve.cert_chain_pems[0].bytes(),
        "bot.der": load_pem_x509_certificate(certificate).public_bytes(Encoding.DER),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def _in_its_own_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative names in settings mean files of the folder."""
    monkeypatch.chdir(folder)


# The process; test_config.py has the whole table of what the settings alone can tell.
BAD: dict[str, tuple[Settings, str]] = {
    "nothing is set": (dict.fromkeys(GOOD), "MICROSOFT_APP_ID"),
    "no approvers": ({"PINBOT_APPROVER_GROUP_ID": None}, "PINBOT_APPROVER_GROUP_ID"),
    "a type with a typing error": ({"MICROSOFT_APP_TYPE": "MultiTenant"}, "MICROSOFT_APP_TYPE"),
    "an id in .NET's spelling": ({"MICROSOFT_APP_ID": None, "MicrosoftAppId": GROUP}, "MICROSOFT_APP_ID"),
    "a misspelt setting": ({"PINBOT_HELPDESK": SECRET}, "PINBOT_HELPDESK"),
    "a simulated Graph for all to see": (
        {"PINBOT_GRAPH_URL": "http://127.0.0.1:4010", "PINBOT_HOST": "0.0.0.0"},
        "PINBOT_HOST",
    ),
    "a simulated Graph elsewhere": ({"PINBOT_GRAPH_URL": "https://graph.example.com"}, "PINBOT_GRAPH_URL"),
    "a login service without its CA": ({"PINBOT_LOGIN_URL": "https://127.0.0.1:4011"}, "PINBOT_LOGIN_CA"),
    "a database under a file": ({"PINBOT_DATABASE_URL": "sqlite+aiosqlite:///file/db"}, "PINBOT_DATABASE_URL"),
}
_CERTIFICATE: Settings = {"MICROSOFT_APP_PASSWORD": None}
_LOGIN: Settings = {"PINBOT_LOGIN_URL": "https://127.0.0.1:4011"}
# What only the start finds out, in this process.
UNUSABLE: dict[str, tuple[Settings, str]] = {
    "no file for the CA": ({**_LOGIN, "PINBOT_LOGIN_CA": "no-such.pem"}, "PINBOT_LOGIN_CA"),
    "a CA that is none": ({**_LOGIN, "PINBOT_LOGIN_CA": "file"}, "PINBOT_LOGIN_CA"),
    "a certificate that is none": (
        {**_CERTIFICATE, "MICROSOFT_APP_CERTIFICATE": "file"},
        "MICROSOFT_APP_CERTIFICATE",
    ),
    "a key without a certificate": (
        {**_CERTIFICATE, "MICROSOFT_APP_CERTIFICATE": "key-only.pem"},
        "MICROSOFT_APP_CERTIFICATE",
    ),
    **{
        f"a certificate like {name}": (
            {**_CERTIFICATE, "MICROSOFT_APP_CERTIFICATE": name},
            "MICROSOFT_APP_CERTIFICATE",
        )
        for name in ("certificate-only.pem", "of-two.pem", "locked.pem", "curve.pem", "bot.der")
    },
    "a database where nobody may write": (
        {"PINBOT_DATABASE_URL": "sqlite+aiosqlite:////proc/self/db"},
        "PINBOT_DATABASE_URL",
    ),
    "a database that is none": ({"PINBOT_DATABASE_URL": "sqlite+aiosqlite:///file"}, "PINBOT_DATABASE_URL"),
    "approvals of a change that there is not": (
        {"PINBOT_APPROVALS_NEEDED": "profile=2,assing=2"},
        "PINBOT_APPROVALS_NEEDED",
    ),
    "a host that is not ours": ({"PINBOT_HOST": "192.0.2.1"}, "PINBOT_HOST"),
}
_LISTENING = {"PINBOT_PORT": "0", "PINBOT_DATABASE_URL": "sqlite+aiosqlite:///good.sqlite3"}


def _values(settings: Settings) -> list[str]:
    """Everything that no message may show."""
    return [value for value in settings.values() if value and len(value) > 4]


@pytest.mark.parametrize("name", BAD)
async def test_a_bot_that_can_not_serve_exits_with_2_and_names_the_setting(folder: Path, name: str) -> None:
    changes, named = BAD[name]
    settings = {**GOOD, **_LISTENING, **changes}
    ended = await _ended(folder, settings)
    assert (ended.code, ended.out) == (2, "")
    assert ended.errors.startswith("The bot did not start.\n")
    assert named in ended.errors
    assert [value for value in _values(settings) if value in ended.errors] == []
    assert "Traceback" not in ended.errors


async def test_a_misspelt_kind_of_change_is_refused_with_those_that_there_are() -> None:
    settings = simulated({**GOOD, **_LISTENING, "PINBOT_APPROVALS_NEEDED": "assing=2"})
    with pytest.raises(SettingsError, match=r"those that there are: consent, profile, assign, unassign, undo$"):
        async with app.running(settings, deadlines=GENEROUS):
            pass


async def test_a_taken_port_is_named(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = await _ended(folder, {**GOOD, **_LISTENING, "PINBOT_PORT": str(taken.getsockname()[1])})
    assert (ended.code, ended.out) == (2, "")
    assert ended.errors == (
        "The bot did not start.\n"
        "PINBOT_HOST and PINBOT_PORT can't be used: another program listens there; choose another port\n"
    )


async def test_a_taken_port_of_the_page_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match=r"Port \d+, .* is taken: .* make demo PAGE_PORT=\d+"):
            async with run.showing("rollout", taken.getsockname()[1], None, deadlines=GENEROUS, PINBOT_PORT="0"):
                pass


@pytest.mark.parametrize("name", UNUSABLE)
async def test_what_can_not_be_used_is_named_without_its_value(name: str) -> None:
    changes, named = UNUSABLE[name]
    settings = {**GOOD, **_LISTENING, **changes}
    with pytest.raises(SettingsError) as refusal:
        async with app.running(
            simulated({key: value for key, value in settings.items() if value is not None}), deadlines=GENEROUS
        ):
            pass
    names, what_to_do = str(refusal.value).split(" can't be used: ")
    assert named in names
    assert "; " in what_to_do
    assert [value for value in _values(settings) if value in str(refusal.value)] == []


async def test_a_database_of_a_newer_version_is_told_as_such(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "newer")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()
    settings = simulated({**GOOD, **_LISTENING, "PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/newer"})
    with pytest.raises(SettingsError, match="newer version of the bot; start that version"):
        async with app.running(settings, deadlines=GENEROUS):
            pass


async def test_T36_a_database_whose_newest_row_another_key_sealed_is_not_worked_on(tmp_path: Path) -> None:  # noqa: N802
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    engine = await open_database(url)
    await Requests(engine, SealKey(b"the key of before, of thirty-two bytes")).note(
        Event.REFUSED, "somebody", datetime(2026, 11, 23, tzinfo=UTC), None, {}
    )
    await engine.dispose()
    settings = simulated({**GOOD, **_LISTENING, "PINBOT_DATABASE_URL": url})
    with pytest.raises(SettingsError, match=r"PINBOT_AUDIT_KEY: the newest row .* was not written with this key"):
        async with app.running(settings, deadlines=GENEROUS):
            pass


async def _started_for(tenant_id: str, url: str) -> None:
    """A bot is started and stopped again."""
    given = {**GOOD, **_LISTENING, "PINBOT_DATABASE_URL": url, "MICROSOFT_APP_TENANT_ID": tenant_id}
    async with app.running(simulated({name: value for name, value in given.items() if value}), deadlines=GENEROUS):
        pass


async def _first_start(url: str) -> None:
    """The bot makes the file itself."""
    await _started_for(TENANT, url)


async def _of_before(url: str) -> None:
    """Made by a version that kept no tenant, which has started since."""
    await _without_tenant(url)
    await _started_for(TENANT, url)


async def _of_before_with_a_chat(url: str) -> None:
    """The same, not started since; somebody's chat says whose it is."""
    await _without_tenant(url)
    engine = await open_database(url)
    async with engine.begin() as connection:
        chat = {"tenant": TENANT, "at": "2026-11-23"}
        await connection.execute(text("INSERT INTO personal_chats VALUES (:tenant, 'o', 'c', 's', 'b', :at, '')"), chat)
    await engine.dispose()


async def _without_tenant(url: str) -> None:
    engine = await open_database(url)
    async with engine.begin() as connection:
        for table in ("awaited", "installs", "tenant"):
            await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("ALTER TABLE personal_chats DROP COLUMN language"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    await engine.dispose()


@pytest.mark.parametrize("made", [_first_start, _of_before, _of_before_with_a_chat])
async def test_a_database_of_another_tenant_is_not_worked_on(
    tmp_path: Path, made: Callable[[str], Awaitable[None]]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    await made(url)
    with pytest.raises(SettingsError, match=r"^MICROSOFT_APP_TENANT_ID: .* another tenant, .*; set .*URL$") as refusal:
        await _started_for(GROUP, url)
    assert TENANT not in str(refusal.value)
    await _started_for(TENANT.upper(), url)  # it was not taken over, and is good for its own tenant still


async def test_a_database_on_a_network_share_is_refused_by_the_name_of_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"elsewhere:/share {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(database, "MOUNTS", mounts)
    with pytest.raises(
        SettingsError, match=r"^PINBOT_DATABASE_URL can't be used: it lies on a network share, .*; name"
    ):
        await _started_for(TENANT, f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")


@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
async def test_an_audit_of_an_earlier_key_is_gone_on_with_where_that_key_is_named(
    tmp_path: Path, tenant: World, *, named: bool
) -> None:
    url, secret = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3", "the key of before, of thirty-two bytes"
    engine, at = await open_database(url), datetime(2026, 11, 23, tzinfo=UTC)
    before, today = SealKey(secret.replace(",", ";").encode()), tenant.settings()["PINBOT_AUDIT_KEY"]
    await Requests(engine, before).note(Event.REFUSED, "somebody", at, None, {})
    await Requests(engine, SealKey(today.encode())).note(Event.REFUSED, "somebody", at, None, {})
    await engine.dispose()
    given = {"PINBOT_AUDIT_KEYS_BEFORE": before.secret.decode()} if named else {}
    settings = simulated({**tenant.settings(), "PINBOT_PORT": "0", "PINBOT_DATABASE_URL": url, **given})
    refused = contextlib.nullcontext() if named else pytest.raises(SettingsError, match="PINBOT_AUDIT_KEYS_BEFORE")
    with refused:
        async with app.running(settings, deadlines=GENEROUS) as address:
            assert address.startswith("http://127.0.0.1:")


async def test_T39_an_audit_that_is_broken_far_back_is_noticed_after_the_start(  # noqa: N802
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed = asyncio.Event()
    monkeypatch.setattr(Requests, "distrust", lambda _requests: noticed.set())
    url, key = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3", SealKey(str(GOOD["PINBOT_AUDIT_KEY"]).encode())
    engine = await open_database(url)
    for number in range(4):
        at = datetime(2026, 11, 23, tzinfo=UTC)
        await Requests(engine, key).note(Event.REFUSED, "somebody", at, None, {"count": number})
    async with engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER audit_no_update"))
        await connection.execute(text("UPDATE audit SET actor = 'another' WHERE seq = 2"))
    await engine.dispose()
    settings = simulated({**GOOD, **_LISTENING, "PINBOT_DATABASE_URL": url})
    async with app.running(settings, deadlines=GENEROUS), asyncio.timeout(PATIENCE):
        await noticed.wait()
    assert "row 2 of the audit is not what the bot wrote" in caplog.text


@pytest.fixture
async def tenant() -> AsyncIterator[World]:
    """A simulated tenant, for a bot in a process of its own."""
    async with simulate() as world:
        yield world


async def test_a_good_configuration_serves_answers_and_stops_when_told(tmp_path: Path, tenant: World) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    process = await start(tmp_path, {**tenant.settings(), "PINBOT_PORT": "0", "PINBOT_DATABASE_URL": database})
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    assert line.startswith("Listening on http://127.0.0.1:")
    tenant.teams.bot_url = line.split()[-1]
    await tenant.teams.say("user", "I forgot my PIN")
    assert "CON-LT-0142" in str(tenant.chats.personal("user").by_bot()[0].card)
    origin = tenant.teams.bot_url.removesuffix("/api/messages")
    async with aiohttp.ClientSession() as session, session.get(f"{origin}/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ready": True})
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert tenant.login.secret not in errors.decode()
    assert (tmp_path / "bot.sqlite3").stat().st_mode & 0o777 == 0o600


async def test_who_asked_before_the_stop_is_answered(tmp_path: Path, tenant: World) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    process = await start(tmp_path, {**tenant.settings(), "PINBOT_PORT": "0", "PINBOT_DATABASE_URL": database})
    assert process.stdout
    tenant.teams.bot_url = (await process.stdout.readline()).decode().split()[-1]
    tenant.faults.hang("graph/v1.0/users")
    asking = asyncio.create_task(tenant.teams.say("user", "I forgot my PIN"))
    await tenant.faults.wait(lambda: tenant.faults.count("graph/v1.0/users") > 0)
    process.send_signal(signal.SIGTERM)
    tenant.faults.clear()
    assert (await asking).status == 200
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert len(tenant.chats.personal("user").by_bot()) == 1


async def test_a_bot_without_its_login_service_lives_and_is_not_ready() -> None:
    async with (
        run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world,
        aiohttp.ClientSession() as session,
    ):
        origin = world.teams.bot_url.removesuffix("/api/messages")
        world.faults.fail("login", 503)
        async with session.get(f"{origin}/healthz") as answer:
            assert answer.status == 200
        assert await _readyz(world) == (503, {"ready": False, "not_ready": ["login"]})
        world.faults.clear()
        assert await _readyz(world) == (200, {"ready": True})


async def test_a_login_that_hangs_does_not_hold_up_the_answer_to_what_is_ready() -> None:
    hours = replace(GENEROUS, ready=0.0, login=3_600.0, login_call=3_600.0)
    async with run.running("rollout", deadlines=hours, PINBOT_PORT="0") as world:
        world.faults.hang("login")
        assert await _readyz(world) == (503, {"ready": False, "not_ready": ["login"]})  # and the login hangs still
        world.faults.clear()


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_database_that_is_deleted_or_replaced_is_told_and_not_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    for name in ("CHECK_SECONDS", "CHAT_SECONDS", "WORK_SECONDS"):
        monkeypatch.setattr(beside, name, 0.01)
    for name in ("LOCKED_SECONDS", "SILENT_SECONDS"):
        monkeypatch.setattr(supervision, name, 0.1)
    file = tmp_path / "bot.sqlite3"
    async with run.running(
        "rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_DATABASE_URL=f"sqlite+aiosqlite:///{file}"
    ) as world:
        await _until_ready(world, set())
        file.rename(tmp_path / "elsewhere")
        if replaced:
            shutil.copy(tmp_path / "elsewhere", file)
        await _until_ready(world, {"worker", "upkeep", "notifier", "delivery", "awaited", "database"})
        assert file.exists() is replaced
        (tmp_path / "elsewhere").rename(file)
        await _until_ready(world, set())


async def test_a_second_bot_on_the_same_database_refuses_to_start(tmp_path: Path) -> None:
    file, link = tmp_path / "bot.sqlite3", tmp_path / "link.sqlite3"
    link.symlink_to(file)
    async with run.running(
        "rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_DATABASE_URL=f"sqlite+aiosqlite:///{file}"
    ):
        second = run.running(
            "rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_DATABASE_URL=f"sqlite+aiosqlite:///{link}"
        )
        with pytest.raises(SettingsError, match=r"PINBOT_DATABASE_URL .* another process works on this database"):
            await second.__aenter__()


async def _readyz(world: World) -> tuple[int, dict[str, Any]]:
    url = world.teams.bot_url.replace("/api/messages", "/readyz")
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


async def _until_ready(world: World, but: set[str]) -> None:
    """Until these and no others are told as not ready; a test that hangs here has failed."""
    while set((await _readyz(world))[1].get("not_ready", [])) != but:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)


async def test_an_error_that_nobody_waited_for_is_told_by_its_place_alone(
    caplog: pytest.LogCaptureFixture, world: World
) -> None:
    async def defect() -> None:
        raise RuntimeError("what people wrote")

    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # what other tests left is not what this one is about
    lost = asyncio.ensure_future(defect())
    await asyncio.wait([lost])
    del lost
    gc.collect()
    assert "Task exception was never retrieved: RuntimeError at defect" in caplog.text
    assert "what people wrote" not in caplog.text
