"""What a person wants: intent, values and language of a text. Deterministic; never starts a change by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from dialogs import facts_in_text, find, language, secrets, typed, wishes
from dialogs.concepts import ASKED, ERROR_CODE, SECRET, Reading, intents, lexicon, phrases
from dialogs.find import Verdict
from dialogs.match import Index, Phrasing, plain

LONGEST = 2_000  # characters looked at; the router cuts earlier
SURE = 78.0  # how like an example a text must be when no rule knows it
TOLD = 3.3  # how much a question must say (find.Finder.told) to be taken for one rather than for a call for help
LITTLE = 2.5  # the same for a text that no rule knows
# Answers that are reckoned for the PC that a text speaks of.
ABOUT_PCS = frozenset({
    *("minimum_version", "windows_1703", "editions", "pro_edition", "enterprise_edition", "education_edition"),
    *("home_edition", "ltsc", "windows_11", "build_numbers", "end_of_servicing", "hybrid_requirements", "join_types"),
    *("registered_devices", "onprem_requirements", "onprem_service", "keys_lost", "destructive", "canreset", "licence"),
})  # fmt: skip
FIRST_SERVED = 16299  # the build of Windows 10 1709
TAKEN_WHOLE = frozenset(
    {"assign", "unassign", "close"}
)  # what names or says more than is looked at, is not done by half
FIRM = frozenset({"override", "account_secret"})  # topics that nothing else in a text softens

Found = tuple[str, dict[str, str]]  # intent and values

_ERROR_CODE = re.compile(r"\b(?:0x[0-9a-f]{8}|CAA[0-9A-F]{5}|AADSTS\d{4,7}|8(?:009|01c)[0-9a-f]{4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """`values` hold names and canonical codes only, never what was written. `secret`: a PIN or password was typed."""

    intent: str
    values: Mapping[str, str] = field(default_factory=dict)
    language: str = language.FALLBACK
    secret: bool = False


def understand(text: str, locale: str) -> Understood:
    """The intent of a text, in the language of the text or, where that is not clear, of the locale."""
    shown = plain(text[:LONGEST])
    masked = secrets.mask(shown)
    reading = lexicon().read(masked)
    code = _ERROR_CODE.search(masked)
    secret = secrets.HIDDEN in masked
    shapes = {ERROR_CODE: code, SECRET: secret, ASKED: shown.rstrip().endswith(("?", "？"))}
    about = reading.about | {concept for concept, seen in shapes.items() if seen}
    intent, values = _intent(masked, about, reading, _pc(text))
    if len(text) > LONGEST and intent in TAKEN_WHOLE:
        intent, values = "usage", {"command": intent}
    if intent == "failed":
        values |= _detail(code[0] if code else "", about)
    if intent == "forgot":
        values |= _state(about)
    return Understood(intent, values, language.of_text(shown, reading.languages, locale), secret)


def prepare() -> None:
    """Read all words now (some tenths of a second) rather than while the first person waits."""
    intents()
    lexicon()
    wishes.prepare()
    find.finder()
    _examples()


def _pc(text: str) -> dict[str, str]:
    """What a text says of a PC: build, edition, join, CanReset …"""
    if not facts_in_text.may_tell(text):
        return {}
    facts = facts_in_text.read(text)
    return facts.said() | ({"pasted": "yes"} if facts.pasted or facts.can_reset else {})


def _intent(text: str, about: frozenset[str], reading: Reading, pc: dict[str, str]) -> Found:
    """First what is typed exactly, then what nobody may talk the bot into, then wishes, then the rest by its rules."""
    if not reading.words and SECRET not in about:
        return "help", {}
    if command := typed.read(text, about):
        return command
    if pc.pop("pasted", ""):
        return "answer", {"answer": "canreset_values" if "can_reset" in pc else _usual(pc), **pc}
    own = _own(about, reading.words)
    if own and own[1].get("topic") in FIRM:
        return own
    known = wishes.about(text, about)
    return wishes.wanted(text, known, reading.words) or _answered(text, known, own, pc)


def _own(about: frozenset[str], words: int) -> Found | None:
    """What somebody wants who has a PIN, or takes the bot for somebody else."""
    return next(((rule.intent, dict(rule.values)) for rule in intents().rule if rule.holds(about, words)), None)


def _answered(text: str, known: frozenset[str], own: Found | None, pc: dict[str, str]) -> Found:
    """An answer about the rollout, where the text asks in general; else what its rule says."""
    described = "build" in pc and len(pc) > 1
    if own and not wishes.general(own[0], known) and not (described and own[0] == "vague"):
        return own
    found, told = find.nearest(text), find.finder().told(text)
    verdict = find.verdict(found)
    if verdict is Verdict.ANSWER and told >= (TOLD if own else LITTLE):
        return "answer", {"answer": found[0][0], **(pc if found[0][0] in ABOUT_PCS else {})}
    if described and (own is None or own[0] == "vague"):
        return "answer", {"answer": _usual(pc), **pc}
    if own and (own[0] != "vague" or verdict is Verdict.NOTHING or told < TOLD):
        return own
    if like := _like_an_example(text):
        return like
    if verdict is Verdict.NOTHING:
        return "unknown", {}
    return "nearest", dict(zip(("first", "second", "third"), (name for name, _ in found), strict=False))


def _usual(pc: dict[str, str]) -> str:
    """The answer about such PCs in general, beside what is reckoned for this one."""
    edition, build = f"{pc.get('edition')}_edition", int(pc.get("build", FIRST_SERVED))
    kinds = (
        ("windows_1703", build < FIRST_SERVED),
        ("ltsc", "ltsc" in pc),
        (edition, edition in ABOUT_PCS),
        ("join_types", "join" in pc),
    )
    return next((name for name, holds in kinds if holds), "editions")


def _like_an_example(text: str) -> Found | None:
    likest = _examples().best(text, 1)
    if not likest or likest[0][1] < SURE:
        return None
    intent, _, topic = likest[0][0].partition(":")
    return intent, {"topic": topic} if topic else {}


def _detail(code: str, about: frozenset[str]) -> dict[str, str]:
    if code:
        code = code.upper().replace("0X", "0x")
        return {"detail": f"0x{code}" if code[0] == "8" else code}
    message = next((message for concept, message in intents().detail.items() if concept in about), "")
    return {"detail": message} if message else {}


def _state(about: frozenset[str]) -> dict[str, str]:
    return next((dict(rule.values) for rule in intents().state if rule.holds(about, 0)), {})


@cache
def _examples() -> Index:
    """Whole sentences per intent ("near_miss:sim" names a topic too), for texts that no rule knows."""
    return Index(
        Phrasing(intent, example)
        for spoken in phrases().values()
        for intent, listed in spoken.examples.items()
        for example in listed
    )
