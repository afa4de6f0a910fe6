"""What an intent needs beside itself: groups on both sides, request numbers, days, what is said of a PC. Read last."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from dialogs import facts_in_text
from dialogs.wishes import sentences

# Answers that are reckoned for the PC that a text speaks of.
ABOUT_PCS = frozenset({
    *("minimum_version", "windows_1703", "editions", "pro_edition", "enterprise_edition", "education_edition"),
    *("home_edition", "ltsc", "windows_11", "build_numbers", "end_of_servicing", "hybrid_requirements", "join_types"),
    *("registered_devices", "onprem_requirements", "onprem_service", "keys_lost", "destructive", "canreset", "licence"),
})  # fmt: skip
NUMBER = re.compile(r"(?:#|\b(?:request|change|number|no\.?|nr\.?|antrag|anfrage)\s?#?)\s?(\d{1,9})\b", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"(?<![\w.,:-])(\d{1,6})(?![\w.,:-]*\w)")
_DAYS = re.compile(r"\b(\d{1,4}|two|three|four)?\s?(day|week|month)s?\b", re.IGNORECASE)
_SPANS = {"day": 1, "week": 7, "month": 30}
_SPOKEN = {"two": 2, "three": 3, "four": 4}

Values = dict[str, str]


def read(label: str, text: str) -> Values:
    """The values of an intent in a text; what is not there is missing."""
    family, _, name = label.partition(".")
    return dict(_PARSERS.get(family, _nothing)(text, name))


def named_groups(text: str) -> Values:
    """`include`, `exclude` (one a line), `reason`, and `remove` where groups are to be taken off; empty for none."""
    groups = sentences().read(text)
    if groups is None:
        return {}
    found = {
        "include": "\n".join(groups.include),
        "exclude": "\n".join(groups.exclude),
        "reason": groups.reason,
        "remove": "yes" if groups.remove else "",
    }
    return {name: value for name, value in found.items() if value}


def of_pc(text: str) -> Values:
    """What a text says of a PC: build, edition, join, CanReset …"""
    return facts_in_text.read(text).said() if facts_in_text.may_tell(text) else {}


def _nothing(_text: str, _name: str) -> Mapping[str, str]:
    return {}


def _number(text: str, _name: str) -> Mapping[str, str]:
    found = NUMBER.search(text) or _BARE_NUMBER.search(text)
    return {"number": found[1]} if found else {}


def _days(text: str, _name: str) -> Mapping[str, str]:
    found = _DAYS.search(text)
    if not found:
        return {}
    count = found[1] or "1"
    days = int(count) if count.isdigit() else _SPOKEN[count.lower()]
    return {"days": str(days * _SPANS[found[2].lower()])}


def _answer(text: str, name: str) -> Mapping[str, str]:
    return {"answer": name} | (of_pc(text) if name in ABOUT_PCS else {})


def _topic(_text: str, name: str) -> Mapping[str, str]:
    return {"topic": name}


def _state(_text: str, name: str) -> Mapping[str, str]:
    return {} if name == "plain" else {"state": name}


_PARSERS: Mapping[str, Callable[[str, str], Mapping[str, str]]] = {
    "answer": _answer,
    "forgot": _state,
    "near_miss": _topic,
    "live": _topic,
    "request": _number,
    "undo": _number,
    "cancel": _number,
    "retry": _number,
    "close": _number,
    "history": _days,
}


@cache
def prepare() -> None:
    """Compile the sentences that name groups now rather than while the first person waits."""
    sentences()
