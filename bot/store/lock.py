"""One process on one SQLite file: the kernel holds the lock as long as the process lives, stopped or not."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from bot.store.database import prepared_file


class AnotherWorker(ValueError):
    """Another process works on this database."""

    def __init__(self) -> None:
        super().__init__("another process works on this database; end that one first")


@contextmanager
def only_worker(url: str) -> Iterator[None]:
    """Lock the database's file itself, whatever name leads to it. Raises AnotherWorker when somebody else holds it.

    This is flock; SQLite's own locks are those of fcntl, and on Linux neither kind sees the other. But when a process
    closes any descriptor of a file, it loses all locks of fcntl on it, SQLite's too: so hold this longer than the
    engine. A database on a server has no file; leases come with the support of several instances.
    """
    path = prepared_file(url)
    if path is None:
        yield
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherWorker from None
        yield
    finally:
        os.close(descriptor)
