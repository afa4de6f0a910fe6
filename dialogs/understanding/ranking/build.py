"""Builds model.bin from the utterances: `make model`. Only here scikit-learn is needed; at run time nobody imports it.

Each head is a linear support vector machine over weighted features (dialogs.understanding.ranking.features), rounded to
whole numbers, without the smallest. Part 0 of the data is kept aside. The sharpness of the chances is fitted on what
models that had not seen a part say of it.
"""

import json
import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from dialogs.understanding.language import OTHER
from dialogs.understanding.ranking import model
from dialogs.understanding.ranking.features import INSIDE, features
from dialogs.understanding.ranking.labels import kind
from dialogs.understanding.ranking.utterances import Utterance, fingerprint, others, surrounded, utterances

FOLDS = 3
STRICTNESS = 0.5  # the support vector machine's C: by cross-validation
INSIDE_COUNTS = 0.6  # how much letters inside a word count beside the word itself: by cross-validation
LEAST = 2  # utterances that a feature must stand in
QUIET = 9  # of 127: weights below it hardly change a ranking and cost most of the room
RARITY_STEPS = 25  # rarity is kept in steps of 1/25

Float: TypeAlias = Any  # an array of numbers: numpy is not there where types are checked
Rows = Sequence[Utterance]


class Vocabulary:
    """The features of a set of utterances, with how rare they are."""

    def __init__(self, said: Sequence[Counter[str]]) -> None:
        holders = Counter(feature for found in said for feature in found)
        kept = sorted(feature for feature, count in holders.items() if count >= LEAST)
        self.places = {feature: at for at, feature in enumerate(kept)}
        rarity = np.log(1 + len(said) / np.array([holders[feature] for feature in kept]))
        rarity *= np.array([INSIDE_COUNTS if feature[0] == INSIDE else 1.0 for feature in kept])
        self.rarity = np.clip(np.rint(rarity * RARITY_STEPS), 1, 255)

    def matrix(self, said: Sequence[Counter[str]]) -> csr_matrix:
        """One row a text: the rarity of each of its features as often as it occurs, over the length of all of them."""
        places: list[int] = []
        values: list[float] = []
        ends = [0]
        for found in said:
            here = {self.places[feature]: count for feature, count in found.items() if feature in self.places}
            counts, rarity = np.array(list(here.values())), self.rarity[list(here)]
            places.extend(here)
            values.extend(rarity * counts / (np.sqrt((counts * rarity**2).sum()) or 1.0))
            ends.append(len(places))
        return csr_matrix((values, places, ends), shape=(len(said), len(self.places)))


class Ranking:
    """One label against the others, for each. `even`: each label counts as much, however many utterances it has."""

    def __init__(self, matrix: csr_matrix, labels: Sequence[str], *, even: bool = False) -> None:
        strictness = 2 * STRICTNESS if even else STRICTNESS
        fitted = LinearSVC(C=strictness, class_weight="balanced" if even else None, random_state=0).fit(matrix, labels)
        self.names = [str(name) for name in fitted.classes_]
        self.weights, self.bias = fitted.coef_, fitted.intercept_

    def scores(self, matrix: csr_matrix) -> Float:
        """A row a text, a column a label."""
        return np.asarray(matrix @ self.weights.T + self.bias)


def unseen(
    said: Sequence[Counter[str]], labels: Sequence[str], parts: Sequence[int], *, even: bool
) -> tuple[list[str], Float, Float]:
    """For every row what a model says that has not seen its part: the names of labels, scores, and the right column."""
    names = sorted(set(labels))
    scores = np.full((len(labels), len(names)), -2.0)
    for fold in range(FOLDS):
        here = [at for at, part in enumerate(parts) if part % FOLDS == fold]
        there = [at for at, part in enumerate(parts) if part % FOLDS != fold]
        vocabulary = Vocabulary([said[at] for at in there])
        ranking = Ranking(vocabulary.matrix([said[at] for at in there]), [labels[at] for at in there], even=even)
        columns = [names.index(name) for name in ranking.names]
        scores[np.ix_(here, columns)] = ranking.scores(vocabulary.matrix([said[at] for at in here]))
    return names, scores, np.array([names.index(label) for label in labels])


def calibrated(scores: Float, right: Float, kinds: Float) -> float:
    """The sharpness that makes chances true among labels of one kind: the likeliest of a grid of tries."""
    rivals = np.where(kinds[None, :] == kinds[right][:, None], scores, -np.inf)
    own = scores[np.arange(len(right)), right]

    def surprise(steep: float) -> float:
        return float((np.log(np.exp(steep * rivals).sum(axis=1)) - steep * own).mean())

    return round(float(min(np.arange(1.0, 16.0, 0.25), key=surprise)), 2)


def shares(scores: Float, right: Float) -> tuple[float, float]:
    """How many rows have the right label first, and among the first three."""
    best = np.argsort(-scores, axis=1)[:, :3]
    return float((best[:, 0] == right).mean()), float((best == right[:, None]).any(axis=1).mean())


def pack(vocabulary: Vocabulary, heads: Sequence[tuple[str, Ranking, float]], made_from: str) -> bytes:
    """The file that dialogs.understanding.ranking.model reads."""
    about: dict[str, object] = {"fingerprint": made_from, "heads": {}}
    weights = np.vstack([ranking.weights for _, ranking, _ in heads])
    first = 0
    for name, ranking, steep in heads:
        labels = ranking.names
        bias = [round(float(one), 5) for one in ranking.bias]
        about["heads"][name] = {"labels": labels, "first": first, "bias": bias, "sharpness": steep}  # type: ignore[index]
        first += len(labels)
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.9995)) / 127
    about["scale"] = scale
    rounded = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    rounded[np.abs(rounded) < QUIET] = 0
    arrays = _arrays(vocabulary, rounded)
    about["sizes"] = {name: len(found.tobytes()) for name, found in arrays.items()}
    body = b"".join(found.tobytes() for found in arrays.values())
    return zlib.compress(json.dumps(about).encode() + b"\n" + body, 9)


def _arrays(vocabulary: Vocabulary, weights: Float) -> dict[str, "array[int]"]:
    found: dict[str, array[int]] = {name: array(typecode) for name, typecode in model.ARRAYS}
    for key, at in sorted((zlib.crc32(feature.encode()), at) for feature, at in vocabulary.places.items()):
        column = weights[:, at]
        kept = [int(label) for label in np.flatnonzero(column)]
        if not kept:
            continue
        found["keys"].append(key)
        found["starts"].append(len(found["labels"]))
        found["rarity"].append(int(vocabulary.rarity[at]))
        found["labels"].extend(kept)
        found["weights"].extend(int(column[label]) for label in kept)
    found["starts"].append(len(found["labels"]))
    return found


def measured(name: str, rows: Rows, said: Sequence[Counter[str]], labels: Sequence[str]) -> float:
    """Prints how well unseen parts are ranked, and returns how sharp the chances of the head are."""
    names, scores, right = unseen(said, labels, [row.part for row in rows], even=name != model.INTENT)
    first, three = shares(scores, right)
    print(f"{name}: {len(rows)} utterances, {len(names)} labels")
    print(f"{name}, cross-validated: right first {first:.1%}, among the first three {three:.1%}")
    rivals = [kind(label) if name == model.INTENT else name for label in names]
    return calibrated(scores, right, np.array(rivals))


def main(out: Path = model.FILE) -> None:
    """Trains, measures, writes."""
    rows = [row for row in surrounded(utterances()) if row.part]
    everything = [*rows, *(row for row in others() if row.part)]
    said = [features(row.text) for row in everything]
    vocabulary = Vocabulary(said)
    matrix = vocabulary.matrix(said)
    ours, labels = matrix[: len(rows)], [row.label for row in rows]
    kinds = [kind(label) for label in labels]
    learnt = {row.language for row in rows}  # those that have utterances
    languages = [row.language if row.language in learnt else OTHER for row in everything]
    heads = [
        (model.INTENT, Ranking(ours, labels), measured(model.INTENT, rows, said[: len(rows)], labels)),
        (model.KIND, Ranking(ours, kinds, even=True), measured(model.KIND, rows, said[: len(rows)], kinds)),
        (model.LANGUAGE, Ranking(matrix, languages, even=True), measured(model.LANGUAGE, everything, said, languages)),
    ]
    out.write_bytes(pack(vocabulary, heads, fingerprint()))
    print(f"{out.name}: {out.stat().st_size / 1e6:.1f} MB, {len(vocabulary.places)} features")


if __name__ == "__main__":
    main()
