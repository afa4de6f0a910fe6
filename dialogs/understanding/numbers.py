"""Words beside a number, in all languages: what makes it that of a request, of an error, or of days."""

import re
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from dialogs.understanding.files import each_language

_DAYS = {"day": 1, "week": 7, "month": 30}
_SPOKEN = {"two": 2, "three": 3, "four": 4}


class NumberWords(BaseModel):
    """One language's numbers.toml."""

    model_config = ConfigDict(extra="forbid")

    request: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    week: tuple[str, ...] = ()
    month: tuple[str, ...] = ()
    two: tuple[str, ...] = ()
    three: tuple[str, ...] = ()
    four: tuple[str, ...] = ()


@cache
def of_request() -> re.Pattern[str]:
    """The number of a request, after a word or a sign for it."""
    return re.compile(rf"(?:#|\b(?:{_either('request')})\s?#?)\s?(\d{{1,9}})(?!\w)", re.IGNORECASE)


@cache
def of_code() -> re.Pattern[str]:
    """The number of an error: alone, or soon after a word for it. Any other one counts something."""
    return re.compile(
        rf"\A\W*(\d{{5,8}})\W*\Z|(?:{_either('code')})\W+(?:\w+\W+){{0,2}}?(\d{{5,8}})(?!\w)", re.IGNORECASE
    )


def days(text: str) -> str:
    """How far back somebody wants to look, in days; empty where nothing is said."""
    match = _span().search(text)
    if not match:
        return ""
    count = (match[1] or "1").casefold()
    return str((int(count) if count.isdigit() else _spoken()[count]) * _spans()[match[2].casefold()])


@cache
def _span() -> re.Pattern[str]:
    return re.compile(rf"\b(\d{{1,4}}|{_either(*_SPOKEN)})?\s?({_either(*_DAYS)})\b", re.IGNORECASE)


@cache
def _spoken() -> Mapping[str, int]:
    return {word: number for name, number in _SPOKEN.items() for word in _words(name)}


@cache
def _spans() -> Mapping[str, int]:
    return {word: number for name, number in _DAYS.items() for word in _words(name)}


def read_ahead() -> None:
    """Reads all of it now rather than while somebody waits."""
    of_request()
    of_code()
    days("two days")


def _either(*names: str) -> str:
    """The longest first."""
    return "|".join(map(re.escape, sorted({word for name in names for word in _words(name)}, key=len, reverse=True)))


def _words(name: str) -> tuple[str, ...]:
    return tuple(word for spoken in _languages() for word in getattr(spoken, name))


@cache
def _languages() -> tuple[NumberWords, ...]:
    return tuple(each_language("numbers.toml", NumberWords))
