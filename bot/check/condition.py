"""How the database is: of which version, whole, its audit sound, when it was copied. Only looked at."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreUnavailable
from bot.store import database
from bot.store.audit import Report, newest_is_sound, oldest_is_sound
from bot.store.audit import check as check_audit
from bot.store.seal import SealKey


class Stranger(StrEnum):
    """Why it is none to work on with these settings, however whole it is."""

    TENANT = "other_tenant"
    KEY = "other_key"
    KEYS_BEFORE = "keys_before"


class Tables(StrEnum):
    """What the tables are like."""

    TODAY = "today"
    OLDER = "older"  # the bot migrates it at its next start
    NEWER = "newer"
    NONE = "none"  # there is none yet
    UNREADABLE = "unreadable"
    NETWORK_SHARE = "network_share"  # not looked at: it is none to work on, whatever it holds


@dataclass(frozen=True, slots=True)
class Condition:
    """`audit`: None where it can't be read, or there is none. `stranger`: None for one of these settings."""

    shape: Tables
    sound: bool = True
    stranger: Stranger | None = None
    audit: Report | None = None
    copied: datetime | None = None


async def stranger(engine: AsyncEngine, key: SealKey, tenant_id: str) -> Stranger | None:
    """Whether it is of another tenant, or of an audit that these keys do not open. Raises StoreUnavailable."""
    if await database.tenant_of(engine) not in {None, tenant_id}:
        return Stranger.TENANT
    if not await newest_is_sound(engine, key):
        return Stranger.KEY
    return None if await oldest_is_sound(engine, key) else Stranger.KEYS_BEFORE


async def condition(engine: AsyncEngine, key: SealKey, file: Path, tenant_id: str) -> Condition:
    """Look at it. Never raises for what is wrong with it."""
    if await asyncio.to_thread(database.on_network_share, file):
        return Condition(Tables.NETWORK_SHARE)
    if not await asyncio.to_thread(file.is_file):
        return Condition(Tables.NONE)
    if not await database.is_sound(engine):
        return Condition(Tables.UNREADABLE, sound=False)
    revision = await database.revision(engine)
    if revision is None or revision > database.HEAD:
        return Condition(Tables.UNREADABLE if revision is None else Tables.NEWER)
    shape = Tables.TODAY if revision == database.HEAD else Tables.OLDER
    found = await _stranger(engine, key, tenant_id)
    return Condition(shape, stranger=found, audit=await _audit(engine, key), copied=_copied(file))


async def _stranger(engine: AsyncEngine, key: SealKey, tenant_id: str) -> Stranger | None:
    """A version of before has no table of tenants yet."""
    try:
        return await stranger(engine, key, tenant_id)
    except StoreUnavailable:
        return None


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
