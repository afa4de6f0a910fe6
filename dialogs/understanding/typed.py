"""Commands as they are typed: the exact words, in any case of letters, and what follows them. They stand in typed.toml
of each language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from dialogs.understanding.files import each_language

# A PC may freeze too, and everybody's work would stop for a slip: so a reason that speaks of one's own PC is none.
_OWN_PC = re.compile(
    r"\b(?:my|i|me|screens?|windows|pc|laptop|computer|log ?[io]n|sign[ -]?in|pin|hello)\b", re.IGNORECASE
)
_OF_ALL = re.compile(r"\b(?:rollout|groups?|devices|assign\w*|requests?|profiles?|changes?|consent)\b", re.IGNORECASE)
_COURTESY = re.compile(r"(?:[\s,;:]+(?:please|pls|plz|thanks|thank you))+\Z", re.IGNORECASE)
STOPPING = frozenset({"freeze", "unfreeze"})  # intents
VOUCHED = frozenset({"clock_right"})  # intents: a person's word, which a question is not
NUMBER, MAYBE_DAYS = "NUMBER", "[DAYS]"
GROUPS = "GROUPS"  # with groups it is a sentence: dialogs.understanding.groups
_SHAPES = {
    GROUPS: r"(?!)",
    NUMBER: r"#?\s?(?P<number>\d{1,9})",
    "DAYS": r"(?P<days>\d{1,4})(?:\s+days?)?",
}
_FORM = re.compile(r"(?P<words>[^\sA-Z[\]]+(?: [^\sA-Z[\]]+)*)(?P<follows>(?: (?:[A-Z]+|\[[A-Z]+\]))*)")

Found = tuple[str, dict[str, str]]  # intent and values


class TypedForms(BaseModel):
    """One language's typed.toml: intents and how they are typed."""

    model_config = ConfigDict(extra="forbid")

    orders: Mapping[str, str] = {}
    others: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Typed:
    """One command: its words, the placeholders of what must follow, and what it means. Without any nothing may."""

    words: str
    follows: str
    intent: str
    split: re.Pattern[str]
    rest: re.Pattern[str]


@cache
def orders() -> frozenset[str]:
    """The intents that change something."""
    return frozenset(intent for forms in _languages() for intent in forms.orders)


@cache
def commands() -> tuple[Typed, ...]:
    """Of all languages, those with more words first. Raises ValueError for a form that is none and for words of two."""
    found: dict[str, Typed] = {}
    for forms in _languages():
        for intent, form in (*forms.orders.items(), *forms.others.items()):
            command = _typed(intent, form)
            if (other := found.setdefault(command.words, command)).intent != intent:
                raise ValueError(f"typed.toml: '{command.words}' stands for {other.intent} and for {intent}")
    return tuple(sorted(found.values(), key=lambda command: -len(command.words)))


def follows(intent: str) -> tuple[str, ...]:
    """The placeholders after a command of that intent; none where it is never typed."""
    return next((tuple(one.follows.split()) for one in commands() if one.intent == intent), ())


def read(text: str) -> Found | None:
    """The command, or `usage` of one whose arguments are missing or wrong; None for any other text."""
    asked = text.rstrip().endswith(("?", "？"))
    text = _COURTESY.sub("", " ".join(text.split()).strip(" .!?"))
    for command in commands():
        if found := command.split.fullmatch(text):
            if command.intent in STOPPING and _is_about_a_pc(found["rest"], asked=asked):
                return None
            if command.intent in VOUCHED and asked:
                return None
            return _meant(command, found["rest"])
    return None


def order(text: str) -> str:
    """The intent of the command that is followed by groups, where a text begins with one; else nothing."""
    first = text.split(maxsplit=1)[:1]
    word = first[0].strip(",:").casefold() if first else ""
    return next((one.intent for one in commands() if one.words == word and one.follows == GROUPS), "")


def hangs(text: str) -> bool:
    """Whether "freeze …" tells of one's own PC; several that hang are a reason to stop all."""
    word, _, rest = text.partition(" ")
    stops = {one.words for one in commands() if one.intent in STOPPING}
    return word.strip(",:").casefold() in stops and _is_own_pc(rest)


@cache
def _languages() -> tuple[TypedForms, ...]:
    return tuple(each_language("typed.toml", TypedForms))


def _typed(intent: str, form: str) -> Typed:
    parts = _FORM.fullmatch(form)
    if parts is None:
        raise ValueError(f"typed.toml: {intent} is no command as it is typed: {form}")
    words, follows = parts["words"].casefold(), parts["follows"].strip()
    split = r"\s+".join(map(re.escape, words.split())) + r"(?![\w-])[\s:,]*(?P<rest>.*)"
    rest = "".join(_shape(part, r"[\s:,]+" if at else "") for at, part in enumerate(follows.split()))
    return Typed(words, follows, intent, re.compile(split, re.IGNORECASE), re.compile(rest, re.IGNORECASE))


def _shape(part: str, between: str) -> str:
    name = part.strip("[]")
    shape = between + _SHAPES.get(name, f"(?P<{name.lower()}>.+)")
    return f"(?:{shape})?" if part[0] == "[" else shape


def _is_about_a_pc(rest: str, *, asked: bool) -> bool:
    return bool(rest) and (asked or _is_own_pc(rest))


def _is_own_pc(rest: str) -> bool:
    return _OWN_PC.search(rest) is not None and not _OF_ALL.search(rest)


def _meant(command: Typed, rest: str) -> Found | None:
    if found := command.rest.fullmatch(rest):
        values = {name: value for name, value in found.groupdict().items() if value}
        return command.intent, values
    if command.follows and _is_tried(command, rest):
        return "usage", {"command": command.intent}
    return None


def _is_tried(command: Typed, rest: str) -> bool:
    """Nothing follows, or something with a number where one belongs: hardly the beginning of a sentence."""
    return not rest or (command.follows != GROUPS and rest[0] in "#0123456789")
