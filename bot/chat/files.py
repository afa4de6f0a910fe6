"""Files that the bot hands out, by way of the person's own storage."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from bot.chat.command import Arguments

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Files:
    """`supported`: does the chat take files in this cloud? `put`: a file that a person agreed to take; raises
    errors.NotSent."""

    supported: bool
    put: Callable[[str, bytes], Awaitable[None]]


class UploadArguments(Arguments):
    """Where Teams takes a file, when a person agreed to it."""

    upload_url: str = ""


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """CSV for a spreadsheet, UTF-8 with its mark; what looks like a formula is made text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(str(value)) for value in row])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
