"""python -m bot: what an operator reads of the audit, of the clock and of a bot that stops, and how it ends."""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import __main__ as command
from bot import app
from bot.store import audit
from bot.store.database import open_database
from bot.store.records import Event
from bot.store.requests import Requests
from bot.store.seal import SealKey
from tests.test_config import GOOD

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = SealKey(str(GOOD["PINBOT_AUDIT_KEY"]).encode())


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with an audit, where the settings say that it is."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "bot.sqlite3"
    for name, value in {**GOOD, "PINBOT_DATABASE_URL": _url(made)}.items():
        monkeypatch.setenv(name, value)
    return made


def _url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def _write(file: Path, *statements: str) -> str:
    """Three rows, then a hand in the database; the head of the audit."""
    engine = await open_database(_url(file))
    head = ""
    for number in range(3):
        head = await Requests(engine, KEY).note(Event.REFUSED, "somebody", AT, None, {"number": number})
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()
    return head


def _check(monkeypatch: pytest.MonkeyPatch, *more: str) -> int | str | None:
    """The exit code."""
    monkeypatch.setattr(sys, "argv", ["python -m bot", "check", "audit", *more])
    try:
        command.main()
    except SystemExit as end:
        return end.code
    return 0


def test_a_sound_audit_is_told_with_its_head_and_a_head_of_a_card_is_found_in_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = asyncio.run(_write(file))
    before = file.read_bytes()
    assert _check(monkeypatch, "--head", head) == 0
    assert f"3 rows are sound; the head is {head}." in capsys.readouterr().out
    assert file.read_bytes() == before
    assert _check(monkeypatch, "--head", "f" * 64) == 1
    assert "The given head is not in the chain" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_told_and_not_made(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _check(monkeypatch) == 2
    said = capsys.readouterr()
    assert (said.out, "PINBOT_DATABASE_URL names no file" in said.err) == ("", True)
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"this is no database, " * 400])
def test_a_file_of_something_else_is_told_and_left_as_it_is(
    file: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    assert _check(monkeypatch) == 1
    said = capsys.readouterr()
    assert (said.out, "restore a backup" in said.err, "Traceback" in said.err) == ("", True, False)
    assert file.read_bytes() == content


def test_a_damaged_page_is_told_with_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_write(file))
    content = bytearray(file.read_bytes())
    half = len(content) // 2
    content[half:] = b"\xff" * (len(content) - half)
    file.write_bytes(content)
    assert _check(monkeypatch) == 1
    assert "restore a backup" in capsys.readouterr().err


def test_a_value_that_is_no_value_of_its_kind_is_told_too(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_write(file, "DROP TRIGGER audit_no_update", "UPDATE audit SET at = 'noon' WHERE seq = 2"))
    assert _check(monkeypatch) == 1
    said = capsys.readouterr()
    assert ("Row 2 is not what the bot wrote" in said.out, "noon" in said.out + said.err) == (True, False)


def _clock(monkeypatch: pytest.MonkeyPatch, *more: str) -> int | str | None:
    monkeypatch.setattr(app, "_now", lambda: AT)
    monkeypatch.setattr(sys, "argv", ["python -m bot", "clock", *more])
    try:
        command.main()
    except SystemExit as end:
        return end.code
    return 0


async def _seen(file: Path) -> tuple[datetime, list[tuple[str, str]]]:
    """The latest moment that the store has seen, and what was done about it."""
    engine = await open_database(_url(file))
    moment = (await Requests(engine, KEY).snapshot(0)).high_water
    assert (await audit.check(engine, KEY)).sound
    rows = [(one.event, one.actor) for one in await audit.entries(engine, AT) if one.event != "refused"]
    await engine.dispose()
    return moment, rows


def test_the_operator_sees_that_the_clock_is_behind_and_sets_it_right(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_write(file, "UPDATE clock SET high_water = '2036-01-01 00:00:00.000000'"))
    assert _clock(monkeypatch) == 1
    said = capsys.readouterr()
    assert "shows 2026-11-23 09:00 UTC; the newest moment in the database is 2036-01-01 00:00 UTC" in said.out
    assert "python -m bot clock --set-right" in said.err
    assert asyncio.run(_seen(file))[1] == []
    assert _clock(monkeypatch, "--set-right") == 0
    assert "Time counts from the clock of this machine again" in capsys.readouterr().out
    assert asyncio.run(_seen(file)) == (AT, [("clock_set", "operator")])
    assert _clock(monkeypatch, "--set-right") == _clock(monkeypatch) == 0
    assert capsys.readouterr().out.count("nothing to set right") == 2
    assert asyncio.run(_seen(file)) == (AT, [("clock_set", "operator")])


def test_a_clock_is_compared_with_no_file_that_is_not_there(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ((), ("--set-right",)):
        assert _clock(monkeypatch, *more) == 2
        assert "PINBOT_DATABASE_URL names no file" in capsys.readouterr().err
    assert list(file.parent.iterdir()) == []


def test_a_clock_is_compared_with_no_file_of_something_else(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(b"this is no database, " * 400)
    assert _clock(monkeypatch, "--set-right") == 2
    assert "PINBOT_DATABASE_URL can't be used: the file is no SQLite database" in capsys.readouterr().err


def test_what_fails_after_the_start_is_not_called_a_failure_to_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails() -> None:
        raise KeyError("what somebody wrote")

    monkeypatch.setattr(command, "_stopped", fails)
    monkeypatch.setattr(sys, "argv", ["bot", "simulate", "--port", "0"])
    monkeypatch.setenv("PINBOT_PORT", "0")
    with pytest.raises(SystemExit) as ended:
        command.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "The bot stopped: KeyError at fails" in said
    assert "did not start" not in said
    assert "what somebody wrote" not in said


@pytest.mark.parametrize("foreign", ["two\nlines", "two\rlines", "\x1b[2Jred", "\u2028next", "\u202eturned", "\x00"])
def test_a_message_of_the_log_is_one_line_whatever_is_in_it(
    foreign: str, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of pytest stand in the way of the bot's
    _check(monkeypatch)
    logging.getLogger("bot.teams").warning("teams refused: %s", foreign)
    said = capsys.readouterr().err
    assert said.endswith("WARNING bot.teams teams refused: " + foreign.encode("unicode_escape").decode() + "\n")
    assert all(sign.isprintable() or sign == "\n" for sign in said)
