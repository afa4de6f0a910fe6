"""The people of people.toml: each has a line in the README."""

import re
from pathlib import Path

from bot.simulation import people

README = Path(people.__file__).with_name("README.md")


def test_the_readme_lists_everybody_and_nobody_else() -> None:
    listed = re.findall(r"^\| `([\w-]+)` \| \S", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [*people.load().people]
