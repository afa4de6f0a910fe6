"""What a text is about: words and phrases of six languages, found as concepts with their places."""

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from sys import intern
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from dialogs.match import JAPANESE, STOP, Spelling, fold, tokens
from dialogs.rules import FIRST, MOST_WORDS, Intents, Together

LANGUAGES = ("en", "de", "fr", "es", "pt", "ja")
# Concepts that come from the shape of a word rather than from a list.
STRANGER = "stranger"  # a word that no language here knows
NAME = "name"  # a stranger with a capital letter inside a sentence
SECRET = "secret"  # noqa: S105 - a PIN or password seems typed
ERROR_CODE = "error_code"
UNHEARD = "unheard"  # a Japanese word that is in no list
ASKED = "asked"  # it ends in a question mark
SHAPES = (STRANGER, NAME, UNHEARD, SECRET, ERROR_CODE, ASKED)

_HERE = Path(__file__).parent
_JAPANESE = re.compile(f"[{JAPANESE}]")
_JAPANESE_WORD = re.compile("[\u30a0-\u30ff\u4e00-\u9fff]{2}")
_CAPITALISED = re.compile(r"(?<=[\w,;] )[^\W\d_a-z]\w+")
_LETTERS = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"[^\W_]+\*?")  # a star stands for any ending


class Secrets(BaseModel):
    """Words around a typed PIN or password; see dialogs.secrets."""

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


class Phrases(BaseModel):
    """One language's phrases.toml."""

    model_config = ConfigDict(extra="forbid")

    common: str = ""  # words that tell the language and are never a slip of another word
    letters: str = ""  # letters that only this language has
    concepts: dict[str, tuple[str, ...]] = {}
    secrets: Secrets = Secrets()
    examples: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as understood word by word: its concepts and how many of its words each language knows."""

    about: frozenset[str]
    words: int
    languages: Mapping[str, float]


Place = tuple[int, int]  # from the first word to before the last
Places = defaultdict[str, set[Place]]  # of each concept in a text
_Model = TypeVar("_Model", bound=BaseModel)
_Key = TypeVar("_Key")
_One = TypeVar("_One")


def load(path: Path, model: type[_Model]) -> _Model:
    """One TOML file as its model. Raises ValueError naming the file."""
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, OSError) as error:
        raise ValueError(f"cannot read {path.parent.name}/{path.name}: {error}") from error


@cache
def phrases() -> Mapping[str, Phrases]:
    """The phrases of every language. Raises ValueError naming the file that is malformed."""
    return {language: load(_HERE / "locales" / language / "phrases.toml", Phrases) for language in LANGUAGES}


@cache
def intents() -> Intents:
    """The rules. Raises ValueError naming what is malformed or speaks of a concept that no language has."""
    loaded = load(_HERE / "intents.toml", Intents)
    loaded.check((*SHAPES, *named(phrases())))
    return loaded


def named(spoken: Mapping[str, Phrases]) -> Iterator[str]:
    """The concepts of all languages."""
    return (name for words in spoken.values() for name in words.concepts)


class Lexicon:
    """All words of all languages. Phrases win over the words in them: "security key pin" is no PIN of ours."""

    def __init__(
        self, spoken: Mapping[str, Phrases], together: Iterable[Together], courtesy: tuple[str, ...] = ()
    ) -> None:
        """`courtesy`: concepts of words that may stand before the first one. With them FIRST is told, and phrases may
        overlap: "is missing" leaves "is" a word of its own."""
        self._together = tuple(together)
        self._courtesy = courtesy
        self._phrases: dict[tuple[str, ...], frozenset[str]] = {}  # concepts
        self._lengths: dict[str, frozenset[int]] = {}  # of the phrases that begin with this word
        self._spoken_in: dict[str, frozenset[str]] = {}  # languages
        self._spelled_in: dict[str, frozenset[str]] = {}  # the same with accents: "perdí" is not "perdi"
        for language, words in spoken.items():
            self._learn(language, words)
        self._stems = {word[:-1]: word for word in self._spoken_in if word.endswith("*")}
        japanese = sorted((word for word in self._spoken_in if _JAPANESE.match(word)), key=len, reverse=True)
        self._japanese = re.compile("(" + "|".join(map(re.escape, japanese)) + ")")
        common = {word for words in spoken.values() for word in fold(words.common).split()}
        self._spelling = Spelling(self._spoken_in.keys() - common, self._spoken_in)

    def read(self, text: str) -> Reading:
        """The concepts of a text, those that two others make together included."""
        said = [self._known_as(word) for word in self._split(tokens(text))][:MOST_WORDS]
        places: Places = defaultdict(set)
        find = self._overlapping if self._courtesy else self._found
        for concept, place in find(said, _capitalised(text)):
            places[concept].add(place)
        for row in self._together:
            if row.first in places and row.then in places:
                places[row.gives] |= set(_joined(row, places, said))
        about = frozenset(concept for concept, found in places.items() if found)
        if self._courtesy:
            about |= {FIRST + concept for concept in self._first(places, said)}
        return Reading(about, sum(word != STOP for word in said), self._languages(said, text))

    def knows(self, word: str) -> bool:
        """Whether this is a word and not, say, a password."""
        folded = fold(word).strip()
        return folded in self._spoken_in or self._stem(folded) is not None or self._spelling.meant(folded) is not None

    def _learn(self, language: str, words: Phrases) -> None:
        # Interned: most words stand in both lexicons, and with and without accents.
        for word in map(intern, fold(words.common).split()):
            _add(self._spoken_in, word, language)
        phrases_too = (phrase for listed in words.concepts.values() for phrase in listed)
        for word in map(intern, _LETTERS.findall(" ".join((words.common, *phrases_too)).casefold())):
            _add(self._spelled_in, word, language)
        for concept, listed in words.concepts.items():
            for phrase in listed:
                parts = tuple(map(intern, _PART.findall(fold(phrase))))
                _add(self._phrases, parts, concept)
                _add(self._lengths, parts[0], len(parts))
                for part in parts:
                    _add(self._spoken_in, part, language)

    def _split(self, said: Iterable[str]) -> Iterator[str]:
        for word in said:
            if _JAPANESE.match(word):
                yield from filter(None, self._japanese.split(word))
            else:
                yield word

    def _known_as(self, word: str) -> str:
        if word == STOP or word in self._spoken_in:
            return word
        return self._stem(word) or self._spelling.meant(word) or word

    def _stem(self, word: str) -> str | None:
        ends = range(min(len(word), 12), 2, -1)
        return next((self._stems[word[:end]] for end in ends if word[:end] in self._stems), None)

    def _found(self, said: list[str], capitalised: frozenset[str]) -> Iterator[tuple[str, Place]]:
        at = 0
        while at < len(said):
            phrase = self._longest(said, at)
            end = at + (len(phrase) or 1)
            concepts = self._phrases[phrase] if phrase else self._shape(said[at], capitalised)
            yield from ((concept, (at, end)) for concept in concepts)
            at = end

    def _overlapping(self, said: list[str], capitalised: frozenset[str]) -> Iterator[tuple[str, Place]]:
        known = 0  # up to where words are part of a phrase
        for at, word in enumerate(said):
            for phrase in self._fitting(said, at):
                known = max(known, at + len(phrase))
                yield from ((concept, (at, at + len(phrase))) for concept in self._phrases[phrase])
            if at >= known:
                yield from ((concept, (at, at + 1)) for concept in self._shape(word, capitalised))

    def _first(self, places: Places, said: list[str]) -> Iterator[str]:
        """The concepts with which a clause begins."""
        courteous = {place for concept in self._courtesy for place in places.get(concept, ())}
        starts = {0, *(at + 1 for at, word in enumerate(said) if word == STOP)}
        for first, end in sorted(courteous):
            if first in starts:
                starts.add(end)
        return (concept for concept, found in places.items() if any(start in starts for start, _ in found))

    def _shape(self, word: str, capitalised: frozenset[str]) -> Iterator[str]:
        """What a word that is in no list looks like."""
        if word.isalpha() and word.isascii() and word not in self._spoken_in:
            yield NAME if word in capitalised else STRANGER
        elif _JAPANESE_WORD.search(word):
            yield UNHEARD

    def _longest(self, said: list[str], at: int) -> tuple[str, ...]:
        return max(self._fitting(said, at), key=len, default=())

    def _fitting(self, said: list[str], at: int) -> Iterator[tuple[str, ...]]:
        here = (tuple(said[at : at + length]) for length in self._lengths.get(said[at], ()))
        return (words for words in here if words in self._phrases)

    def _languages(self, said: list[str], text: str) -> Mapping[str, float]:
        heard: defaultdict[str, float] = defaultdict(float)
        for word in _LETTERS.findall(text.casefold())[:MOST_WORDS]:
            for language in self._spelled_in.get(word, ()):
                heard[language] += 0.5 / len(self._spelled_in[word])
        for word in said:
            if _JAPANESE.match(word):
                heard["ja"] += 2
                continue
            spoken_in = self._spoken_in.get(word, ())
            for language in spoken_in:
                heard[language] += 1 / len(spoken_in)
        return heard


def _add(sets: dict[_Key, frozenset[_One]], key: _Key, one: _One) -> None:
    sets[key] = _with(sets.get(key, frozenset()), one)


@cache
def _with(some: frozenset[_One], one: _One) -> frozenset[_One]:
    """Cached, since thousands of words share a few sets: a set of its own for each would take megabytes."""
    return some | {one}


def _capitalised(text: str) -> frozenset[str]:
    return frozenset() if text.isupper() else frozenset(fold(" ".join(_CAPITALISED.findall(text))).split())


def _joined(row: Together, places: Places, said: list[str]) -> Iterator[Place]:
    thens = sorted(places[row.then])
    hurdles = {start for start, _ in places.get(row.across, ())}
    for first, end in places[row.first]:
        nearest = bisect_left(thens, (end, 0))
        for start, last in islice(thens, nearest, nearest + row.gap + 1):
            between = range(end, start)
            if len(between) <= row.gap and hurdles.isdisjoint(between) and STOP not in said[end:start]:
                yield first, last


@cache
def lexicon() -> Lexicon:
    """The one lexicon, built at first use (tens of milliseconds)."""
    return Lexicon(phrases(), intents().together)
