"""Commands as they are typed: the exact words, in any case of letters, and what follows them."""

import re
from dataclasses import dataclass

# A PC may freeze too, and everybody's work would stop for a slip: so a reason that speaks of one's own PC is none.
_OWN_PC = re.compile(
    r"\b(?:my|i|me|screens?|windows|pc|laptop|computer|log ?[io]n|sign[ -]?in|pin|hello)\b", re.IGNORECASE
)
_OF_ALL = re.compile(r"\b(?:rollout|groups?|devices|assign\w*|requests?|profiles?|changes?|consent)\b", re.IGNORECASE)
_COURTESY = re.compile(r"(?:[\s,;:]+(?:please|pls|plz|thanks|thank you))+\Z", re.IGNORECASE)
STOPPING = frozenset({"freeze", "unfreeze"})
VOUCHED = frozenset({"clock_right"})  # intents: a person's word, which a question is not
GROUPS = r"(?!)"  # with groups it is a sentence: dialogs.understanding.groups
NUMBER = r"#?\s?(?P<number>\d{1,9})"

Found = tuple[str, dict[str, str]]  # intent and values


@dataclass(frozen=True, slots=True)
class Typed:
    """One command: its words, what must follow, and what it means. Without `follows` nothing may."""

    words: str
    intent: str
    follows: str = ""


COMMANDS = (
    Typed("status", "status"),
    Typed("onboard consent", "onboard_consent"),
    Typed("verify consent", "verify_consent"),
    Typed("create profile", "create_profile"),
    Typed("approvals", "approvals"),
    Typed("export audit", "export_audit"),
    Typed("export gaps", "export_gaps"),
    Typed("gaps", "gaps"),
    Typed("questions", "questions"),
    Typed("ask a person", "ask_person"),
    Typed("whoami", "whoami"),
    Typed("unfreeze", "unfreeze"),
    Typed("clock is right", "clock_right"),
    Typed("help", "help"),
    Typed("undo", "undo", NUMBER),
    Typed("request", "request", NUMBER),
    Typed("retry", "retry", NUMBER),
    Typed("cancel", "cancel", f"(?:{NUMBER})?"),
    Typed("close", "close", NUMBER + r"[\s:,]+(?P<reason>.+)"),
    Typed("history", "history", r"(?:(?P<days>\d{1,4})(?:\s+days?)?)?"),
    Typed("freeze", "freeze", r"(?P<reason>.+)"),
    Typed("assign", "assign", GROUPS),
    Typed("unassign", "unassign", GROUPS),
)
_SPLIT = {
    command.words: re.compile(r"\s+".join(command.words.split()) + r"(?![\w-])[\s:,]*(?P<rest>.*)", re.IGNORECASE)
    for command in COMMANDS
}
_FOLLOWS = {command.words: re.compile(command.follows, re.IGNORECASE) for command in COMMANDS}


def read(text: str) -> Found | None:
    """The command, or `usage` of one whose arguments are missing or wrong; None for any other text."""
    asked = text.rstrip().endswith(("?", "？"))
    text = _COURTESY.sub("", " ".join(text.split()).strip(" .!?"))
    for command in COMMANDS:
        if found := _SPLIT[command.words].fullmatch(text):
            if command.words in STOPPING and _is_about_a_pc(found["rest"], asked=asked):
                return None
            if command.intent in VOUCHED and asked:
                return None
            return _meant(command, found["rest"])
    return None


def order(text: str) -> str:
    """The command that is followed by groups, where a text begins with one; else nothing."""
    first = text.split(maxsplit=1)[:1]
    word = first[0].strip(",:").casefold() if first else ""
    return word if any(command.words == word and command.follows == GROUPS for command in COMMANDS) else ""


def hangs(text: str) -> bool:
    """Whether "freeze …" tells of one's own PC; several that hang are a reason to stop all."""
    word, _, rest = text.partition(" ")
    return word.strip(",:").casefold() in STOPPING and _is_own_pc(rest)


def _is_about_a_pc(rest: str, *, asked: bool) -> bool:
    return bool(rest) and (asked or _is_own_pc(rest))


def _is_own_pc(rest: str) -> bool:
    return _OWN_PC.search(rest) is not None and not _OF_ALL.search(rest)


def _meant(command: Typed, rest: str) -> Found | None:
    if found := _FOLLOWS[command.words].fullmatch(rest):
        values = {name: value for name, value in found.groupdict().items() if value}
        return command.intent, values
    if command.follows and _is_tried(command, rest):
        return "usage", {"command": command.words}
    return None


def _is_tried(command: Typed, rest: str) -> bool:
    """Nothing follows, or something with a number where one belongs: hardly the beginning of a sentence."""
    return not rest or (command.follows != GROUPS and rest[0] in "#0123456789")
