"""The lock file: every version fixed by a hash, none below the floor of a known vulnerability (T44 in SECURITY.md)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK, SERVING = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements.runtime.lock")
)
LOCKED, SERVED = (
    dict(re.findall(r"^([A-Za-z0-9_.-]+)==([0-9][^\s;\\]*)", lock, re.MULTILINE)) for lock in (LOCK, SERVING)
)
TOOLS = {"pytest", "mypy", "ruff", "playwright", "hypothesis", "uv", "scikit-learn", "botbuilder-integration-aiohttp"}
# Package, the first version without the hole, and what it closes.
FLOORS = [
    ("pyjwt", "2.12.0", "CVE-2026-32597"),
    ("aiohttp", "3.14.1", "CVE-2026-54278"),
    ("urllib3", "2.6", "POST sent again by older ones"),
    ("requests", "2.32.4", "credentials sent to another host"),
    ("msal", "1.31.1", "the SDK's own floor"),
]


@pytest.mark.parametrize(("lock", "locked"), [(LOCK, LOCKED), (SERVING, SERVED)])
def test_everything_is_fixed_by_a_hash(lock: str, locked: dict[str, str]) -> None:
    packages = re.split(r"^(?=[A-Za-z0-9_.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(packages) == len(locked)
    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_no_address_of_a_registry_is_in_the_lock() -> None:
    assert "://" not in LOCK + SERVING


def test_what_serves_is_what_was_tested_and_no_tool() -> None:
    assert SERVED.items() <= LOCKED.items()
    assert SERVED.keys() & TOOLS == set()


@pytest.mark.parametrize(("package", "floor", "why"), FLOORS)
def test_T44_no_version_is_below_its_floor(package: str, floor: str, why: str) -> None:  # noqa: N802 - the threat
    assert _numbers(LOCKED[package]) >= _numbers(floor), why


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
