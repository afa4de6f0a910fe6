"""The one model: a linear ranking of labels, and of languages, by the features of a text.

`model.bin` is built by `make model` from the utterances (dialogs.understanding.build). It holds one row a feature: the
labels that it speaks for or against, and how loudly. Reading it costs milliseconds and about 4 MB.
"""

import json
import zlib
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from math import exp, sqrt
from pathlib import Path

from dialogs.understanding.features import STOP, features, of_order, of_token, of_whole, tokens
from dialogs.understanding.labels import kind

FILE = Path(__file__).with_name("model.bin")
INTENT, KIND, LANGUAGE = "intent", "kind", "language"  # heads
KEPT_WORDS = 8_192  # whose features are remembered
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
        self._known_of = lru_cache(KEPT_WORDS)(self._find_token)

    def weigh(self, text: str) -> tuple[list[float], int]:
        """The sum for each label, of all heads, and how many words of the text are known."""
        said = tokens(text)
        found = {at for token in set(said) if token != STOP for at in self._known_of(token)}
        known = len(found)
        found.update(at for at in map(self._find, (*of_order(said), *of_whole(text, said))) if at >= 0)
        sums, size = [0] * self._count, 0
        starts, labels, weights, rarity = self._starts, self._labels, self._weights, self._rarity
        for at in found:
            size += rarity[at] * rarity[at]
            begin, end = starts[at], starts[at + 1]
            for label, weight in zip(labels[begin:end], weights[begin:end], strict=True):
                sums[label] += weight * rarity[at]
        length = sqrt(size) or 1.0
        return [self._scale * one / length for one in sums], known

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
        names = features(text)
        places = {name: at for name in names if (at := self._find(name)) >= 0}
        length = sqrt(sum(self._rarity[at] ** 2 for at in places.values())) or 1.0
        number = self._place_of(label)
        parts = {
            name: self._weight(at, number) * self._scale * self._rarity[at] / length for name, at in places.items()
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

    def _find_token(self, token: str) -> tuple[int, ...]:
        return tuple(at for at in map(self._find, of_token(token)) if at >= 0)

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
