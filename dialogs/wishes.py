"""Commands in people's own words, and questions about how the rollout stands. Never starts a change by itself."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dialogs.concepts import LANGUAGES, NAME, SHAPES, STRANGER, UNHEARD, Lexicon, Phrases, load, named, phrases
from dialogs.groups import Groups, Named, Sentences
from dialogs.rules import Intents, Rule

REQUEST_NUMBER = "request_number"  # a shape: "#7", "request 7"

Found = tuple[str, dict[str, str]]  # intent and values

_HERE = Path(__file__).parent
_NUMBER = re.compile(r"(?:#|\b(?:request|change|number|no\.?|nr\.?)\s?#?)\s?(\d{1,9})\b", re.IGNORECASE)
_DAYS = re.compile(r"\b(\d{1,4}|two|three|four)?\s?(day|week|month)s?\b", re.IGNORECASE)
_UNKNOWN = frozenset({STRANGER, NAME, UNHEARD})  # words that may be known here
_SPANS = {"day": 1, "week": 7, "month": 30}
_SPOKEN = {"two": 2, "three": 3, "four": 4}


class Wishes(Phrases):
    """One language's wishes.toml."""

    groups: Groups = Groups()


class Rules(Intents):
    """wishes.toml. `mood`: concepts (named by `intent`) made of others, in order. `general`: when a text that a rule of
    intents.toml took for its intent may be a question."""

    mood: tuple[Rule, ...]
    general: tuple[Rule, ...]


def prepare() -> None:
    """Read all words now rather than while the first person waits."""
    lexicon()
    sentences()


def about(text: str, found: frozenset[str]) -> frozenset[str]:
    """The concepts of wishes in a text, beside those that dialogs.concepts found in it."""
    number = {REQUEST_NUMBER} if _NUMBER.search(text) else set()
    known = (found - _UNKNOWN) | lexicon().read(text).about | number
    for mood in rules().mood:
        if mood.holds(known, 0):
            known |= {mood.intent}
    return known


def wanted(text: str, known: frozenset[str], words: int) -> Found | None:
    """What is wanted of the rollout, if anything."""
    first = next((rule for rule in rules().rule if rule.holds(known, words)), None)
    if first is not None and first.intent == "near_miss":
        return first.intent, dict(first.values)
    if groups := sentences().read(text):
        return _change(groups)
    return (first.intent, dict(first.values) | _numbers(first.intent, text)) if first else None


def general(intent: str, known: frozenset[str]) -> bool:
    """Whether a text that a rule took for this intent may be a question about the rollout all the same."""
    return any(rule.intent == intent and rule.holds(known, 0) for rule in rules().general)


def _numbers(intent: str, text: str) -> dict[str, str]:
    if intent in {"request", "undo"} and (number := _NUMBER.search(text)):
        return {"number": number[1]}
    if intent == "history" and (days := _days(text)):
        return {"days": days}
    return {}


def _change(groups: Named) -> Found:
    intent = "unassign" if groups.remove else "assign"
    if not groups.include and not groups.exclude:
        return "usage", {"command": intent}
    sides = {"include": "\n".join(groups.include), "exclude": "\n".join(groups.exclude), "reason": groups.reason}
    return intent, {name: value for name, value in sides.items() if value}


def _days(text: str) -> str:
    found = _DAYS.search(text)
    if not found:
        return ""
    count = found[1] or "1"
    return str((int(count) if count.isdigit() else _SPOKEN[count.lower()]) * _SPANS[found[2].lower()])


@cache
def wishes() -> Mapping[str, Wishes]:
    """The words of every language. Raises ValueError naming the file that is malformed."""
    return {language: load(_HERE / "locales" / language / "wishes.toml", Wishes) for language in LANGUAGES}


@cache
def rules() -> Rules:
    """The rules. Raises ValueError naming what is malformed or speaks of a concept that no language has."""
    loaded = load(_HERE / "wishes.toml", Rules)
    moods = (mood.intent for mood in loaded.mood)
    more = (*loaded.mood, *loaded.general)
    loaded.check((*SHAPES, *named(phrases()), *named(wishes()), *moods, REQUEST_NUMBER), more)
    return loaded


@cache
def lexicon() -> Lexicon:
    """The words of wishes; all others that a language has are never slips of them."""
    spoken = {
        language: Phrases(common=_common(phrases()[language]), concepts=own.concepts)
        for language, own in wishes().items()
    }
    return Lexicon(spoken, rules().together, courtesy=("polite", "small"))


def _common(words: Phrases) -> str:
    return " ".join(
        (words.common, *(phrase.replace("*", "") for listed in words.concepts.values() for phrase in listed))
    )


@cache
def sentences() -> Sentences:
    """The sentences that name groups, of all languages."""
    return Sentences(own.groups for own in wishes().values())
