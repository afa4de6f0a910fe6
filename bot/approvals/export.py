"""The audit as a file in the person's OneDrive, after they agreed to take it; where Teams has no files, as text."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile

from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer, Asked, Command, For, bound, reading
from bot.chat.files import UploadArguments, lines, table
from bot.chat.turn import FileOffer
from bot.store.audit import AuditEntry
from dialogs.words.replies import Details, Literal, Say, Section, Text

FILE = "pin-reset-audit.csv"
MOST_LINES = 20  # of the audit as text
ROW_BYTES = 190  # of a row without its details, about
IN_MEMORY = 1024 * 1024  # bytes; a longer file lies on the disk until it was sent
COLUMNS = ("seq", "at", "event", "request", "actor", "detail", "hash")


async def offer(_asked: Asked, services: ApprovalServices) -> Answer:
    """Teams asks the person first; only then the file is made and put there."""
    if not services.files.supported:
        return await _as_text(services)
    rows, characters = await services.audit.size()
    size = rows * ROW_BYTES + characters  # about: whoever says yes is shown it
    return Answer(
        Say(Text("export.offer.title"), (Text("export.offer.text"),)),
        file=FileOffer(FILE, size, accept="export.put", decline="export.decline"),
    )


async def put(_asked: Asked, to: UploadArguments, services: ApprovalServices) -> Answer:
    """The person agreed: the rows of this moment."""
    async with _file(services) as file:
        await services.files.put(to.upload_url, file)
    return Answer(Say(Text("export.done.title"), (Text("export.done.text"),)), in_place=True)


async def decline(_asked: Asked, _services: ApprovalServices) -> Answer:
    """The person did not want it."""
    return Answer(Say(Text("export.declined.title"), (Text("export.declined.text"),)), in_place=True)


def _row(entry: AuditEntry) -> tuple[object, ...]:
    detail = "; ".join(f"{name}={value}" for name, value in sorted(entry.detail.items()))
    when = entry.at.isoformat() if entry.at else ""
    return (entry.seq, when, entry.event, entry.request or "", entry.actor, detail, entry.hash)


def _lines(entries: Iterable[AuditEntry]) -> bytes:
    return lines(map(_row, entries))


def _when(entry: AuditEntry) -> str:
    return f"{entry.at:%Y-%m-%d %H:%M} UTC" if entry.at else "–"


@asynccontextmanager
async def _file(services: ApprovalServices) -> AsyncIterator[SpooledTemporaryFile[bytes]]:
    """Written beside the loop, some rows at a time: the audit may be longer than the memory."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        file.write(table(COLUMNS, ()))
        async for entries in services.audit.slices():
            file.write(await asyncio.to_thread(_lines, entries))
        yield file


async def _as_text(services: ApprovalServices) -> Answer:
    entries = await services.audit.newest(MOST_LINES)
    lines = tuple(
        Literal(f"{_when(entry)} {entry.event} #{entry.request or '–'} …{entry.actor[-6:]}") for entry in entries
    )
    section = Section(Text("export.text.rows"), lines or (Text("export.text.none"),))
    return Answer(Details(title=Text("export.text.title"), sections=(section,)))


def commands(services: ApprovalServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(bound(offer, services), intents=("export_audit",), audience=For.STAFF, private=True),
        Command(reading(UploadArguments, put, services), verbs=("export.put",), audience=For.STAFF),
        Command(bound(decline, services), verbs=("export.decline",), audience=For.STAFF),
    )
