"""The changelog: what is not released stands first, and the newest version is the one that is built."""

import re
from datetime import date
from pathlib import Path

import bot

ROOT = Path(__file__).parents[1]
CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def _headings(level: str) -> list[str]:
    return re.findall(rf"^{level} (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_versions_stand_newest_first_and_the_newest_is_that_of_the_package() -> None:
    unreleased, *released = _headings("##")
    versions = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)", heading) for heading in released]
    assert unreleased == "[Unreleased]"
    assert None not in versions
    order = [(int(one[1]), int(one[2]), int(one[3]), date.fromisoformat(one[4])) for one in versions if one]
    assert order == sorted(order, reverse=True)
    assert bot.__version__ == ".".join(str(part) for part in order[0][:3])


def test_changes_are_grouped_by_what_they_are() -> None:
    assert set(_headings("###")) <= CHANGES
