"""Where the golden files are, and how they are written: plain ASCII, so that what can't be seen shows in a diff."""

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
CARDS = FOLDER / "cards"
BEFORE = FOLDER / "before.sqlite3"
HOW = "if this was changed on purpose, see tests/golden/record.py"


def text(value: object) -> str:
    """A value as it stands in a golden file."""
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n"


def read(name: str) -> Any:
    """What a golden file holds."""
    return json.loads(path(name).read_text("ascii"))


def path(name: str) -> Path:
    """The file of that name."""
    return FOLDER / f"{name}.json"


def card_path(name: str) -> Path:
    """The file of a card; its name without what some file systems do not take."""
    return CARDS / f"{re.sub(r'[^a-z0-9._]+', '-', name.lower()).strip('-')}.json"
