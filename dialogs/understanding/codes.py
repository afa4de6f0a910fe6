"""Error codes and verbatim sentences of Windows, Entra and Intune: what each means, from the one table codes.toml.

Matched as they are, in whatever writing, never by likeness.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dialogs.understanding import numbers
from dialogs.understanding.facts_in_text import error_codes
from dialogs.understanding.files import load
from dialogs.understanding.folding import JAPANESE, fold, plain

LONGEST = 4_000  # characters of a text that are looked at
FOR_ADMINS = "for_admins"  # a failure that is no trouble of an end user
NEXT_TO_NOTHING = 5  # letters around a sentence: "it says"
BARE = 2  # words of a text that is a code and nothing else: "error 65001"
SHORT = 20  # letters: a shorter sentence is too common to be looked for inside another
SYLLABLE = 3  # letters that a Japanese sign stands for

_FILE = Path(__file__).with_name("codes.toml")
_TOKEN = re.compile(r"(?<!\w)-\d{9,10}(?!\w)|[0-9a-z]+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d{5}")  # as any stands in it that is a code by itself
_FILLED_IN = re.compile(r"[a-z][\w+.-]*://\S*|\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?")  # addresses and ids
_APOSTROPHES = re.compile("[’‘`´ʼ′]")
_CAN_NOT = re.compile(r"\bcan(?:'?t| ?not)\b")
_NOT = re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|could|would|should)n'?t\b")
_HAVE = re.compile(r"\b(you|we|they|i)'?ve\b")
_FILLED = r".{0,200}?"
_SYLLABLE = re.compile(f"[{JAPANESE}]")
_WORD = re.compile(rf"[{JAPANESE}]|[^\W_{JAPANESE}]+")

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class KnownCode(BaseModel):
    """One row: the answer, and what somebody in the middle of a reset is told, a failure or a situation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: Words
    failure: str = ""  # a value of bot.reset_rules.failures.Failure; "for_admins": no trouble of an end user
    situation: str = ""  # the reset itself, with the words of situation.<value> before it
    codes: tuple[Words, ...] = ()
    messages: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _means_one_thing(self) -> "KnownCode":
        if bool(self.failure) == bool(self.situation) or not (self.codes or self.messages):
            raise ValueError(f"{self.answer}: a row has codes or messages, and either a failure or a situation")
        return self


class _Table(BaseModel):
    """`heard`: how people tell of what Windows showed, for those who say that a reset failed."""

    model_config = ConfigDict(extra="forbid")

    heard: Mapping[Words, tuple[Words, ...]]

    row: Annotated[tuple[KnownCode, ...], Field(min_length=1)]


@cache
def _table() -> _Table:
    return load(_FILE, _Table)


def rows() -> tuple[KnownCode, ...]:
    """The table. Raises ValueError for a malformed row."""
    return _table().row


@cache
def _by_code() -> Mapping[str, KnownCode]:
    found: dict[str, KnownCode] = {}
    for row in rows():
        for code in row.codes:
            if found.setdefault(code, row) is not row:
                raise ValueError(f"{code} stands in two rows")
    return MappingProxyType(found)


def by_code(text: str) -> KnownCode | None:
    """What the first known code in a text means: 0x801c03ed, 801C03ED, AADSTS65001, 65001, -2016281112, A1B2C3."""
    return next((_by_code()[code] for code in codes_in(text)), None)


def codes_in(text: str) -> tuple[str, ...]:
    """The known codes of a text, written as the table writes them, none twice."""
    shown = plain(text[:LONGEST])
    if not _DIGIT.search(shown):  # every code has one, and most texts have none
        return ()
    alone = [first or second for first, second in numbers.of_code().findall(shown)] if _NUMBER.search(shown) else []
    tokens = [code for token in _TOKEN.findall(shown) for code in _writings(token)]
    read = (*error_codes(shown), *tokens, *alone, *(f"AADSTS{number}" for number in alone))
    return tuple(dict.fromkeys(code for code in read if code in _by_code()))


def _writings(token: str) -> Iterator[str]:
    """The codes that a token is. A negative number is a hexadecimal one, as Intune shows it."""
    if token.startswith("-") and int(token) >= -(2**31):
        yield f"0x{int(token) % 2**32:08X}"
    elif not token.isdigit():
        yield token.upper()


def by_message(text: str) -> KnownCode | None:
    """What a sentence means that stands verbatim in a text, whatever quotes, blanks, addresses and ids came along."""
    shown = _squeezed(text[:LONGEST])
    return next((one.row for one in _sentences() if one.stands_in(shown)), None)


def detail(text: str) -> dict[str, str]:
    """The code or the message that a reset failed with, as the table writes it, under `detail`; perhaps none."""
    if found := (*codes_in(text), *error_codes(text)):
        return {"detail": found[0]}
    shown = _squeezed(text[:LONGEST])
    named = next((one.message for one in _sentences() if one.stands_in(shown)), "") or _heard(text)
    return {"detail": named} if named else {}


def explains(answer: str) -> bool:
    """Whether an answer is about codes of the table."""
    return any(row.answer == answer and row.codes for row in rows())


def says_only(text: str) -> bool:
    """Whether a text is a sentence of the table and next to nothing else: who writes that stands before it."""
    shown = _squeezed(text[:LONGEST])
    fitting = (one.pattern for one in _sentences() if one.piece in shown.text)
    found = next((match for pattern in fitting if (match := pattern.search(shown.text))), None)
    return found is not None and len(shown.text) - (found.end() - found.start()) <= NEXT_TO_NOTHING


def is_bare(text: str) -> bool:
    """Whether a text is a code and nothing else."""
    return len(_TOKEN.findall(plain(text[:LONGEST]))) <= BARE


def _heard(text: str) -> str:
    told = fold(text[:LONGEST])
    return next((name for name, words in _table().heard.items() if any(fold(word) in told for word in words)), "")


def by_either(text: str) -> KnownCode | None:
    """A code says more than the sentence beside it."""
    return by_code(text) or by_message(text)


@dataclass(frozen=True, slots=True)
class _Squeezed:
    """Words without what is between them: quotes, hyphens and blanks come and go when people copy. `bounds`: where one
    ends and the next begins; each Japanese sign is a word."""

    text: str
    bounds: frozenset[int]


def _squeezed(text: str) -> _Squeezed:
    words = _WORD.findall(_bare(text))
    return _Squeezed("".join(words), frozenset(accumulate(map(len, words), initial=0)))


@dataclass(frozen=True, slots=True)
class _Sentence:
    message: str
    row: KnownCode
    pattern: re.Pattern[str]
    is_short: bool
    piece: str  # stands in whatever fits, told faster than by trying

    def stands_in(self, shown: _Squeezed) -> bool:
        """Whether the text holds it in whole words, or is it."""
        if self.piece not in shown.text:
            return False
        if self.is_short:
            return self.pattern.fullmatch(shown.text) is not None
        return any({*found.span()} <= shown.bounds for found in self.pattern.finditer(shown.text))


@cache
def _sentences() -> tuple[_Sentence, ...]:
    """The longest first: they say most."""
    listed = [(message, row) for row in rows() for message in row.messages]
    listed.sort(key=lambda one: len(one[0]), reverse=True)
    return tuple(_sentence(message, row) for message, row in listed)


def _sentence(message: str, row: KnownCode) -> _Sentence:
    pieces = [_squeezed(piece).text for piece in message.split("…")]
    pattern = re.compile(_FILLED.join(map(re.escape, pieces)))
    return _Sentence(message, row, pattern, is_short(message), max(pieces, key=len))


def is_short(message: str) -> bool:
    """Whether a sentence says something only where nothing else is said."""
    return sum(SYLLABLE if _SYLLABLE.match(char) else 1 for char in _squeezed(message).text) < SHORT


def _bare(text: str) -> str:
    """Without case, addresses and ids; what is contracted is written out."""
    shown = _FILLED_IN.sub(" ", _APOSTROPHES.sub("'", plain(text).casefold()))
    return _HAVE.sub(r"\1 have", _NOT.sub(r"\1 not", _CAN_NOT.sub("cannot", shown)))
