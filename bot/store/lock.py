"""One worker on one SQLite file: the kernel holds the lock as long as the process lives, stopped or not."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url


class AnotherWorker(Exception):
    """Another process works on this database."""


@contextmanager
def only_worker(url: str) -> Iterator[None]:
    """Hold the lock beside the database's file. Raises AnotherWorker at once when somebody else does.

    A database on a server has no file; leases come with the support of several instances.
    """
    path = Path(f"{make_url(url).database}.worker")
    with path.open("a") as file:
        path.chmod(0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherWorker from None
        yield
