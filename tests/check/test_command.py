"""check in the chat is for admins: what must be done stands open, the rest is folded; the status says that there is
something. For operators each look is a line, or a row for programs."""

import ast
import asyncio
import json
import os
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from bot.check import command
from bot.check.finding import AREAS, Level, do, info, ok, unseen
from bot.check.kept import Kept
from bot.check.permissions import permissions
from bot.config import simulated
from bot.operator import check
from bot.simulation import World
from cards import render
from dialogs.words import texts
from dialogs.words.replies import Text
from dialogs.words.texts import words
from tests.check.harness import Ready, ready
from tests.journeys.test_rollout import say, shown

ROOT = Path(__file__).parents[2]


async def _last(world: World, person: str, until: str) -> str:
    """What the last message of the bot shows, once it shows that."""
    chat = world.chats.personal(person)
    await world.chats.wait(lambda: bool(chat.by_bot()) and until in shown(chat.by_bot()[-1], person))
    return shown(chat.by_bot()[-1], person)


async def test_an_admin_sees_what_must_be_done_and_the_status_says_so_from_then_on(tmp_path: Path) -> None:
    async with ready(tmp_path) as it:
        assert "check" not in await say(it.world, "admin", "status")
        it.world.tenant.catalogue.clear()
        await it.world.teams.say("admin", "check")
        text = await _last(it.world, "admin", "Something must be done: 1")
        assert "Upload new app" in text
        assert "Write check to see what" in await say(it.world, "admin", "status")


async def test_who_is_no_admin_is_not_told(tmp_path: Path) -> None:
    async with ready(tmp_path) as it:
        for person in ("user", "approver"):
            assert "Only members of the admin group" in await say(it.world, person, "check")


def test_what_must_be_done_stands_open_and_the_rest_is_folded() -> None:
    found = (ok("keys", "read"), do("connector", "refused"), unseen("admins", "late"), info("backup", "never"))
    card = command.card(found)
    assert [(one.label.key, one.value) for one in card.facts] == [
        ("check.area.connector", Text("check.connector.refused.is")),
        ("check.card.remedy", Text("check.connector.refused.do")),
    ]
    assert [one.title.key for one in card.folds] == [f"check.card.fold.{one}" for one in ("unknown", "info", "ok")]


def test_a_card_of_a_hundred_mistakes_names_the_first_ones_and_how_many_there_are() -> None:
    card = command.card((do("admins", "missing", setting="A" * 500, id="x"),) * 100)
    assert card.footnotes[-1].values == {"count": 90}
    assert len(json.dumps(render(card, words("en")))) < 25_000


def test_only_what_must_be_done_is_kept_as_something_to_do(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    assert kept.notices() == ()
    kept.keep([ok("keys", "read"), do("admins", "empty", group="a name", setting="X"), unseen("app", "late")])
    assert kept.notices() == (Text("check.card.in_status", {"count": 1}),)
    assert caplog.messages == ["check: admins.empty setting=X"]  # and no name


@pytest.mark.parametrize("name", ["secret_ends", "certificate_ends", "certificate_ended"])
def test_a_credential_that_ends_is_named_with_its_day_in_the_status_and_the_log(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    kept.keep(
        [do("credential", name, date=date(2026, 12, 9), days=12), do("endpoint", "ends", date=date(2026, 12, 10))]
    )
    first, count = kept.notices()
    assert "Dec 9, 2026" in words("en").plain(first)
    assert count.values == {"count": 2}
    assert caplog.messages[0] == f"check: credential.{name} date=2026-12-09 days=12"


@pytest.mark.parametrize(
    ("states", "code"),
    [((ok,), 0), ((ok, info), 0), ((ok, unseen), 2), ((unseen, do), 1)],
    ids=["right", "known", "unseen", "wrong"],
)
def test_the_exit_status_tells_a_mistake_from_what_could_not_be_seen(states: tuple[type], code: int) -> None:
    assert check.status([one("keys", "silent") for one in states]) == code


def test_every_area_has_its_title_and_every_permission_what_stops_without_it() -> None:
    said = words("en")
    for area in AREAS:
        assert said.sentence(f"check.area.{area}")
    for one in permissions():
        text = said.sentence(f"check.permissions.missing.{one.name.replace('.', '_')}.is")
        assert text.startswith("{permission} is not granted: ")


async def test_the_progress_is_told_while_it_runs_and_the_rows_are_for_programs(tmp_path: Path) -> None:
    async with ready(tmp_path) as it:
        it.world.chats.registered = False
        out = StringIO()
        found = await check.check(simulated(it.settings), seconds=120.0, progress=out)
    assert "Sign-in\n" in out.getvalue()
    rows = check.document(found)
    assert [row["key"] for row in rows if row["state"] == Level.DO] == ["connector.refused"]
    assert all({"key", "state", "what", "is"} <= row.keys() for row in rows)


async def _process(it: Ready, folder: Path, *more: str) -> tuple[int | None, str, str]:
    environment = {name: one for name, one in os.environ.items() if not name.startswith(("MICROSOFT_", "PINBOT_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "check", *more),
        cwd=folder,
        env={**environment, **it.settings, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    return process.returncode, out.decode(), errors.decode()


async def test_an_operator_reads_lines_a_program_json_and_no_secret_is_shown(tmp_path: Path) -> None:
    async with ready(tmp_path) as it:
        it.settings["MICROSOFT_APP_PASSWORD"] = "0f6b7a4e-7b0e-4c56-9d28-2f6f9a7f3a11"
        (code, out, errors), (json_code, rows, _) = await asyncio.gather(
            _process(it, tmp_path), _process(it, tmp_path, "--json")
        )
        assert (code, "AADSTS7000215" in out, "Clock\n" in errors) == (1, True, True)
        assert (json_code, [one["key"] for one in json.loads(rows) if one["state"] == "do"]) == (
            1,
            ["login.secret_wrong"],
        )
        assert it.settings["MICROSOFT_APP_PASSWORD"] not in out + errors + rows
        del it.settings["PINBOT_ADMIN_GROUP_ID"]
        code, out, errors = await _process(it, tmp_path)
        assert (code, out, "PINBOT_ADMIN_GROUP_ID: is missing" in errors) == (2, "", True)


def _said_in_the_code() -> set[str]:
    """Every string that the room writes down."""
    sources = [file.read_text("utf-8") for file in (ROOT / "bot" / "check").glob("*.py")]
    sources += [(ROOT / "bot" / "teams" / "reach.py").read_text("utf-8")]
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_no_sentence_is_left_over_and_what_must_be_done_has_two() -> None:
    keys = {key for key in texts.own("en") if key.startswith("check.") and key.endswith((".is", ".do"))}
    names = {key.split(".")[2] for key in keys}
    kinds = {f"{kind}_{how}" for kind in ("secret", "certificate") for how in ("ended", "ends", "lasts")}
    assert names - _said_in_the_code() - kinds == {"missing"} - _said_in_the_code()
    orphans = {key for key in keys if key.endswith(".do") and key.count(".") == 3 and f"{key[:-3]}.is" not in keys}
    assert orphans == {"check.permissions.missing.do"}
