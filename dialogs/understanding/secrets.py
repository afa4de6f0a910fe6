"""Finds a typed PIN, password, code or token, and hides it before anything else reads the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from dialogs.understanding import shapes
from dialogs.understanding.codes import codes_in
from dialogs.understanding.files import each_language
from dialogs.understanding.folding import JAPANESE, fold
from dialogs.understanding.ranking.model import model

HIDDEN = "•••"
NEAR = 6  # words around a number in which the word PIN makes it one
BESIDE = 4  # words before a plain word in which the name of a password may make it one
SPOKEN = 4  # so many number words in a row are a PIN said aloud

_BORDER = re.compile(f"(?<=[{JAPANESE}])(?=[!-~])|(?<=[!-~])(?=[{JAPANESE}])")
_EQUALS = re.compile(r"(?<=[^\W\d])\s?([:=：＝])(?!//)\s?|(?<=\w)([(\[])(?=\d)")
_JOINED = re.compile(r"\b(pin|pw|pwd|code|passcode|password)[-_#]?(?=\d{4,8}\b)", re.IGNORECASE)
_OPENING = "\"'“«‘「„"
_CLAUSE_ENDS = (".", "?", "!", ";", "。", "？", "！")

_PARTS = re.compile(r"[-,/.]")
_VERSION_WORDS = frozenset({"version", "versions", "build", "release", "later", "newer"})
_WINDOWS_WORDS = frozenset({"windows", "win", "win10", "win11"})
_JAPANESE = re.compile(f"[{JAPANESE}]")


class Secrets(BaseModel):
    """One language's secrets.toml."""

    model_config = ConfigDict(extra="forbid")

    pin: tuple[str, ...] = ()
    password: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()  # "is", "=": what follows is the thing itself
    between: tuple[str, ...] = ()  # small words that may stand between
    tried: tuple[str, ...] = ()  # a bare number beside them is a PIN
    counted: tuple[str, ...] = ()  # a number before them is an amount
    labels: tuple[str, ...] = ()  # a number after them is a version, a ticket, a room
    numbers: tuple[str, ...] = ()  # zero to nine
    popular: tuple[str, ...] = ()  # passwords that look like words


@dataclass(frozen=True, slots=True)
class _Word:
    raw: str
    core: str  # without punctuation around it
    folded: str
    ends: bool  # the clause ends after it


@cache
def _languages() -> tuple[Secrets, ...]:
    return tuple(each_language("secrets.toml", Secrets))


@cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(fold(word).replace(" ", "") for spoken in _languages() for word in getattr(spoken, kind))


@cache
def _japanese_names() -> re.Pattern[str]:
    """Words to cut out of a text without blanks: "パスワードはabc" is three words."""
    names = sorted(
        (name for name in _listed("pin") | _listed("password") | _listed("labels") if _JAPANESE.match(name)), key=len
    )
    return re.compile("|".join(map(re.escape, reversed(names))))


def mask(text: str) -> str:
    """The text with HIDDEN in place of each secret. Blanks may change; a text without a secret keeps its words."""
    if not _may_hold_one(text):
        return text
    text_apart = _JOINED.sub(r"\1 ", text)
    if not text_apart.isascii():
        text_apart = _japanese_names().sub(r" \g<0> ", _BORDER.sub(" ", text_apart))
    spaced = _EQUALS.sub(r" \1\2 ", text_apart)
    said = [_word(raw) for raw in spaced.split()]
    hidden = set(_hidden(said))
    return " ".join(HIDDEN if at in hidden else word.raw for at, word in enumerate(said)) if hidden else text


def _may_hold_one(text: str) -> bool:
    """A quick look at the whole: most texts have neither a digit or sign nor a word that names or spells a secret."""
    if shapes.may_be_typed(text):
        return True
    words = fold(text)
    return _naming().search(words) is not None


@cache
def _naming() -> re.Pattern[str]:
    """Words after which a plain word may be a password, and number words, of which a few in a row may be a PIN."""
    names = sorted(_listed("password") | _listed("numbers"), key=len, reverse=True)
    latin = "|".join(re.escape(name) for name in names if not _JAPANESE.match(name))
    japanese = "|".join(re.escape(name) for name in names if _JAPANESE.match(name))
    return re.compile(rf"(?<!\w)(?:{latin})(?!\w)|(?:{japanese})")


def _word(raw: str) -> _Word:
    core = raw.strip(shapes.EDGES) or raw
    return _Word(raw, core, fold(core).replace(" ", "")[:40], raw.endswith(_CLAUSE_ENDS))


def _hidden(said: list[_Word]) -> Iterator[int]:
    """Places of all words that are part of a secret."""
    yield from _spoken(said)
    names, last = _listed("password"), -BESIDE - 1
    for at, word in enumerate(said):
        is_beside = at - last <= BESIDE
        if word.folded in names:
            last = at
        if shapes.is_plain(word.core) and not is_beside:
            continue  # as most words: no number, no key, and no password without the name of one shortly before
        if shapes.is_key(word.core) or _is_spelled_out(said, at):
            yield at
        elif pieces := _number(said, at):
            if _is_pin(said, at, pieces):
                yield from range(at, at + pieces)
        elif _is_password(said, at):
            yield at


def _spoken(said: list[_Word]) -> Iterator[int]:
    """Runs of number words: "eins zwei drei vier"."""
    run: list[int] = []
    numbers = _listed("numbers")
    for at, word in enumerate(said):
        if word.folded in numbers or (run and word.folded.isdigit()):
            run.append(at)
        else:
            run = []
        if len(run) >= SPOKEN:
            yield from run


def _is_spelled_out(said: list[_Word], at: int) -> bool:
    parts = _PARTS.split(said[at].core)
    return len(parts) >= SPOKEN and all(fold(part).strip() in _listed("numbers") for part in parts)


def _number(said: list[_Word], at: int) -> int:
    """How many words from here on make one number: 3391 is one, 3 3 9 1 are four; 0 if it is none."""
    core = said[at].core
    if said[at].raw.startswith(("+", "#")) or _dialled(said, at):
        return 0
    if shapes.is_number(core):
        return 1
    pieces = 0
    while at + pieces < len(said) and pieces < 12 and shapes.is_piece(said[at + pieces].core):
        pieces += 1
    return pieces if sum(len(word.core) for word in said[at : at + pieces]) >= 4 else 0


def _dialled(said: list[_Word], at: int) -> bool:
    """Whether the number goes on from "+44"."""
    start = at
    while start > max(0, at - 6) and said[start].core.isdigit():
        start -= 1
    return said[start].raw.startswith("+")


def _is_pin(said: list[_Word], at: int, pieces: int) -> bool:
    """Beside the word PIN a number is taken for one rather than missed; elsewhere only when it can hardly be other."""
    number = "".join(re.sub(r"\D", "", word.core) for word in said[at : at + pieces])
    names = _listed("pin") | _listed("password")
    dated = shapes.is_dated(number)
    before, after = _before(said, at, goes_on=not dated), _after(said, at + pieces)
    if _is_labelled(before) or (after and after[0] in _listed("counted")) or _is_bare_code(said, number):
        return False
    if after and after[0] in _listed("equals") and _is_labelled(after[1:]):  # "4357 is my extension"
        return False
    if _is_given(before, after, names):
        return not dated or not _speaks_of(said, _VERSION_WORDS)
    if _stands_beside(before, names):
        return not dated or not _speaks_of(said, _VERSION_WORDS | _WINDOWS_WORDS)
    if (
        dated
        or len(number) > 8
        or not (pieces > 1 or said[at].core.isdigit() or shapes.is_in_single_digits(said[at].core))
    ):
        return False
    if not names.isdisjoint(before[:NEAR]) or not names.isdisjoint(after[:NEAR]):
        return True
    if pieces == 1 and codes_in(number):  # 65001, as Entra shows it without a prefix
        return False
    if pieces == len(said):
        return pieces in (1, len(number))  # nothing but 4815 or 4 8 1 5
    if pieces == 1 and len(said) <= NEAR and before and before[0] in _listed("equals"):
        return True
    return pieces == 1 and (len(said) <= 3 or not _listed("tried").isdisjoint(before + after))


def _is_bare_code(said: list[_Word], number: str) -> bool:
    """Whether all that stands there is "Code: 65000", and that is a code."""
    return [word.folded for word in said if word.folded.isalpha()] == ["code"] and bool(codes_in(number))


def _is_labelled(before: list[str]) -> bool:
    """Whether "version", "ticket", "error code", "room" … stands before the number, small words aside."""
    nearest = [word for word in before if word not in _fillers() and not word.isdigit()][:2]
    labels = _listed("labels")
    if not nearest or (nearest[0] == "in" and nearest[-1] in _listed("tried")):  # "I typed in 3391"
        return False
    return nearest[0] in labels or (nearest[0] in ("code", "number", "nr", "no") and nearest[-1] in labels)


def _stands_beside(before: list[str], names: frozenset[str]) -> bool:
    nearest = [word for word in before[:BESIDE] if word not in _fillers()]
    return bool(nearest) and nearest[0] in names


def _is_given(before: list[str], after: list[str], names: frozenset[str]) -> bool:
    """Whether it stands beside "is", ":" or "I typed", and the name not far away: then even 1909 is no version."""
    if after and after[0] in _listed("equals") and not names.isdisjoint(after[:4]):
        return True
    leads = _listed("equals") | _listed("tried")
    return bool(before) and before[0] in leads and not names.isdisjoint(before[:NEAR] + after[:NEAR])


@cache
def _fillers() -> frozenset[str]:
    return _listed("equals") | _listed("between")


def _speaks_of(said: list[_Word], words: frozenset[str]) -> bool:
    return any(word.folded in words for word in said)


def _is_password(said: list[_Word], at: int) -> bool:
    word = said[at]
    before, after = _before(said, at), _after(said, at + 1)
    names = _listed("password")
    if _is_written_as_one(said[at], before, names):
        return True
    if not shapes.looks_typed(word.core):
        return False
    if shapes.is_name_tag(word.core):
        return not names.isdisjoint(before[:1] + after[:3])
    return (
        not names.isdisjoint(before[:NEAR])
        or not names.isdisjoint(after[:NEAR])
        or _stands_beside(before, _listed("pin"))
        or (len(said) <= 2 and shapes.is_strong(word.core))
    )


def _is_written_as_one(word: _Word, before: list[str], names: frozenset[str]) -> bool:
    """Right after "my password is" or "password:" even a plain word may be one."""
    if not _stands_beside(before, names):
        return False
    if before[0] not in names | _fillers():
        return False
    if word.raw[0] in _OPENING:
        return True
    if shapes.looks_typed(word.core) or word.folded in _listed("popular"):
        return True
    is_plain = len(word.core) >= 4 and word.core.isalpha()
    return before[0] in (":", "=") and is_plain and not model().knows(fold(word.core).strip())


def _before(said: list[_Word], at: int, *, goes_on: bool = True) -> list[str]:
    """Words before, the nearest first, no further than the clause and NEAR + 2 words. What begins with small words
    alone `goes_on` with the clause before: "I forgot my PIN. It was 3391"."""
    near: list[str] = []
    for word in reversed(said[max(0, at - NEAR - 2) : at]):
        if word.ends and not (goes_on and _fillers().issuperset(near)):
            break
        near.append(word.folded)
    return near


def _after(said: list[_Word], at: int) -> list[str]:
    near: list[str] = []
    for word in said[at : at + NEAR + 2]:
        near.append(word.folded)
        if word.ends:
            break
    return near
