"""What a person wants: intent, values and language of a text. Deterministic; never starts a change by itself.

What is exact goes first: typed commands, pasted outputs, known codes. What is left is ranked by the one model, and the
ranking decided by what a mistake costs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from dialogs.understanding import codes, entities, following, intents, language, numbers, secrets, typed
from dialogs.understanding.facts_in_text import error_codes
from dialogs.understanding.folding import plain
from dialogs.understanding.groups.sentences import sentences
from dialogs.understanding.ranking.decide import Outcome, Resolution, decide
from dialogs.understanding.ranking.features import tokens
from dialogs.understanding.ranking.labels import kind
from dialogs.understanding.ranking.model import INTENT, KIND, Candidate, model
from dialogs.words.texts import FALLBACK, of_locale

LONGEST = 2_000  # characters looked at; the router cuts earlier
# What names or says more than is looked at, is not done by half.
TAKEN_WHOLE = frozenset({"assign", "unassign", "close"})
SHORT, REMEMBERED = 80, 1_000  # characters of what many write in the same words, and how many of these are known
CANDIDATES = 10
ORDERED = 0.12  # from this chance on a sentence that names groups is an order
SEEN = 0.35  # a sentence of Windows stands before the one who writes it: the chance of that, a question being 1
FOREIGN = 0.2  # the chance of a forgotten PIN in a language that the model has not learnt
PIN = "pin"
# Near misses, and the chance of a forgotten PIN from which on nobody who names it beside them is sent away: a reset
# needs the first two.
BESIDE = {"near_miss.password": 0.01, "near_miss.authenticator": 0.01, "near_miss.other": 0.05}
NOT_SO_VAGUE = 0.1  # the same of a text that says little more than PIN
ALONE = 0.5  # the same in a clause by itself, whatever stands around it
FIRM_FROM = 0.3  # the chance of one of these from which on nothing else is done
FIRM = frozenset({"override", "account_secret"})  # near misses beside which nothing is offered
CHOICES = ("first", "second", "third")  # values of `nearest`: labels

_CLAUSE_END = re.compile(r"[,.;:!?\n、。]+|\s[-–]+\s")
_OUTPUT = re.compile(r"^[ \t|]*\w+[ \t]+:[ \t].*$", re.MULTILINE)  # a line that a program wrote
_NUMBERED = re.compile(r"\S*\d\S*")


@dataclass(frozen=True, slots=True)
class Understood:
    """`values` hold names and canonical codes only, never what was written. `secret`: a PIN or password was typed.
    `labels`: what is shown or offered, the likeliest first, for what may be written next."""

    intent: str
    values: Mapping[str, str] = field(default_factory=dict)
    language: str = FALLBACK
    secret: bool = False
    outcome: Outcome = Outcome.ANSWERED
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a text was understood, for whoever looks into it. `masked`: the text without secrets. `why`: `exact`, or the
    word of the decision."""

    understood: Understood
    masked: str
    ranked: tuple[Candidate, ...]
    why: str


@dataclass(frozen=True, slots=True)
class _Meant:
    found: entities.Found
    outcome: Outcome
    why: str
    labels: tuple[str, ...] = ()


def understand(
    text: str, locale: str, before: Sequence[str] = (), *, without: frozenset[str] = frozenset()
) -> Understood:
    """The intent of a text, in the language of the text or, where that is not clear, of the locale. `before`: the
    labels of the card that the person was shown last. `without`: typed commands that there are none of here."""
    if len(text) > SHORT:
        return look(text, locale, before, without=without).understood
    return _remembered(text, locale, tuple(before), without)


@lru_cache(REMEMBERED)
def _remembered(text: str, locale: str, before: tuple[str, ...], without: frozenset[str]) -> Understood:
    return look(text, locale, before, without=without).understood


def look(text: str, locale: str, before: Sequence[str] = (), *, without: frozenset[str] = frozenset()) -> Explanation:
    """The same with the reasons."""
    shown = plain(text[:LONGEST])
    masked = secrets.mask(shown)
    weighed = model().weigh(masked)
    kinds = model().chances(weighed, KIND)
    ranked = tuple(model().wishes(weighed, kinds, CANDIDATES))
    pc = entities.pc(text)
    said = model().weigh(_OUTPUT.sub("", masked)) if "pasted" in pc else weighed
    spoken = language.of_text(model(), said, locale)
    if spoken == FALLBACK and _is_formal(masked, without):
        spoken = of_locale(locale)
    meant = (
        _exact(masked, pc, without)
        or _following(masked, before, pc)
        or (_foreign(kinds) if spoken == language.OTHER else _likeliest(masked, ranked, kinds, pc))
    )
    intent, values = meant.found
    if len(text) > LONGEST and (cut := intent if intent in TAKEN_WHOLE else typed.order(masked)):
        intent, values = "usage", {"command": cut}
    answered = language.of_answer(model(), spoken, locale)
    secret = secrets.HIDDEN in masked
    return Explanation(
        Understood(intent, values, answered, secret, meant.outcome, meant.labels), masked, ranked, meant.why
    )


def nearest_answers(text: str, most: int = 3) -> tuple[str, ...]:
    """The ids of the answers that a text resembles most."""
    ranked = model().rank(text, 5 * most)
    return tuple(one.label.removeprefix("answer.") for one in ranked if kind(one.label) == "answer")[:most]


def chosen(label: str) -> entities.Found:
    """What a choice on a card stands for. Its label is client data: one that the model has, or nothing is known."""
    return intents.of_label(label) if label in model().heads[INTENT].labels else ("unknown", {})


def prepare() -> None:
    """Read all words now rather than while the first person waits."""
    understand("assign Finance Laptops, my password is no secret", FALLBACK)
    codes.by_either("")
    following.is_choice("")
    numbers.read_ahead()
    sentences()


def _is_formal(masked: str, without: frozenset[str]) -> bool:
    """A command or a code, which are English in every language: they don't say which one the person speaks."""
    return bool(typed.order(masked) or typed.read(masked, without)) or codes.is_bare(masked)


def _exact(masked: str, pc: dict[str, str], without: frozenset[str]) -> _Meant | None:
    """What needs no likeness: no word at all, a command, an output, a code."""
    pasted = bool(pc.pop("pasted", ""))
    if not any(char.isalnum() for char in masked) and secrets.HIDDEN not in masked:
        found: entities.Found | None = ("help", {})
    elif command := typed.read(masked, without):
        found = command
    elif pasted:
        found = "answer", {"answer": entities.about_pc(pc), **pc}
    else:
        found = _of_code(masked)
    return _Meant(found, Outcome.ANSWERED, "exact") if found else None


def _of_code(masked: str) -> entities.Found | None:
    """A code or a sentence of Microsoft's: advice for who is in the middle of a reset, else the answer about it."""
    row = codes.by_either(masked)
    if row is None:
        unknown = error_codes(masked)
        return ("failed", {"detail": unknown[0]}) if unknown and _in_trouble(masked) else None
    if row.situation and (codes.says_only(masked) or _is_seen(masked)):
        return row.situation, {}
    if not row.situation and row.failure != codes.FOR_ADMINS and _in_trouble(masked):
        return "failed", codes.detail(masked) | {"also": row.answer}
    return "answer", {"answer": row.answer} | ({} if row.failure == codes.FOR_ADMINS else {"also": "failed"})


def _is_seen(masked: str) -> bool:
    """Whether somebody tells what Windows shows them rather than asks what it means."""
    kinds = _kinds(masked)
    return kinds["forgot"] >= SEEN * kinds["answer"]


def _in_trouble(masked: str) -> bool:
    """Whether somebody resets a PIN rather than asks about a code: by the words beside it, since the code itself is in
    every question about it. Who writes nothing but a code stands before it."""
    beside = _kinds(_NUMBERED.sub(" ", masked))
    return codes.is_bare(masked) or beside["forgot"] >= max(beside["answer"], beside["live"], beside["order"])


def _kinds(text: str) -> Mapping[str, float]:
    return model().chances(model().weigh(text), KIND)


def _following(masked: str, before: Sequence[str], pc: dict[str, str]) -> _Meant | None:
    """What answers to the card before."""
    if label := following.chosen(masked, before):
        return _Meant(intents.of_label(label), Outcome.ANSWERED, "follows the card before", (label,))
    if found := following.about_pc(masked, before, pc):
        return _Meant(found, Outcome.ANSWERED, "follows the card before", tuple(before))
    if following.is_choice(masked):
        return _Meant(("vague", {}), Outcome.ASKED_BACK, "chooses from nothing")
    return None


def _foreign(kinds: Mapping[str, float]) -> _Meant:
    """A language that is none of ours: the reset's steps or the menu, and no claim."""
    return _Meant(("forgot" if kinds["forgot"] >= FOREIGN else "help", {}), Outcome.ANSWERED, "other language")


def _likeliest(masked: str, ranked: tuple[Candidate, ...], kinds: Mapping[str, float], pc: dict[str, str]) -> _Meant:
    decision = _firm(ranked) or _ordered(masked, ranked) or decide(ranked, kinds)
    if not decision.labels and PIN in tokens(masked):  # resembles nothing, and may be somebody who is locked out
        decision = Resolution(Outcome.ASKED_BACK, ("forgot.plain",), "names the PIN", decision.cost)
    if decision.outcome is Outcome.DECLINED and PIN in tokens(masked) and _may_be_locked_out(decision, masked, kinds):
        decision = Resolution(
            Outcome.ASKED_BACK, ("forgot.plain", *decision.labels[1:]), "names the PIN", decision.cost
        )
    if decision.labels[:1] == ("vague",) and PIN in tokens(masked) and kinds["forgot"] >= NOT_SO_VAGUE:
        decision = Resolution(Outcome.ANSWERED, ("forgot.plain",), "names the PIN", decision.cost)
    return _Meant(_found(decision, masked, pc), decision.outcome, decision.why, decision.labels)


def _may_be_locked_out(decision: Resolution, masked: str, kinds: Mapping[str, float]) -> bool:
    """Whether what stands around the PIN, such as a boss or a lift, hides that it is forgotten."""
    label = next(iter(decision.labels), "")
    if label.removeprefix("near_miss.") in FIRM:
        return False
    if kinds["forgot"] >= BESIDE.get(label, 1.0):
        return True
    clauses = [clause for clause in _CLAUSE_END.split(masked) if PIN in tokens(clause)]
    return any(_kinds(clause)["forgot"] >= ALONE for clause in clauses if clause.strip() != masked.strip())


def _firm(ranked: tuple[Candidate, ...]) -> Resolution | None:
    """Who asks to get round the rules or for what is secret is refused, whatever else the text asks for."""
    names = (one.label for one in ranked if one.chance >= FIRM_FROM)
    label = next((name for name in names if name.removeprefix("near_miss.") in FIRM), None)
    return Resolution(Outcome.DECLINED, (label,), "firm", 0.0) if label else None


def _ordered(masked: str, ranked: tuple[Candidate, ...]) -> Resolution | None:
    """A sentence that names groups and what is to become of them, where that is likely at all, is an order."""
    chance = {one.label: one.chance for one in ranked if one.label in entities.CHANGES}
    likely = sum(chance.values()) >= ORDERED and not ranked[0].label.startswith("near_miss.")
    if not (likely or typed.order(masked)):
        return None
    named = sentences().read(masked)
    if named is None or not (named.include or named.exclude or typed.order(masked)):
        return None
    return Resolution(Outcome.ANSWERED, ("unassign" if named.remove else "assign",), "names groups", 0.0)


def _found(decision: Resolution, masked: str, pc: dict[str, str]) -> entities.Found:
    if decision.outcome is Outcome.ASKED_BACK:
        return "nearest", dict(zip(CHOICES, decision.labels, strict=False))
    if not decision.labels:
        return ("answer", {"answer": entities.about_pc(pc), **pc}) if len(pc) > 1 else ("unknown", {})
    if kind(decision.labels[0]) == "talk" and len(pc) > 1:  # a line of an inventory says no more than that
        return "answer", {"answer": entities.about_pc(pc), **pc}
    if decision.labels[0].startswith("usage.") and typed.hangs(masked):
        return "near_miss", {"topic": "other"}
    if codes.explains(decision.labels[0].removeprefix("answer.")) and (unknown := error_codes(masked)):
        return "failed", {"detail": unknown[0]}  # what is said of other codes does not hold for this one
    intent, values = intents.of_label(decision.labels[0], masked, pc)
    if values.get("command") == "request" and PIN in tokens(masked):  # "request a new PIN": no request of ours
        return "forgot", {}
    if values.get("topic") in FIRM:
        return intent, values
    also = " ".join(decision.labels[1:])
    return intent, values | ({"also": also} if also else {})
