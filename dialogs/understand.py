"""What a person wants: intent, values and language of a text. Deterministic; never starts a change by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from dialogs import language, secrets
from dialogs.concepts import ASKED, ERROR_CODE, SECRET, Reading, intents, lexicon, phrases
from dialogs.match import Index, Phrasing, plain

LONGEST = 2_000  # characters looked at; the router cuts earlier
SURE = 78.0  # how like an example a text must be when no rule knows it

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
    intent, values = _intent(masked, about, reading)
    if intent == "failed":
        values |= _detail(code[0] if code else "", about)
    if intent == "forgot":
        values |= _state(about)
    return Understood(intent, values, language.of_text(shown, reading.languages, locale), secret)


def prepare() -> None:
    """Read all words now (some tenths of a second) rather than while the first person waits."""
    intents()
    lexicon()
    _examples()


def _intent(text: str, about: frozenset[str], reading: Reading) -> tuple[str, dict[str, str]]:
    if not reading.words and SECRET not in about:
        return "help", {}
    for rule in intents().rule:
        if rule.holds(about, reading.words):
            return rule.intent, dict(rule.values)
    likest = _examples().best(text, 1)
    if likest and likest[0][1] >= SURE:
        intent, _, topic = likest[0][0].partition(":")
        return intent, {"topic": topic} if topic else {}
    return "unknown", {}


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
