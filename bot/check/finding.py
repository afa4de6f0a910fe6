"""What one look found: pure data, whose words stand in check.toml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialogs.words.replies import Text, Value

AREAS = (
    "settings", "login", "clock", "credential", "permissions", "intune", "admins", "approvers", "roles", "rollout",
    "second_approval", "connector", "keys", "endpoint", "teams_channel", "app", "channels", "database", "audit",
    "backup", "running",
)  # fmt: skip
"""In the order of an operator: what stands first is mended first, and often mends what follows."""


_GROUP = {"admins": "group", "approvers": "group"}  # areas that share their words
# Next steps of the rollout that are said as in the status; the others' words there speak of what stands below them.
_STEPS = frozenset({"consent", "confirmation", "profile", "correction", "assignment", "differs", "nothing"})


class Level(StrEnum):
    """How it is."""

    OK = "ok"
    DO = "do"  # something must be done
    UNKNOWN = "unknown"  # it could not be looked at
    INFO = "info"  # good to know


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `name`: what was found, in check.toml below its area; for what is unknown, why."""

    area: str
    name: str
    state: Level = Level.OK
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """For programs: it stays the same in every language."""
        return f"{self.area}.{self.name}"

    @property
    def title(self) -> Text:
        """What was looked at."""
        return Text(f"check.area.{self.area}")

    @property
    def text(self) -> Text:
        """How it is."""
        return self._text("is")

    @property
    def remedy(self) -> Text | None:
        """What to do, and where; only where there is something."""
        return self._text("do") if self.state in {Level.DO, Level.UNKNOWN} else None

    def _text(self, part: str) -> Text:
        if self.state is Level.UNKNOWN:
            return Text(f"check.unseen.{self.name}.{part}", self.values)
        if self.area == "rollout" and self.name in _STEPS:
            return Text(f"status.next.{self.name}")
        name = self.name.partition(".")[0] if part == "do" else self.name  # what to do is the same for all of a kind
        return Text(f"check.{_GROUP.get(self.area, self.area)}.{name}.{part}", self.values)


def ok(area: str, name: str, **values: Value) -> Finding:
    """It is right."""
    return Finding(area, name, Level.OK, values)


def do(area: str, name: str, **values: Value) -> Finding:
    """Something must be done."""
    return Finding(area, name, Level.DO, values)


def info(area: str, name: str, **values: Value) -> Finding:
    """Good to know."""
    return Finding(area, name, Level.INFO, values)


def unseen(area: str, why: str) -> Finding:
    """It could not be looked at."""
    return Finding(area, why, Level.UNKNOWN)


def in_state(findings: Iterable[Finding], *states: Level) -> tuple[Finding, ...]:
    """Of these findings, those in one of the states."""
    return tuple(one for one in findings if one.state in states)
