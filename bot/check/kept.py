"""What the last check found, for who only wants to know whether there is something."""

import logging
from collections.abc import Iterable

from bot.check.finding import Finding, Level, in_state

log = logging.getLogger(__name__)


class Kept:
    """Empty until the first check."""

    def __init__(self) -> None:
        self._findings: tuple[Finding, ...] = ()

    def keep(self, findings: Iterable[Finding]) -> None:
        """Also tells the log what must be done: its keys, since values name groups and channels."""
        self._findings = tuple(findings)
        for one in in_state(self._findings, Level.DO):
            log.warning("check: %s", one.key)

    def to_do(self) -> int:
        """How many things must be done."""
        return len(in_state(self._findings, Level.DO))
