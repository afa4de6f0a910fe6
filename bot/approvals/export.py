"""The audit as a file in the person's OneDrive, after they agreed to take it; where Teams has no files, as text."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta

from bot.chat.command import Answer, Asked, Command, For, Neighbours
from bot.chat.notices import at
from bot.chat.turn import FileOffer
from bot.store.audit import AuditEntry
from dialogs.words.replies import Details, Literal, Say, Section, Text

FILE = "pin-reset-audit.csv"
DAYS = 3_650
MOST_LINES = 20  # of the audit as text
COLUMNS = ("seq", "at", "event", "request", "actor", "detail", "hash")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def offer(_asked: Asked, neighbours: Neighbours) -> Answer:
    """Teams asks the person first; only then the file is made and put there."""
    if not neighbours.changing.files:
        return await _as_text(neighbours)
    size = len(await _content(neighbours))
    return Answer(
        Say(Text("export.offer.title"), (Text("export.offer.text"),)),
        file=FileOffer(FILE, size, accept="export.put", decline="export.decline"),
    )


async def put(asked: Asked, neighbours: Neighbours) -> Answer:
    """The person agreed: the rows of this moment."""
    await neighbours.changing.upload(asked.values.get("upload_url", ""), await _content(neighbours))
    return Answer(Say(Text("export.done.title"), (Text("export.done.text"),)), in_place=True)


async def decline(_asked: Asked, _neighbours: Neighbours) -> Answer:
    """The person did not want it."""
    return Answer(Say(Text("export.declined.title"), (Text("export.declined.text"),)), in_place=True)


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


def _row(entry: AuditEntry) -> tuple[object, ...]:
    detail = "; ".join(f"{name}={value}" for name, value in sorted(entry.detail.items()))
    when = entry.at.isoformat() if entry.at else ""
    return (entry.seq, when, entry.event, entry.request or "", entry.actor, detail, entry.hash)


def _when(entry: AuditEntry) -> str:
    return at(entry.at) if entry.at else "–"


async def _content(neighbours: Neighbours) -> bytes:
    entries = await neighbours.changing.audit(neighbours.now() - timedelta(days=DAYS))
    return table(COLUMNS, map(_row, entries))


async def _as_text(neighbours: Neighbours) -> Answer:
    entries = (await neighbours.changing.audit(neighbours.now() - timedelta(days=DAYS)))[-MOST_LINES:]
    lines = tuple(
        Literal(f"{_when(entry)} {entry.event} #{entry.request or '–'} …{entry.actor[-6:]}") for entry in entries
    )
    section = Section(Text("export.text.rows"), lines or (Text("export.text.none"),))
    return Answer(Details(title=Text("export.text.title"), sections=(section,)))


COMMANDS = (
    Command(offer, intents=("export_audit",), audience=For.STAFF, private=True),
    Command(put, verbs=("export.put",), audience=For.STAFF),
    Command(decline, verbs=("export.decline",), audience=For.STAFF),
)
