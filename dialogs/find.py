"""Which answer a question wants: many words become one, then the nearest phrasing and the words of all phrasings count.

Deterministic and to be looked into: `prepare` shows the words that are compared, `Finder.best` the scores.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from heapq import nlargest
from math import log
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dialogs.answers import answer_ids_by_code, answers
from dialogs.facts_in_text import error_codes
from dialogs.match import JAPANESE, STOP, Index, Phrasing, Spelling, fold, tokens

NEAREST = 30  # answers whose nearest phrasing is looked at
SHARE_OF_WORDS = 0.7  # of a score; the rest is the likeness to the nearest phrasing
HALF_KNOWN = 3.0  # so many phrasings with a word make an answer of middling size know it by half (BM25's k1; b is 1/2)
CORRECTED = 6  # letters of the shortest word that is taken for a slip of another: "entry" is no Entra
CERTAIN = 100.0
# Measured over 651 questions (tests/dialogs/test_find.py): 95 % are answered, 2 % of all with a neighbour of the right
# answer; nothing out of scope in them reaches SURE.
SURE = 42.0  # the lowest score of an answer
LEAD = 3.0  # how far it must lie before the next
LOST = 34.0  # below this not even the nearest questions are worth offering

_FILE = Path(__file__).parent / "synonyms.toml"
_PART = re.compile(r"[^\W_]+\*?")
_JAPANESE = re.compile(f"[{JAPANESE}]")
_NUMBERED = re.compile(r"v(?=\d)")  # v1709 is 1709

Parts = tuple[str, ...]


class Verdict(StrEnum):
    """What to do with what was found."""

    ANSWER = "answer"  # the first one
    ASK = "ask"  # offer the nearest questions
    NOTHING = "nothing"  # say that this is not covered


class Wording(BaseModel):
    """synonyms.toml: a name and its phrases with commas between; words that say nothing, one line a language."""

    model_config = ConfigDict(extra="forbid")

    words: dict[str, str]
    ignored: dict[str, str]


class Synonyms:
    """Replaces words and phrases by the name of what they mean. Raises ValueError for a phrase with two names."""

    def __init__(self, wording: Wording) -> None:
        self._ignored = {word for words in wording.ignored.values() for word in fold(words).split()}
        self._phrases: defaultdict[str, dict[Parts, str]] = defaultdict(dict)
        self._japanese: dict[str, str] = {}
        for name, listed in wording.words.items():
            for phrase in {name, *(part.strip() for part in listed.split(","))}:
                self._learn(name, fold(phrase))
        self._stems = {first[:-1] for first in self._phrases if first.endswith("*")}
        known = {part for listed in self._phrases.values() for parts in listed for part in parts if part[-1] != "*"}
        self._spelling = Spelling((word for word in known if len(word) >= CORRECTED), known | self._ignored)
        runs = sorted(self._japanese, key=len, reverse=True)
        self._run = re.compile("(" + "|".join(map(re.escape, runs)) + ")")

    def names(self, text: str) -> list[str]:
        """The words of a text by their names, in order; what says nothing is left out."""
        said = list(self._split(tokens(text)))
        return [name for name in self._named(said) if name]

    def _learn(self, name: str, phrase: str) -> None:
        if _JAPANESE.search(phrase):
            self._japanese[phrase.replace(" ", "")] = name
            return
        parts = tuple(_PART.findall(phrase))
        if self._phrases[parts[0]].setdefault(parts, name) != name:
            raise ValueError(f"'{phrase}' stands for {self._phrases[parts[0]][parts]} and for {name}")

    def _split(self, said: Iterable[str]) -> Iterator[str]:
        for word in said:
            if _JAPANESE.match(word):
                yield from filter(None, self._run.split(word))
            elif word != STOP:
                yield _NUMBERED.sub("", word)

    def _named(self, said: list[str]) -> Iterator[str]:
        at = 0
        while at < len(said):
            name, length = self._longest(said, at)
            if not length and (meant := self._meant(said[at])):
                said[at] = meant
                name, length = self._longest(said, at)
            yield name if length else self._bare(said[at])
            at += length or 1

    def _longest(self, said: list[str], at: int) -> tuple[str, int]:
        """The name of the longest phrase that starts here, and its number of words (0: none)."""
        if said[at] in self._japanese:
            return self._japanese[said[at]], 1
        fitting = [(len(parts), parts, name) for parts, name in self._starting(said[at]) if _fits(parts, said[at:])]
        length, _, name = max(fitting, default=(0, (), ""))  # of two as long the one with more letters written out
        return name, length

    def _starting(self, word: str) -> Iterator[tuple[Parts, str]]:
        yield from self._phrases.get(word, {}).items()
        for end in range(3, len(word) + 1):
            if word[:end] in self._stems:
                yield from self._phrases[word[:end] + "*"].items()

    def _meant(self, word: str) -> str | None:
        return None if len(word) < CORRECTED or word in self._ignored else self._spelling.meant(word)

    def _bare(self, word: str) -> str:
        return "" if word in self._ignored or _JAPANESE.match(word) else _without_ending(word)


def _fits(parts: Parts, said: Sequence[str]) -> bool:
    if len(parts) > len(said):
        return False
    pairs = zip(parts, said, strict=False)
    return all(word.startswith(part[:-1]) if part[-1] == "*" else word == part for part, word in pairs)


def _without_ending(word: str) -> str:
    """English endings only, and roughly: both sides are treated alike."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word.removesuffix(ending)
    return word


class Finder:
    """Answers to choose from: phrasings by answer id."""

    def __init__(self, phrasings: Mapping[str, Sequence[str]], synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._index = Index(
            (Phrasing(name, phrase) for name, listed in phrasings.items() for phrase in listed), synonyms.names
        )
        said = {name: Counter(_distinct(map(synonyms.names, listed))) for name, listed in phrasings.items()}
        holders = Counter(word for words in said.values() for word in words)
        self._unheard = log(1 + len(said))
        self._rarity = {word: log(1 + len(said) / count) for word, count in holders.items()}
        self._known: defaultdict[str, dict[str, float]] = defaultdict(dict)
        middling = sum(map(len, phrasings.values())) / len(phrasings)
        for name, words in said.items():
            half = HALF_KNOWN * (0.5 + 0.5 * len(phrasings[name]) / middling)
            for word, count in words.items():
                self._known[word][name] = self._rarity[word] * count / (count + half)

    def best(self, text: str, n: int = 3) -> list[tuple[str, float]]:
        """Up to `n` answer ids with their score from 0 to 100, the best first."""
        scores = self._by_words(text)
        for name, score in self._index.best(text, NEAREST):
            scores[name] += (1 - SHARE_OF_WORDS) * score
        return nlargest(n, scores.items(), key=lambda found: (found[1], found[0]))

    def told(self, text: str) -> float:
        """How much a text says, in words that answers know: rare ones count more, small numbers say nothing."""
        said = {word for word in self._synonyms.names(text) if len(word) > 1 and not (word.isdigit() and len(word) < 4)}
        return sum(self._rarity.get(word, 0.0) for word in said)

    def _by_words(self, text: str) -> defaultdict[str, float]:
        """How much of what is asked each answer knows, rare words counting more."""
        asked = set(self._synonyms.names(text))
        size = sum(self._rarity.get(word, self._unheard) for word in asked)
        known: defaultdict[str, float] = defaultdict(float)
        for word in sorted(asked & self._known.keys()):
            for name, weight in self._known[word].items():
                known[name] += 100 * SHARE_OF_WORDS * weight / size
        return known


def _distinct(listed: Iterable[list[str]]) -> Iterator[str]:
    return (word for words in listed for word in set(words))


@cache
def synonyms() -> Synonyms:
    """The one table of synonyms. Raises ValueError for a malformed file."""
    return Synonyms(Wording.model_validate(tomllib.loads(_FILE.read_text("utf-8"))))


@cache
def finder() -> Finder:
    """All answers, built at first use (about a third of a second)."""
    return Finder({name: (entry.title, *entry.phrasings) for name, entry in answers().items()}, synonyms())


def nearest(text: str, n: int = 3) -> list[tuple[str, float]]:
    """Up to `n` answers for a question, the best first; an error code that is known is certain."""
    coded = [answer_ids_by_code()[code] for code in error_codes(text) if code in answer_ids_by_code()]
    certain = dict.fromkeys(coded[:n], CERTAIN)
    likely = [(name, score) for name, score in finder().best(text, n) if name not in certain]
    return [*certain.items(), *likely][:n]


def verdict(found: Sequence[tuple[str, float]]) -> Verdict:
    """Whether the first of `nearest` may be said; a wrong answer is worse than a question back."""
    score, second = ([score for _, score in found] + [0.0, 0.0])[:2]
    if score >= SURE and score - second >= (0.0 if score == CERTAIN else LEAD):
        return Verdict.ANSWER
    return Verdict.ASK if score >= LOST else Verdict.NOTHING
