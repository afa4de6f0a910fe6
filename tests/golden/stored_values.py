"""Every value that outlives the process that wrote it: in the database, in the audit, on buttons of cards in chats."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from tests.golden.product import (
    BOT,
    COMMANDS,
    KINDS,
    OPEN,
    OPERATOR,
    WISH,
    AppState,
    Aspect,
    Audience,
    Event,
    Failure,
    LookKind,
    Note,
    PlaceKind,
    Reason,
    Seen,
    Stage,
    State,
    StepState,
    Verdict,
    answers,
    heartbeat_names,
    labels,
    open_database,
)


async def stored_values(folder: Path) -> dict[str, object]:
    """By what they are for, not by the names of classes, which may change; the database as it describes itself."""
    return {**{name: sorted(map(str, values)) for name, values in _values().items()}, **await _database(folder)}


def _values() -> dict[str, Iterable[str]]:
    return {
        "requests: state": State,
        "requests: open states": OPEN,
        "requests: kind of change": KINDS,
        "requests: note": Note,
        "requests: evidence of a step": Seen,
        "plans: what is looked at": LookKind,
        "plans: what is wrong with a profile": Aspect,
        "plans and evidence: state of an app": AppState,
        "decisions: verdict": Verdict,
        "steps: state": StepState,
        "audit and outbox: event": Event,
        "audit: why a press was refused": Reason,
        "audit: who is nobody of the tenant": (BOT, OPERATOR),
        "outbox: audience": Audience,
        "cards: kind of place": PlaceKind,
        "questions: stage": Stage,
        "questions: what went wrong": Failure,
        "votes and gaps: answer": answers(),
        "buttons: verb": (WISH, *(verb for command in COMMANDS for verb in command.verbs)),
        "buttons: what a text was taken for": labels(),
        "commands: intent": (intent for command in COMMANDS for intent in command.intents),
        "heartbeats": heartbeat_names(),
    }


async def _database(folder: Path) -> dict[str, object]:
    """A new database: tables with their columns and types, indexes and triggers, and the rows that it begins with."""
    engine = await open_database(f"sqlite+aiosqlite:///{folder}/bot.sqlite3")
    async with engine.connect() as connection:
        made = await connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        shape = {f"database: {kind} {name}": [line.strip() for line in sql.splitlines()] for kind, name, sql in made}
        first = {}
        for name in ("alembic_version", "clock", "freeze"):
            rows = (await connection.execute(text(f"SELECT * FROM {name}"))).mappings()
            first[f"database: first row of {name}"] = [dict(row) for row in rows]
    await engine.dispose()
    return {**shape, **first}
