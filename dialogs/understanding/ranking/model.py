"""The one model: a linear ranking of labels, and of languages, by the features of a text.

`model.bin` is built by `make model` from the utterances (dialogs.understanding.ranking.build). It holds one row a
feature: the labels that it speaks for or against, and how loudly. Reading it
costs a tenth of a second or two, and about 8 MB.
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
from itertools import groupby, pairwise
from math import exp, sqrt
from pathlib import Path

from dialogs.understanding.ranking.features import STOP, features, is_japanese, of_order, of_token, of_whole, tokens
from dialogs.understanding.ranking.labels import kind

FILE = Path(__file__).with_name("model.bin")
INTENT, KIND, LANGUAGE = "intent", "kind", "language"  # heads
KEPT = 4_000  # words whose places are remembered: about 300 bytes each
FEW = 1 << 8  # the numbers of so many labels are kept in a byte each: 1.5 MB less than in two
WIDE = 4  # the row of a feature that speaks of one label in so many is kept as one number: about 1 kB each
ARRAYS = (("keys", "I"), ("starts", "I"), ("rarity", "B"), ("labels", "H"), ("weights", "b"))
LANE = 4  # bytes of a long number that hold the sum of one label: adding two rows adds all their labels at once
REST = 20  # bits of a key beside those that it is looked up by at first: a search among dozens and not 100,000
MIDDLE = 1 << 31  # what a lane holds for a sum of 0: without its highest bit turned it is the sum with its sign


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
    """What a text says for each label of all heads, as whole numbers, each worth `scale`. `known`: how many of its
    words are known."""

    sums: list[int]
    scale: float
    known: int


@dataclass(frozen=True, slots=True)
class _WordRows:
    places: "array[int]"  # of its features: 4 bytes each, where a tuple takes 36
    known: bool


class Model:
    """Raises ValueError for a file that is none."""

    def __init__(self, packed: bytes) -> None:
        unpacked = zlib.decompress(packed)
        begin = unpacked.index(b"\n") + 1
        about = json.loads(unpacked[:begin])
        body = memoryview(unpacked)  # copies of its parts would stay in the heap for good
        self.fingerprint: str = about["fingerprint"]  # of the data that it was trained from
        self.heads: Mapping[str, Head] = {name: _head(found) for name, found in about["heads"].items()}
        self._scale: float = about["scale"]
        self._runs = list(_runs(self.heads[INTENT].labels))
        self._count = sum(len(head.labels) for head in self.heads.values())
        for name, typecode in ARRAYS:
            size = about["sizes"][name]
            found = array(typecode)
            found.frombytes(body[begin : begin + size])
            setattr(self, f"_{name}", found)
            begin += size
        if self._count <= FEW:
            self._labels = array("B", self._labels)
        self._middles = int.from_bytes(array("I", [MIDDLE]) * self._count, sys.byteorder)
        self._first = array("I", (bisect_left(self._keys, begins << REST) for begins in range((1 << 32 - REST) + 1)))
        self._wide = self._read_wide()
        self._word_of = lru_cache(KEPT)(self._read_word)

    def weigh(self, text: str) -> Weighed:
        """Adds up what the features of a text say."""
        said = tokens(text)
        words = [self._word_of(token) for token in set(said) - {STOP}]
        places = [at for word in words for at in word.places]
        places += self._places({*of_order(said), *of_whole(text, said)})
        squares = sum(self._rarity[at] ** 2 for at in places)
        return Weighed(self._sums(places), self._scale / (sqrt(squares) or 1.0), sum(word.known for word in words))

    def _read_word(self, token: str) -> _WordRows:
        """Looked up once: most words of a text are those of other texts."""
        is_word = token.isalpha() and (is_japanese(token) or self.knows(token))
        return _WordRows(self._places(of_token(token)), known=is_word)

    def _read_wide(self) -> dict[int, int]:
        """The rows that speak of many labels, in lanes: few of all rows, and most of those that a text has."""
        least = self._count // WIDE
        wide = (at for at, (begin, end) in enumerate(pairwise(self._starts)) if end - begin >= least)
        return {at: self._row(at) for at in wide}

    def _row(self, at: int) -> int:
        lanes = array("I", [MIDDLE]) * self._count
        for label, weight in self._said_by(at):
            lanes[label] += weight
        return int.from_bytes(lanes, sys.byteorder) - self._middles

    def _sums(self, places: Sequence[int]) -> list[int]:
        """What features say, label by label: the wide rows all labels at once, others one by one."""
        wide, rarity = self._wide, self._rarity
        loud = sum(rarity[at] * wide[at] for at in places if at in wide) + self._middles
        sums = array("i", (loud ^ self._middles).to_bytes(LANE * self._count, sys.byteorder)).tolist()
        for at in places:
            if at not in wide:
                times = rarity[at]
                for label, weight in self._said_by(at):
                    sums[label] += weight * times
        return sums

    def _said_by(self, at: int) -> Iterator[tuple[int, int]]:
        """The labels that a feature speaks of, each with its weight."""
        begin, end = self._starts[at], self._starts[at + 1]
        return zip(self._labels[begin:end], self._weights[begin:end], strict=True)

    def _places(self, names: Iterable[str]) -> "array[int]":
        return array("I", {at for name in names if (at := self._find(name)) >= 0})

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
        likeliest = sorted(range(len(found)), key=found.__getitem__, reverse=True)
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
        return dict(self._said_by(at)).get(label, 0)

    def _find(self, feature: str) -> int:
        """The place of a feature, or -1."""
        key = zlib.crc32(feature.encode())
        begins = key >> REST
        at = bisect_left(self._keys, key, self._first[begins], self._first[begins + 1])
        return at if at < len(self._keys) and self._keys[at] == key else -1

    _keys: "array[int]"
    _starts: "array[int]"
    _rarity: "array[int]"
    _labels: "array[int]"
    _weights: "array[int]"


def _parts(weighed: Weighed, head: Head) -> list[float]:
    """How likely each label is, as shares of a whole that is still to be summed."""
    steep = head.sharpness * weighed.scale
    sums = weighed.sums[head.first : head.first + len(head.labels)]
    return [
        exp(steep * one + alone) if one else share
        for one, alone, share in zip(sums, head.alone, head.shares, strict=True)
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
