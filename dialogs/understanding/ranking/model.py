"""The one model: a linear ranking of labels, and of languages, by the features of a text.

`model.bin` is built by `make model` from the utterances (dialogs.understanding.ranking.build). It holds one row a
feature: the labels that it speaks for or against, and how loudly. Reading it costs milliseconds and about 7 MB.
"""

import json
import sys
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from itertools import groupby
from math import exp, sqrt
from pathlib import Path

from dialogs.understanding.ranking.features import STOP, features, is_japanese, of_order, of_token, of_whole, tokens
from dialogs.understanding.ranking.labels import kind

FILE = Path(__file__).with_name("model.bin")
INTENT, KIND, LANGUAGE = "intent", "kind", "language"  # heads
KEPT = 1_000  # words, and features that speak of many labels, whose sums are remembered: about 1 kB each
LONG = 24  # labels that a feature speaks of: from here on it is kept
ARRAYS = (("keys", "I"), ("starts", "I"), ("rarity", "B"), ("labels", "H"), ("weights", "b"))
LANE = 4  # bytes of a long number that hold the sum of one label: adding two words adds all their labels at once
MIDDLE = 1 << 31  # what a lane holds for a sum of 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a text may be. `chance`: calibrated on sentences that the model had not seen."""

    label: str
    chance: float


@dataclass(frozen=True, slots=True)
class Head:
    """Labels that compete with each other: the kind of a wish, the wish among those of its kind, the language."""

    labels: tuple[str, ...]
    first: int  # place of the first among all labels
    sharpness: float  # how steeply chances follow from sums
    alone: tuple[float, ...]  # what each label gets from a text that says nothing
    shares: tuple[float, ...]  # the same as shares of a whole


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a text says for each label of all heads, as whole numbers around MIDDLE, each worth `scale`. `known`: how
    many of its words are known."""

    lanes: "array[int]"
    scale: float
    known: int


@dataclass(frozen=True, slots=True)
class _WordSums:
    sums: int  # of all labels, a lane each
    squares: int
    known: bool


class Model:
    """Raises ValueError for a file that is none."""

    def __init__(self, packed: bytes) -> None:
        head, _, body = zlib.decompress(packed).partition(b"\n")
        about = json.loads(head)
        self.fingerprint: str = about["fingerprint"]  # of the data that it was trained from
        self.heads: Mapping[str, Head] = {name: _head(found) for name, found in about["heads"].items()}
        self._scale: float = about["scale"]
        self._runs = list(_runs(self.heads[INTENT].labels))
        self._count = sum(len(head.labels) for head in self.heads.values())
        for name, typecode in ARRAYS:
            size = about["sizes"][name]
            setattr(self, f"_{name}", array(typecode, body[:size]))
            body = body[size:]
        self._middles = int.from_bytes(array("I", [MIDDLE]) * self._count, sys.byteorder)
        self._word_of = lru_cache(KEPT)(self._read_word)
        self._row_of = lru_cache(KEPT)(self._read_row)

    def weigh(self, text: str) -> Weighed:
        """Adds up what the features of a text say."""
        said = tokens(text)
        words = [self._word_of(token) for token in set(said) - {STOP}]
        places = self._places({*of_order(said), *of_whole(text, said)})
        long = [at for at in places if self._starts[at + 1] - self._starts[at] >= LONG]
        whole = sum([*(word.sums for word in words), *map(self._row_of, long)], self._middles)
        lanes = self._lanes(whole)
        self._add(places.difference(long), lanes)
        squares = sum(word.squares for word in words) + self._squares(places)
        return Weighed(lanes, self._scale / (sqrt(squares) or 1.0), sum(word.known for word in words))

    def _read_word(self, token: str) -> "_WordSums":
        """What a word says by itself, added up once: most words of a text are those of other texts."""
        places = self._places(of_token(token))
        is_word = token.isalpha() and (is_japanese(token) or self.knows(token))
        return _WordSums(self._sums(places), self._squares(places), known=is_word)

    def _read_row(self, at: int) -> int:
        return self._sums((at,))

    def _sums(self, places: Iterable[int]) -> int:
        lanes = self._lanes(self._middles)
        self._add(places, lanes)
        return int.from_bytes(lanes, sys.byteorder) - self._middles

    def _lanes(self, sums: int) -> "array[int]":
        return array("I", sums.to_bytes(LANE * self._count, sys.byteorder))

    def _places(self, names: Iterable[str]) -> set[int]:
        return {at for name in names if (at := self._find(name)) >= 0}

    def _squares(self, places: Iterable[int]) -> int:
        return sum(self._rarity[at] ** 2 for at in places)

    def _add(self, places: Iterable[int], sums: "array[int]") -> None:
        for at in places:
            rarity, begin, end = self._rarity[at], self._starts[at], self._starts[at + 1]
            for label, weight in zip(self._labels[begin:end], self._weights[begin:end], strict=True):
                sums[label] += weight * rarity

    def rank(self, text: str, most: int = 5) -> list[Candidate]:
        """The likeliest wishes, the best first."""
        weighed = self.weigh(text)
        return self.wishes(weighed, self.chances(weighed, KIND), most)

    def wishes(self, weighed: Weighed, kinds: Mapping[str, float], most: int = 5) -> list[Candidate]:
        """The same of a weighed text: the chance of a wish is that of its kind, and its own among those of its kind."""
        head = self.heads[INTENT]
        parts = _parts(weighed, head)
        whole: defaultdict[str, float] = defaultdict(float)
        for name, begin, end in self._runs:
            whole[name] += sum(parts[begin:end])
        found: list[float] = []
        for name, begin, end in self._runs:
            share = kinds[name] / whole[name]
            found += [share * part for part in parts[begin:end]]
        least = nlargest(most, found)[-1]
        likeliest = sorted((at for at, chance in enumerate(found) if chance >= least), key=lambda at: -found[at])
        return [Candidate(head.labels[at], found[at]) for at in likeliest[:most]]

    def chances(self, weighed: Weighed, name: str) -> dict[str, float]:
        """The chance of each label of a head."""
        head = self.heads[name]
        parts = _parts(weighed, head)
        whole = sum(parts)
        return {label: part / whole for label, part in zip(head.labels, parts, strict=True)}

    def spoke_for(self, text: str, label: str, most: int = 8) -> list[tuple[str, float]]:
        """The features that spoke the loudest for a label, for whoever looks into a decision."""
        counts = {at: (name, count) for name, count in features(text).items() if (at := self._find(name)) >= 0}
        length = sqrt(sum(count * self._rarity[at] ** 2 for at, (_, count) in counts.items())) or 1.0
        number = self._place_of(label)
        parts = {
            name: count * self._weight(at, number) * self._scale * self._rarity[at] / length
            for at, (name, count) in counts.items()
        }
        return [(name, parts[name]) for name in nlargest(most, parts, key=parts.__getitem__) if parts[name] > 0]

    def knows(self, word: str) -> bool:
        """Whether the word stands in the utterances of any language."""
        return self._find(f"w{word}") >= 0

    def _place_of(self, label: str) -> int:
        return next(head.first + head.labels.index(label) for head in self.heads.values() if label in head.labels)

    def _weight(self, at: int, label: int) -> int:
        begin, end = self._starts[at], self._starts[at + 1]
        found = dict(zip(self._labels[begin:end], self._weights[begin:end], strict=True))
        return found.get(label, 0)

    def _find(self, feature: str) -> int:
        """The place of a feature, or -1."""
        key = zlib.crc32(feature.encode())
        at = bisect_left(self._keys, key)
        return at if at < len(self._keys) and self._keys[at] == key else -1

    _keys: "array[int]"
    _starts: "array[int]"
    _rarity: "array[int]"
    _labels: "array[int]"
    _weights: "array[int]"


def _parts(weighed: Weighed, head: Head) -> list[float]:
    """How likely each label is, as shares of a whole that is still to be summed."""
    steep = head.sharpness * weighed.scale
    lanes = weighed.lanes[head.first : head.first + len(head.labels)]
    return [
        share if lane == MIDDLE else exp(steep * (lane - MIDDLE) + alone)
        for lane, alone, share in zip(lanes, head.alone, head.shares, strict=True)
    ]


def _runs(labels: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Neighbouring labels of one kind: where they begin and end."""
    end = 0
    for name, run in groupby(labels, kind):
        begin, end = end, end + len(list(run))
        yield name, begin, end


def _head(found: dict[str, object]) -> Head:
    sharpness = float(found["sharpness"])  # type: ignore[arg-type]
    return Head(
        labels=tuple(found["labels"]),  # type: ignore[arg-type]  # written by pack
        first=int(found["first"]),  # type: ignore[call-overload]
        alone=tuple(sharpness * one for one in found["bias"]),  # type: ignore[attr-defined]
        shares=tuple(exp(sharpness * one) for one in found["bias"]),  # type: ignore[attr-defined]
        sharpness=sharpness,
    )


@cache
def model() -> Model:
    """The one model, read at first use."""
    return Model(FILE.read_bytes())
