"""Files that the bot hands out, by way of the person's own storage."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import IO

from bot.chat.command import Arguments

_FORMULA = ("=", "+", "-", "@")
_UNSEEN = ("Z", "C")  # blanks, line ends, controls and marks without a shape: a spreadsheet may read on behind them


@dataclass(frozen=True, slots=True)
class Files:
    """`supported`: does the chat take files in this cloud? `put`: a file that a person agreed to take; raises
    errors.NotSent."""

    supported: bool
    put: Callable[[str, bytes | IO[bytes]], Awaitable[None]]


class UploadArguments(Arguments):
    """Where Teams takes a file, when a person agreed to it."""

    upload_url: str = ""


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """CSV for a spreadsheet, UTF-8 with its mark; what looks like a formula is made text."""
    return codecs.BOM_UTF8 + lines((columns, *rows))


def lines(rows: Iterable[Iterable[object]]) -> bytes:
    """More rows of it."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([harmless(str(value)) for value in row])
    return out.getvalue().encode()


def harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula, of whatever width, after whatever is not seen. A cell
    that begins with a control character moves what follows elsewhere."""
    seen = next((sign for sign in cell if not unicodedata.category(sign).startswith(_UNSEEN)), "")
    begins = unicodedata.normalize("NFKC", seen).startswith(_FORMULA)
    return f"'{cell}" if begins or unicodedata.category(cell[:1] or "a") == "Cc" else cell
