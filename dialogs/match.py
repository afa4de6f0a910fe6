"""The nearest phrasing: a token index picks fifty rows, rapidfuzz compares only these."""

import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from math import log

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Indel

SHORTLIST = 50
STOP = "."  # stands for punctuation between two clauses
JAPANESE = "\u3040-\u30ff\u3400-\u9fff\u3005"

_MENTION = re.compile(r"<at\b[^<>]*>[^<>]{0,200}</at>", re.IGNORECASE)  # the bot's own name says "PIN reset"
_TAG = re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("’‘`´ʼ′", "'") | {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_ACCENTS = re.compile("[\u0300-\u036f]")
_ABBREVIATION = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")
_ELISION = re.compile(r"\b(j|l|d|m|t|s|n|c|qu|jusqu|lorsqu|quelqu)'(?=\w)")  # French: j'ai, l'écran
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_LONG = re.compile(r"([a-z])\1{2,}")
_JAPANESE_RUN = re.compile(f"[{JAPANESE}]+")
_TOKEN = re.compile(r"[^\W_]+|[.,;:!?()\[\]\n\"…。、・«»“”•]+")


def plain(text: str) -> str:
    """What people see of a text: no tags, mentions or invisible marks, one form for each character."""
    text = unicodedata.normalize("NFKC", html.unescape(_TAG.sub(" ", _MENTION.sub(" ", text))))
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def fold(text: str) -> str:
    """`plain` without case, accents and apostrophes, so that "J'ai OUBLIÉ" and "j ai oublie" are the same."""
    text = unicodedata.normalize("NFD", plain(text).casefold().translate(_QUOTES))
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    text = _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text)
    text = _APOSTROPHE.sub("", _POSSESSIVE.sub(" s", _ELISION.sub(r"\1 ", text)))
    return _JAPANESE_RUN.sub(r" \g<0> ", _LONG.sub(r"\1", text))


def tokens(text: str) -> list[str]:
    """Words of a text in order, folded; punctuation between clauses is STOP, a run without blanks is one word."""
    return [found[0] if found[0][0].isalnum() else STOP for found in _TOKEN.finditer(fold(text))]


def words(text: str) -> list[str]:
    """Words for comparing: no punctuation; Japanese, which has no blanks, as pairs of characters."""
    return [word for token in tokens(text) if token != STOP for word in _pairs(token)]


def _pairs(token: str) -> Iterator[str]:
    if len(token) > 2 and _JAPANESE_RUN.match(token):
        yield from (token[at : at + 2] for at in range(len(token) - 1))
    else:
        yield token


class Spelling:
    """Finds the word that was meant. Words of under four letters and `known` words are taken as written."""

    def __init__(self, vocabulary: Iterable[str], known: Collection[str] = ()) -> None:
        self._known = frozenset(known)
        self._beginning: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(set(vocabulary)):
            if len(word) >= 4 and word.isalpha():
                self._beginning[word[0]].append(word)

    def meant(self, word: str) -> str | None:
        """The word of the vocabulary that differs by a slip (two in words of eight letters and more), or None."""
        if not 4 <= len(word) <= 24 or word in self._known or not word.isalpha():
            return None
        slips = {other: OSA.distance(word, other) for other in self._near(word) if _could_be(word, other)}
        return min(slips, key=lambda other: (slips[other], other), default=None)

    def _near(self, word: str) -> Iterator[str]:
        """Words that are the same when each loses one letter at most; the first two may be swapped."""
        for letter in {word[0], word[1]}:
            near = process.extract_iter(word, self._beginning.get(letter, ()), scorer=Indel.distance, score_cutoff=2)
            yield from (other for other, _, _ in near if abs(len(other) - len(word)) < 2)


def _could_be(word: str, other: str) -> bool:
    """Short words are too near to each other: of four letters only swapped ones count."""
    shorter = min(len(word), len(other))
    slips = OSA.distance(word, other)
    if shorter < 5:
        return slips == 1 and sorted(word) == sorted(other)
    return slips <= (2 if shorter >= 8 else 1) and (word[0] == other[0] or sorted(word[:2]) == sorted(other[:2]))


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way to say what `id` stands for. `weight` over 1 prefers it, under 1 holds it back."""

    id: str
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    text: str
    words: tuple[str, ...]  # each once
    size: float  # rarity of all its words together
    weight: float


class Index:
    """Phrasings to compare with. `prepare` gives the words of a text; it may replace synonyms by one word."""

    def __init__(self, phrasings: Iterable[Phrasing], prepare: Callable[[str], list[str]] = words) -> None:
        listed = [(phrasing, prepare(phrasing.text)) for phrasing in phrasings]
        counts = Counter(word for _, said in listed for word in set(said))
        self._prepare = prepare
        self._rarity = {word: log(1 + len(listed) / count) for word, count in counts.items()}
        self._unheard = log(1 + len(listed))
        self._rows = [self._row(phrasing, said) for phrasing, said in listed]
        self._holding: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            for word in row.words:
                self._holding[word].append(number)
        self._spelling = Spelling(counts, counts)

    def best(self, text: str, n: int = 3) -> list[tuple[str, float]]:
        """Up to `n` ids with their score from 0 to 100, the best first; each id once."""
        said = [word if word in self._rarity else self._spelling.meant(word) or word for word in self._prepare(text)]
        size = sum(self._rarity.get(word, self._unheard) for word in set(said))
        scores: dict[str, float] = {}
        for number, shared in self._shortlist(set(said)):
            row = self._rows[number]
            score = row.weight * self._score(shared / (size + row.size), " ".join(sorted(said)), row.text)
            scores[row.id] = max(score, scores.get(row.id, 0.0))
        return nlargest(n, scores.items(), key=lambda found: found[1])

    def _row(self, phrasing: Phrasing, said: list[str]) -> _Row:
        once = tuple(set(said))
        size = sum(self._rarity[word] for word in once)
        return _Row(phrasing.id, " ".join(sorted(said)), once, size, phrasing.weight)

    def _shortlist(self, said: set[str]) -> list[tuple[int, float]]:
        """Rows that share the rarest words. A word that stands everywhere picks no row, it only adds to one picked."""
        shared: defaultdict[int, float] = defaultdict(float)
        heard = sorted(said & self._rarity.keys(), key=lambda word: (-self._rarity[word], word))
        for word in heard:
            holding = self._holding[word]
            if len(holding) > 2 * SHORTLIST and len(shared) >= SHORTLIST:
                break
            for number in holding:
                shared[number] += self._rarity[word]
        picked = nlargest(SHORTLIST, shared.items(), key=lambda found: (found[1], -found[0]))
        return [(number, self._shared(said, number)) for number, _ in picked]

    def _shared(self, said: set[str], number: int) -> float:
        return sum(self._rarity[word] for word in self._rows[number].words if word in said)

    @staticmethod
    def _score(shared: float, said: str, row: str) -> float:
        """Twice the shared part of all rarity, tempered by the letters: order and endings still tell a little."""
        return 60 * min(1.0, 2 * shared) + 0.4 * fuzz.ratio(said, row)
