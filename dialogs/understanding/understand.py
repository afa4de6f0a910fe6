"""What a person wants: intent, values and language of a text. Deterministic; never starts a change by itself.

What is exact goes first (typed commands, pasted output, codes). All else is ranked at once by the model, decided by
what a mistake costs, and only then are the values of the intent read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dialogs import facts_in_text, find, secrets, typed
from dialogs.language import of_locale
from dialogs.match import plain
from dialogs.understanding import entities
from dialogs.understanding.decide import Decision, Outcome, decide
from dialogs.understanding.model import Candidate, model

LONGEST = 2_000  # characters looked at; the router cuts earlier
LOOKED_AT = 12  # candidates
SURE_OF_LANGUAGE = 0.6
TAKEN_WHOLE = frozenset({"assign", "unassign", "close"})  # what is longer than is looked at is not done by half
ORDERS_OF_GROUPS = frozenset({"assign", "unassign"})


@dataclass(frozen=True, slots=True)
class Understood:
    """`values` hold names and canonical codes only, never what was written. `secret`: a PIN or password was typed."""

    intent: str
    values: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    secret: bool = False
    outcome: Outcome = Outcome.ANSWERED


Found = tuple[str, dict[str, str]]  # intent and values


def understand(text: str, locale: str) -> Understood:
    """The intent of a text, in the language of the text or, where that is not clear, of the locale."""
    shown = plain(text[:LONGEST])
    masked = secrets.mask(shown)
    sums, known = model().weigh(masked)
    ranked = model().best(sums, "intent", LOOKED_AT)
    spoken = language(model().best(sums, "language", 2), known, locale)
    secret = secrets.HIDDEN in masked
    if found := _exact(text, masked, ranked):
        intent, values = found
        if len(text) > LONGEST and intent in TAKEN_WHOLE:
            intent, values = "usage", {"command": intent}
        return Understood(intent, values, spoken, secret)
    decision = decide(ranked)
    intent, values = wanted(decision, masked, text)
    return Understood(intent, values, spoken, secret, decision.outcome)


def prepare() -> None:
    """Read the model and all words now rather than while the first person waits."""
    model()
    entities.prepare()


def language(ranked: Sequence[Candidate], known: int, locale: str) -> str:
    """A text that says enough decides; a bare code, number or name says nothing of a language."""
    if known < 1 or ranked[0].chance < SURE_OF_LANGUAGE:
        return of_locale(locale)
    return of_locale(ranked[0].label)


def wanted(decision: Decision, masked: str, text: str) -> Found:
    """The intent and its values, as the commands know them."""
    if not decision.labels:
        return "unknown", {}
    if decision.outcome is Outcome.ASKED_BACK:
        return "nearest", dict(zip(("first", "second", "third"), decision.labels, strict=False))
    label = decision.labels[0]
    if label in ORDERS_OF_GROUPS:
        return _order(label, masked)
    intent, _, name = label.partition(".")
    if intent == "usage":
        return intent, {"command": name}
    return intent, entities.read(label, text if intent == "answer" else masked)


def _order(label: str, text: str) -> Found:
    """An order that names no group is asked for one; the sides are those that the text says."""
    groups = entities.named_groups(text)
    remove = groups.pop("remove", "")
    if not groups.keys() & {"include", "exclude"}:
        return "usage", {"command": label}
    return "unassign" if remove else "assign", groups


def _exact(text: str, masked: str, ranked: Sequence[Candidate]) -> Found | None:
    """What needs no guess: nothing at all, a typed command, pasted output, an error code."""
    if not any(character.isalnum() for character in masked):
        return ("help", {}) if secrets.HIDDEN not in masked else None
    if command := typed.read(masked, ranked):
        return command
    return None
