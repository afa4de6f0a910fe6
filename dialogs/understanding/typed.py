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
MOST_WORDS = 6  # of a name
NUMBER, MAYBE_DAYS = "NUMBER", "[DAYS]"
# A name is told from a sentence that begins like the command ("user forgot her PIN") by words that no name has. Some
# are names with a capital (Will, May, An).
PERSON, PC = "PERSON", "PC"
_SMALL_WORDS = re.compile(
    r"[;:!?<>=]\s|\b(?:i|he|she|it|we|they|who|what|this|that|these|the|an?|my|his|her|their|our|your|and|or|but|for|from|"
    r"of|on|in|at|to|with|without|after|before|by|as|if|when|still|already|also|only|just|than|then|here|there|am|is|are|"
    r"was|were|be|has|have|had|can|could|does|did|do|not|no|never|will|would|should|may|must|ok|good|bad|new|old|half|"
    r"hat|ist|kann|nicht|und|oder)\b"
)
_NO_NAME = re.compile(
    r"\b(?:can'?t|cannot|doesn'?t|don'?t|won'?t|lost|gave|got|gets?|asks?|asked|says?|said|reads?|needs?|wants?|unable|"
    r"fail\w*|forg[eo]t\w*|lock\w*|unlock\w*|reset\w*|pins?|passwords?|passcodes?|hello|whfb|windows|pcs?|laptops?|"
    r"computers?|machines?|devices?|screens?|phones?|accounts?|profiles?|services?|errors?|codes?|log(?:s|ins?|ons?)?|"
    r"sign(?:ed|s|-?ins?)?|names?|groups?|grp|polic\w+|gpo|csp|oma-uri|settings?|instructions?|guides?|comms?|trainings?|"
    r"experience|readiness|targeting|scope|configuration|registration|administrators?|admins?|rights?|access|mailbox\w*|"
    r"parts?|paths?|sides?|state|canreset|licen[cs]es?|data|interface|affected|counts?|lists?|reports?|decides?|help|"
    r"vergessen|gesperrt|konto|hilfe)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_CODE = re.compile(
    r"(?:0x|caa|aadsts|ms-?appx)\S*|a1b2c3|\d+|(?:wi-fi|sign-(?:in|on|out)|log-(?:in|on)|e-mail)s?", re.IGNORECASE
)
GROUPS = "GROUPS"  # with groups it is a sentence: dialogs.understanding.groups
_SHAPES = {
    GROUPS: r"(?!)",
    NUMBER: r"#?\s?(?P<number>\d{1,9})",
    "DAYS": r"(?P<days>\d{1,4})(?:\s+days?)?",
    PERSON: r"(?P<person>[\"'“„]?\w[^\n?]{1,255})",
    PC: r"(?P<pc>[\"'“„]?(?=\S*[\d-])\w[\w$-]{1,62}[\"'”“]?)",
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


def intents() -> frozenset[str]:
    """What may be typed."""
    return frozenset(command.intent for command in commands())


def read(text: str, without: frozenset[str] = frozenset()) -> Found | None:
    """The command, or `usage` of one whose arguments are missing or wrong; None for any other text. `without`: intents
    that there are no commands of."""
    is_question = text.rstrip().endswith(("?", "？"))
    text = _COURTESY.sub("", " ".join(text.split()).strip(" .!?"))
    for command in commands():
        if command.intent not in without and (match := command.split.fullmatch(text)):
            if _is_no_name(command, match["rest"], asked=is_question):
                return None
            if command.intent in STOPPING and _is_about_a_pc(match["rest"], asked=is_question):
                return None
            if command.intent in VOUCHED and is_question:
                return None
            return _meant(command, match["rest"])
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


def _is_no_name(command: Typed, rest: str, *, asked: bool) -> bool:
    """Whether what follows is no name of a person or a PC, where one has to follow."""
    if command.follows not in {PERSON, PC}:
        return False
    if not command.rest.fullmatch(rest) or len(rest.split()) > MOST_WORDS:
        return True
    if _ADDRESS.fullmatch(rest):
        return False
    if command.follows == PC:
        return bool(_CODE.fullmatch(rest))
    return bool(asked or _NO_NAME.search(rest) or _SMALL_WORDS.search(rest.lower() if rest.isupper() else rest))


def _is_about_a_pc(rest: str, *, asked: bool) -> bool:
    return bool(rest) and (asked or _is_own_pc(rest))


def _is_own_pc(rest: str) -> bool:
    return _OWN_PC.search(rest) is not None and not _OF_ALL.search(rest)


def _meant(command: Typed, rest: str) -> Found | None:
    if match := command.rest.fullmatch(rest):
        values = {name: value for name, value in match.groupdict().items() if value}
        return command.intent, values
    if command.follows and _is_tried(command, rest):
        return "usage", {"command": command.intent}
    return None


def _is_tried(command: Typed, rest: str) -> bool:
    """Nothing follows, or something with a number where one belongs: hardly the beginning of a sentence."""
    return not rest or (command.follows != GROUPS and rest[0] in "#0123456789")
