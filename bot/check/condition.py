"""How the database is: of which version, whole, its audit sound, when it was copied. Only looked at."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreUnavailable
from bot.store import database
from bot.store.audit import Report
from bot.store.audit import check as check_audit
from bot.store.seal import SealKey


class Tables(StrEnum):
    """What the tables are like."""

    TODAY = "today"
    OLDER = "older"  # the bot migrates it at its next start
    NEWER = "newer"
    NONE = "none"  # there is none yet
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Condition:
    """`audit`: None where it can't be read, or there is none."""

    shape: Tables
    sound: bool = True
    audit: Report | None = None
    copied: datetime | None = None


async def condition(engine: AsyncEngine, key: SealKey, file: Path) -> Condition:
    """Look at it. Never raises for what is wrong with it."""
    if not await asyncio.to_thread(file.is_file):
        return Condition(Tables.NONE)
    if not await database.is_sound(engine):
        return Condition(Tables.UNREADABLE, sound=False)
    revision = await database.revision(engine)
    if revision is None or revision > database.HEAD:
        return Condition(Tables.UNREADABLE if revision is None else Tables.NEWER)
    shape = Tables.TODAY if revision == database.HEAD else Tables.OLDER
    return Condition(shape, audit=await _audit(engine, key), copied=_copied(file))


async def _audit(engine: AsyncEngine, key: SealKey) -> Report | None:
    try:
        return await check_audit(engine, key)
    except (StoreUnavailable, ValueError, TypeError):  # the latter: a hand wrote what is no value of its kind
        return None


def _copied(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(copy_mark(file).stat().st_mtime, UTC)
    except OSError:
        return None


def copy_mark(file: Path) -> Path:
    """The empty file beside the database whose time says when a backup of it was last taken."""
    return file.with_name(f"{file.name}.copied")
