"""What an operator installs: all that serves, and nothing that is only shown or tested."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_config import GOOD

ROOT = Path(__file__).parents[2]
SOURCES = ("bot", "cards", "dialogs", "manifest", "pyproject.toml", "README.md", "LICENSE")
WORDS = ("bot", "cards", "dialogs", "manifest/teams")  # where files lie that are read at run time


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `pip install .` makes it, from a copy, since the build leaves a folder behind."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        here = ROOT / name
        copy = shutil.copytree if here.is_dir() else shutil.copy
        copy(here, source / name)
    how = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(made))
    subprocess.run([sys.executable, "-m", "pip", "wheel", ".", *how], cwd=source, check=True)
    (found,) = made.glob("pin_reset_bot-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The programs of an environment that holds requirements.runtime.lock and the bot, out of uv's cache."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    uv = (str(Path(sys.executable).with_name("uv")), "--quiet", "--offline")
    subprocess.run([*uv, "venv", "--python", sys.executable, place], check=True)
    there = {**os.environ, "UV_LINK_MODE": "symlink", "VIRTUAL_ENV": str(place)}
    lock = str(ROOT / "requirements.runtime.lock")
    subprocess.run([*uv, "pip", "sync", "--require-hashes", lock], env=there, check=True)
    subprocess.run([*uv, "pip", "install", "--no-deps", str(wheel)], env=there, check=True)
    yield place / "bin"
    shutil.rmtree(place)


def _run(installed: Path, folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [installed / "pin-reset-bot", *words], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )


def _read_at_run_time() -> set[str]:
    """Every file of the sources that is no Python, as the repository has them, but for what only developers read."""
    listed = subprocess.check_output(["git", "ls-files", *WORDS], cwd=ROOT, text=True).split()
    kept = (name for name in listed if not name.endswith((".py", ".md", ".mako")))
    return {name for name in kept if not name.startswith("bot/simulation/page/.") and name != "bot/simulation/page.png"}


def test_the_wheel_holds_every_file_that_the_sources_read(wheel: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("the list of git is not beside the project")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert _read_at_run_time() - held == set()
    assert {name.rsplit(".", 1)[-1] for name in _read_at_run_time()} >= {"toml", "bin", "png", "json"}


def test_the_wheel_holds_every_module_and_no_test_and_no_library_of_the_page(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(file.relative_to(ROOT)) for room in WORDS for file in (ROOT / room).rglob("*.py")}
    assert {name for name in modules if "node_modules" not in name} - held == set()
    assert [name for name in held if name.startswith("tests/") or "node_modules" in name] == []


def test_what_is_installed_says_what_it_can_do(installed: Path, tmp_path: Path) -> None:
    helped = _run(installed, tmp_path, "--help")
    assert helped.returncode == 0
    assert {"serve", "package", "backup", "restore", "check"} <= set(helped.stdout.replace(",", " ").split())


def test_it_starts_as_far_as_its_settings_go_without_a_tool_of_the_tests(installed: Path, tmp_path: Path) -> None:
    settings = {name: str(value) for name, value in GOOD.items()}
    ended = _run(
        installed, tmp_path, "serve", **settings, PINBOT_PORT="0", PINBOT_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}"
    )
    assert (ended.returncode, "PINBOT_DATABASE_URL can't be used" in ended.stderr) == (2, True), ended.stderr


def test_the_app_package_is_made_from_what_is_installed(installed: Path, tmp_path: Path) -> None:
    settings = {name: str(value) for name, value in GOOD.items()} | {
        "PINBOT_PUBLIC_URL": "https://pinbot.contoso.com",
        "PINBOT_ORGANISATION": "Contoso",
        "PINBOT_PRIVACY_URL": "https://contoso.com/privacy",
    }
    made = _run(installed, tmp_path, "package", **settings)
    assert made.returncode == 0, made.stderr
    assert "manifest.json" in zipfile.ZipFile(tmp_path / "pin-reset-bot.zip").namelist()


@pytest.mark.parametrize("words", [("simulate",), ("ask", "I forgot my PIN"), ("explain", "--as", "user", "PIN")])
def test_what_only_shows_the_bot_says_what_it_lacks_there(
    installed: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = _run(installed, tmp_path, *words)
    assert ended.returncode == 2
    assert "trustme is not installed here" in ended.stderr
    assert "pip install '.[demo]'" in ended.stderr
    assert "Traceback" not in ended.stderr
