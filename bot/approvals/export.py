"""The audit as a file in the person's OneDrive, after they agreed to take it; where Teams has no files, as text."""

from datetime import timedelta

from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer, Asked, Command, For, bound, reading
from bot.chat.files import UploadArguments, table
from bot.chat.notices import at
from bot.chat.turn import FileOffer
from bot.store.audit import AuditEntry
from dialogs.words.replies import Details, Literal, Say, Section, Text

FILE = "pin-reset-audit.csv"
DAYS = 3_650
MOST_LINES = 20  # of the audit as text
COLUMNS = ("seq", "at", "event", "request", "actor", "detail", "hash")


async def offer(_asked: Asked, services: ApprovalServices) -> Answer:
    """Teams asks the person first; only then the file is made and put there."""
    if not services.files.supported:
        return await _as_text(services)
    size = len(await _content(services))
    return Answer(
        Say(Text("export.offer.title"), (Text("export.offer.text"),)),
        file=FileOffer(FILE, size, accept="export.put", decline="export.decline"),
    )


async def put(_asked: Asked, to: UploadArguments, services: ApprovalServices) -> Answer:
    """The person agreed: the rows of this moment."""
    await services.files.put(to.upload_url, await _content(services))
    return Answer(Say(Text("export.done.title"), (Text("export.done.text"),)), in_place=True)


async def decline(_asked: Asked, _services: ApprovalServices) -> Answer:
    """The person did not want it."""
    return Answer(Say(Text("export.declined.title"), (Text("export.declined.text"),)), in_place=True)


def _row(entry: AuditEntry) -> tuple[object, ...]:
    detail = "; ".join(f"{name}={value}" for name, value in sorted(entry.detail.items()))
    when = entry.at.isoformat() if entry.at else ""
    return (entry.seq, when, entry.event, entry.request or "", entry.actor, detail, entry.hash)


def _when(entry: AuditEntry) -> str:
    return at(entry.at) if entry.at else "–"


async def _content(services: ApprovalServices) -> bytes:
    entries = await services.audit(services.now() - timedelta(days=DAYS))
    return table(COLUMNS, map(_row, entries))


async def _as_text(services: ApprovalServices) -> Answer:
    entries = (await services.audit(services.now() - timedelta(days=DAYS)))[-MOST_LINES:]
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
