"""A copy of the database while the bot works, and back again into an empty place.

SQLite's own online backup: a copy of the file alone would lack what lies in its log and may be torn.
"""

import contextlib
import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.check.condition import copy_mark


class BackupError(Exception):
    """Nothing was copied; the message says why and what to do."""


def backup(url: str, to: Path) -> None:
    """Copy the database of that URL. Blocks: run it beside the loop. Raises BackupError."""
    source = _file(url)
    _copy(source, to)
    with contextlib.suppress(OSError):  # only a note, for who checks
        copy_mark(source).touch(mode=0o600)


def restore(url: str, copy: Path) -> None:
    """Put a copy in the place of the URL, where nothing may be. Blocks. Raises BackupError."""
    _copy(copy, _file(url))


def _file(url: str) -> Path:
    return Path(make_url(url).database or "").absolute()


def _copy(source: Path, to: Path) -> None:
    """Whole, or not at all: written beside its place first."""
    if not source.is_file():
        raise BackupError(f"{source} is no file; correct the path")
    if to.exists() and to.stat().st_size:
        raise BackupError(f"{to} is there already; name another place, or move it away first")
    part = to.with_name(f"{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with contextlib.closing(_to_read(source)) as old, contextlib.closing(sqlite3.connect(part)) as new:
            old.backup(new)
        part.replace(to)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} can't be read as a database; is it one of this bot?") from error
    except OSError as error:
        raise BackupError(
            f"{to} can't be written ({error.strerror}); name a folder that this user may write to"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _to_read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
