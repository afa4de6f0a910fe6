"""The one model: a linear ranking of labels, and of languages, by the features of a text.

`model.bin` is built by `make model` from the utterances (dialogs.understanding.build). It holds one row a feature: the
labels that it speaks for or against, and how loudly. Reading it costs milliseconds and about 10 MB.
"""

import json
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from math import exp, sqrt
from operator import add
from pathlib import Path

from dialogs.understanding.features import STOP, features, is_japanese, of_order, of_token, of_whole, tokens
from dialogs.understanding.labels import kind

FILE = Path(__file__).with_name("model.bin")
INTENT, KIND, LANGUAGE = "intent", "kind", "language"  # heads
KEPT_WORDS = 1_000  # whose sums are remembered: about 1 kB each
ARRAYS = (("keys", "I"), ("slots", "I"), ("starts", "I"), ("rarity", "B"), ("labels", "H"), ("weights", "b"))


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
    bias: tuple[float, ...]
    sharpness: float  # how steeply chances follow from sums


@dataclass(frozen=True, slots=True)
class _Word:
    sums: "array[int]"  # one a label
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
        self._kinds = [kind(label) for label in self.heads[INTENT].labels]
        self._count = sum(len(head.labels) for head in self.heads.values())
        for name, typecode in ARRAYS:
            size = about["sizes"][name]
            setattr(self, f"_{name}", array(typecode, body[:size]))
            body = body[size:]
        self._mask = len(self._slots) - 1
        self._word_of = lru_cache(KEPT_WORDS)(self._read_word)

    def weigh(self, text: str) -> tuple[list[float], int]:
        """The sum for each label, of all heads, and how many words of the text are known."""
        said = tokens(text)
        sums, squares, known = [0] * self._count, 0, 0
        for token in set(said) - {STOP}:
            word = self._word_of(token)
            sums = list(map(add, sums, word.sums))
            squares += word.squares
            known += word.known
        places = {at for name in (*of_order(said), *of_whole(text, said)) if (at := self._find(name)) >= 0}
        squares += self._add(places, sums)
        length = self._scale / (sqrt(squares) or 1.0)
        return [length * one for one in sums], known

    def _read_word(self, token: str) -> "_Word":
        """What a word says by itself, added up once: most words of a text are those of other texts."""
        sums = [0] * self._count
        squares = self._add([at for name in of_token(token) if (at := self._find(name)) >= 0], sums)
        is_word = token.isalpha() and (is_japanese(token) or self.knows(token))
        return _Word(array("i", sums), squares, known=is_word)

    def _add(self, places: Iterable[int], sums: list[int]) -> int:
        """Adds what features say; the sum of the squares of their rarities."""
        starts, labels, weights, squares = self._starts, self._labels, self._weights, 0
        for at in places:
            rarity = self._rarity[at]
            squares += rarity * rarity
            for here in range(starts[at], starts[at + 1]):
                sums[labels[here]] += weights[here] * rarity
        return squares

    def rank(self, text: str, most: int = 5) -> list[Candidate]:
        """The likeliest wishes, the best first."""
        sums = self.weigh(text)[0]
        return self.wishes(sums, self.chances(sums, KIND), most)

    def wishes(self, sums: Sequence[float], kinds: Mapping[str, float], most: int = 5) -> list[Candidate]:
        """The same from sums: the chance of a wish is that of its kind, and its own among those of its kind."""
        head = self.heads[INTENT]
        parts = self._parts(sums, head)
        whole: defaultdict[str, float] = defaultdict(float)
        for name, part in zip(self._kinds, parts, strict=True):
            whole[name] += part
        found = [part / whole[name] * kinds[name] for name, part in zip(self._kinds, parts, strict=True)]
        likeliest = nlargest(most, range(len(found)), key=found.__getitem__)
        return [Candidate(head.labels[at], found[at]) for at in likeliest]

    def chances(self, sums: Sequence[float], name: str) -> dict[str, float]:
        """The chance of each label of a head."""
        head = self.heads[name]
        parts = self._parts(sums, head)
        whole = sum(parts)
        return {label: part / whole for label, part in zip(head.labels, parts, strict=True)}

    def _parts(self, sums: Sequence[float], head: Head) -> list[float]:
        scores = zip(sums[head.first :], head.bias, strict=False)
        return [exp(head.sharpness * (one + bias)) for one, bias in scores]

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
        """The place of a feature, or -1. An open hash table: `slots` hold places + 1, 0 is empty."""
        key = zlib.crc32(feature.encode())
        slot = key & self._mask
        while place := self._slots[slot]:
            if self._keys[place - 1] == key:
                return place - 1
            slot = (slot + 1) & self._mask
        return -1

    _keys: "array[int]"
    _slots: "array[int]"
    _starts: "array[int]"
    _rarity: "array[int]"
    _labels: "array[int]"
    _weights: "array[int]"


def _head(found: dict[str, object]) -> Head:
    return Head(
        labels=tuple(found["labels"]),  # type: ignore[arg-type]  # written by pack
        first=int(found["first"]),  # type: ignore[call-overload]
        bias=tuple(found["bias"]),  # type: ignore[arg-type]
        sharpness=float(found["sharpness"]),  # type: ignore[arg-type]
    )


@cache
def model() -> Model:
    """The one model, read at first use."""
    return Model(FILE.read_bytes())
