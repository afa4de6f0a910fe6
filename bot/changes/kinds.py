"""The kinds of change: one readable list. A new one is a file beside these, its line here, and its words."""

from bot.approvals.kind import Kinds
from bot.changes import assignment, consent, profile
from bot.changes.services import Planning

FILES = (consent, profile, assignment)


def kinds(planning: Planning) -> Kinds:
    """All of them, by name."""
    return {kind.name: kind for file in FILES for kind in file.kinds(planning)}
