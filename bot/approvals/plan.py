"""A change worked out to the last byte before anybody is asked: requests, the state they rest on, and their effect."""

import json
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from bot.store.seal import canonical, digest

LINE = 150  # letters of a request on one line: one assignment


class PlanPart(BaseModel):
    """A part of a plan: nothing is added to it and nothing changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(PlanPart):
    """One read of a collection and what of it counts."""

    kind: str  # one of bot.approvals.kind.Kind.looks
    path: str
    subject: str = ""  # which of the rows is meant, where that is not all of them


class Write(PlanPart):
    """One request to Graph: exactly this is sent, or nothing."""

    method: Literal["POST", "PATCH"]
    path: str  # from /v1.0 or /beta on
    body: dict[str, JsonValue]


class Step(PlanPart):
    """A write, and how to tell whether it has happened."""

    write: Write
    look: Look
    before: JsonValue
    after: JsonValue
    repeatable: bool  # harmless when sent twice; a profile that was created twice is not


class Basis(PlanPart):
    """A state that the plan was computed from: any other, and the approval is void."""

    look: Look
    state: JsonValue


class Plan(PlanPart):
    """What an approver signs and the worker does. Its digest covers every field."""

    kind: str  # the name of a bot.approvals.kind.Kind
    tenant_id: str
    object_key: str  # two plans with the same key are never open at once
    basis: tuple[Basis, ...]
    steps: tuple[Step, ...]
    effect: dict[str, JsonValue]  # as the kind's own model writes it

    def canonical(self) -> str:
        """The one text of this plan, as it is stored."""
        return canonical(self.model_dump(mode="json"))

    def digest(self) -> str:
        """SHA-256 of that text."""
        return digest(self.canonical())

    def looks(self) -> frozenset[str]:
        """The kinds of all its looks."""
        return frozenset((*(one.look.kind for one in self.basis), *(one.look.kind for one in self.steps)))

    @classmethod
    def filed(cls, text: str, filed: str) -> Self | None:
        """A stored plan, or None when it is not the one of that digest, or of a version that is not known here."""
        try:
            return cls.read(text) if digest(text) == filed else None
        except ValidationError:
            return None

    @classmethod
    def read(cls, text: str) -> Self:
        """A stored plan. Raises pydantic.ValidationError for anything that this code does not know."""
        return cls.model_validate_json(text)


def in_full(step: Step) -> str:
    """The very request that will be sent, every letter of it."""
    return f"{step.write.method} {step.write.path}\n{_written(step.write.body)}"


def _written(value: JsonValue, indent: str = "") -> str:
    """JSON with whatever fits on a line on one line: every letter, on a card a third as large."""
    flat = json.dumps(value, ensure_ascii=False, sort_keys=True)
    inner = f"{indent}  "
    if not isinstance(value, dict | list) or len(indent + flat) <= LINE:
        return flat
    if isinstance(value, list):
        return _between("[", [_written(one, inner) for one in value], "]", indent)
    fields = [f"{json.dumps(name, ensure_ascii=False)}: {_written(value[name], inner)}" for name in sorted(value)]
    return _between("{", fields, "}", indent)


def _between(opening: str, parts: list[str], closing: str, indent: str) -> str:
    inside = ",\n".join(f"{indent}  {part}" for part in parts)
    return f"{opening}\n{inside}\n{indent}{closing}"
