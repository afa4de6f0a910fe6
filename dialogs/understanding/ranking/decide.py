"""What to do with a ranking, by what a mistake costs: say it, ask back with the nearest, or decline.

A cost of 1 is a wrong card that was shown with confidence. Whatever is expected to cost least is done.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialogs.understanding.ranking.labels import family, kind
from dialogs.understanding.ranking.model import Candidate


class Outcome(StrEnum):
    """What a person gets."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"  # a choice
    DECLINED = "declined"  # "I can't help with that", "I don't know"


CHOICES = 3  # that are offered
UNFOLDING = frozenset({"answer", "near_miss"})  # kinds whose cards show what else may be meant
ALSO = 3  # that are one tap away on the card of an answer
ALSO_FROM = 0.03  # the chance of an answer that is worth its tap
WISH_FROM = 0.12  # and of what is no answer: pressed, it does something
SHOWN_FROM = 0.18  # the chance of what may be shown without asking
OFFERED_FROM = 0.06  # the chance of what is worth a place in a choice
LOCKED_OUT = 0.05  # from this chance of a forgotten PIN on nobody is told that nothing was found
KIND_OFFERED_FROM = 0.4  # of a kind so likely the nearest are offered, however many share the chance
RESEMBLES = 0.15  # a text of which even the likeliest wish is less likely resembles nothing

ASKED = 0.47  # a choice that holds what is wanted
NOT_OURS = 0.8  # a choice shown to somebody who wants nothing of us
ONE_TAP = 0.2  # a wrong answer with the right one beside it
WRONG = 1.0
# (what is shown, what was wanted), where it is not WRONG.
COSTS = {
    ("forgot", "answer"): 1.2,  # a question about the reset never gets its steps
    ("forgot", "live"): 1.5,
    ("forgot", "talk"): 0.5,
    ("answer", "forgot"): 1.5,  # somebody may be locked out
    ("live", "forgot"): 2.0,
    ("order", "forgot"): 2.0,
    ("talk", "forgot"): 1.5,
    ("near_miss", "forgot"): 4.0,  # and be sent away
    ("near_miss", "answer"): 1.2,
    ("near_miss", "live"): 1.2,
    ("near_miss", "order"): 1.2,
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """`labels`: the one that was chosen and the answers beside it, or those to choose from. `why`: for whoever looks
    into it. `cost`: as expected."""

    outcome: Outcome
    labels: tuple[str, ...]
    why: str
    cost: float


def decide(ranked: Sequence[Candidate], kinds: Mapping[str, float]) -> Resolution:
    """`ranked`: the best first, enough of them that the rest does not matter. `kinds`: the chance of each kind."""
    if ranked[0].chance < RESEMBLES and max(kinds.values()) < 0.5 and kinds["forgot"] < LOCKED_OUT:
        return Resolution(Outcome.DECLINED, (), "resembles nothing", WRONG)
    return min((*_shown(ranked, kinds), _asked(ranked, kinds)), key=lambda decision: decision.cost)


def _shown(ranked: Sequence[Candidate], kinds: Mapping[str, float]) -> Iterator[Resolution]:
    """Each family that a card may be shown of."""
    seen = set()
    for candidate in ranked:
        own = family(candidate.label)
        if own not in seen and kinds.get(own, candidate.chance) >= SHOWN_FROM:
            seen.add(own)
            yield _card(candidate, ranked, kinds)


def _card(shown: Candidate, ranked: Sequence[Candidate], kinds: Mapping[str, float]) -> Resolution:
    own = kind(shown.label)
    less = [one for one in ranked if one is not shown and one.chance <= shown.chance]
    also = [one for one in less if _is_worth_a_tap(one)][:ALSO] if own in UNFOLDING else []
    right = defaultdict(float, {own: kinds[own] if family(shown.label) == own else shown.chance})
    for one in also:
        right[kind(one.label)] += one.chance
    wrong = sum((mass - right[other]) * COSTS.get((own, other), WRONG) for other, mass in kinds.items())
    outcome = Outcome.DECLINED if own == "near_miss" else Outcome.ANSWERED
    labels = (shown.label, *(one.label for one in also))
    return Resolution(outcome, labels, "likely", wrong + ONE_TAP * sum(one.chance for one in also))


def _is_worth_a_tap(candidate: Candidate) -> bool:
    own = kind(candidate.label)
    least = ALSO_FROM if own == "answer" else WISH_FROM
    return candidate.chance >= least and own not in {"near_miss", "talk", "forgot"}


def _asked(ranked: Sequence[Candidate], kinds: Mapping[str, float]) -> Resolution:
    """A choice of the nearest, each of another family. What is not ours is no choice: then the way on is a person."""
    offered: dict[str, tuple[float, str]] = {}
    for candidate in ranked:
        own = family(candidate.label)
        chance = kinds.get(own, candidate.chance)
        is_likely = chance >= OFFERED_FROM or kinds[kind(candidate.label)] >= KIND_OFFERED_FROM
        if own not in {"near_miss", "talk"} and is_likely:
            offered.setdefault(own, (chance, candidate.label))
    nearest = sorted(offered.values(), reverse=True)[:CHOICES]
    held, away = sum(chance for chance, _ in nearest), kinds["near_miss"]
    if not nearest:
        return Resolution(Outcome.DECLINED, (), "resembles nothing", WRONG)
    cost = ASKED * held + NOT_OURS * away + WRONG * (1.0 - held - away)
    return Resolution(Outcome.ASKED_BACK, tuple(label for _, label in nearest), "not sure", cost)
