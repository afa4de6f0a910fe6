"""What the last check found, for who only wants to know whether there is something."""

import logging
from collections.abc import Iterable

from bot.check.finding import Finding, Level, in_state
from dialogs.words.replies import Text

log = logging.getLogger(__name__)

# What the log has of a line beside its key: other values may name groups, or were typed by somebody.
TOLD = ("date", "days", "minutes", "number", "permission", "setting", "row", "parts")
ENDS = ("_ends", "_ended")  # of a credential: it is said by name, since all stands still on that day


class Kept:
    """Empty until the first check."""

    def __init__(self) -> None:
        self._findings: tuple[Finding, ...] = ()

    def keep(self, findings: Iterable[Finding]) -> None:
        """Also tells the log what must be done."""
        self._findings = tuple(findings)
        for one in in_state(self._findings, Level.DO):
            log.warning("%s", " ".join([f"check: {one.key}", *_told(one)]))

    def notices(self) -> tuple[Text, ...]:
        """For a status: which credential ends when, and how many things must be done."""
        wrong = in_state(self._findings, Level.DO)
        ends = tuple(one.text for one in wrong if one.area == "credential" and one.name.endswith(ENDS))
        return (*ends, Text("check.card.in_status", {"count": len(wrong)})) if wrong else ()


def _told(found: Finding) -> Iterable[str]:
    return (f"{name}={found.values[name]}" for name in TOLD if name in found.values)
