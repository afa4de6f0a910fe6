"""What to do with a ranking, by what a mistake costs: say it, ask back with the nearest, or decline."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialogs.understanding.model import Candidate


class Outcome(StrEnum):
    """What a person gets."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"  # a choice
    DECLINED = "declined"  # "I can't help with that", "I don't know"


CHOICES = 3  # that are offered
SURE = 0.5  # so likely is what is said without asking back; with the costs below it pays from here
DECLINE = 0.75  # what is not ours must be likelier: declining a person who is locked out costs most
LOCKED_OUT = 0.12  # from this chance of a forgotten PIN on nobody is declined
RESET = 0.6  # the reset's own card for a question about the reset is the mistake that people minded most
RESEMBLES = 0.35  # three candidates that are together less likely than this resemble nothing

# Labels that lead to the same card, or to cards that a person in need can go on from. The rest stand for themselves.
_FAMILIES = {
    "forgot": ("forgot.", "pin_blocked", "password_forgotten", "second_factor_lost", "never_set_up", "failed"),
    "status": ("live.", "status"),
    "near_miss": ("near_miss.",),
    "talk": ("help", "thanks", "vague"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`labels`: the one that was chosen, or those to choose from. `why`: one word for whoever looks into it."""

    outcome: Outcome
    labels: tuple[str, ...]
    why: str


def family(label: str) -> str:
    """The labels that a mistake between costs little."""
    return next((name for name, starts in _FAMILIES.items() if label.startswith(starts)), label)


def decide(ranked: Sequence[Candidate]) -> Decision:
    """`ranked`: the best first, enough of them that the rest does not matter."""
    together: defaultdict[str, float] = defaultdict(float)
    for candidate in ranked:
        together[family(candidate.label)] += candidate.chance
    best = max(together, key=together.__getitem__)
    chosen = next(candidate.label for candidate in ranked if family(candidate.label) == best)
    if best == "near_miss":
        return _declined(ranked, together, chosen)
    if together[best] >= (RESET if best == "forgot" else SURE):
        return Decision(Outcome.ANSWERED, (chosen,), "sure")
    return _asked_back(ranked)


def _declined(ranked: Sequence[Candidate], together: dict[str, float], chosen: str) -> Decision:
    if together["forgot"] >= LOCKED_OUT:
        return _asked_back(ranked, least=LOCKED_OUT)
    if together["near_miss"] >= DECLINE:
        return Decision(Outcome.DECLINED, (chosen,), "not ours")
    return _asked_back(ranked)


def _asked_back(ranked: Sequence[Candidate], least: float = RESEMBLES) -> Decision:
    offered: dict[str, Candidate] = {}
    for candidate in ranked:
        if not candidate.label.startswith("near_miss.") and family(candidate.label) != "talk":
            offered.setdefault(family(candidate.label), candidate)
    nearest = list(offered.values())[:CHOICES]
    if sum(candidate.chance for candidate in nearest) < least:
        return Decision(Outcome.DECLINED, (), "resembles nothing")
    return Decision(Outcome.ASKED_BACK, tuple(candidate.label for candidate in nearest), "not sure")
