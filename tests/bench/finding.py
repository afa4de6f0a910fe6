"""What understanding costs by itself, and how it grows with the number of answers."""

import statistics
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

from dialogs.understanding.ranking.model import FILE, INTENT, KIND, MIDDLE, Model, _runs
from dialogs.understanding.ranking.utterances import utterances
from dialogs.understanding.understand import prepare, understand
from tests.bench.load import told

ASKED = 2_000
FEW, MANY = 500, 5_000  # answers


async def measure() -> None:
    """Every n-th utterance once warm."""
    prepare()
    texts = [one.text for one in utterances()]
    asked = texts[:: max(1, len(texts) // ASKED)]
    took = _took(lambda text: understand(text, "en-US"), asked)
    mean = statistics.mean(took)
    told(f"understanding {len(asked)} texts: mean", f"{mean:.2f} ms", "<= 0.35 ms")
    told("the slowest of them", f"{max(took):.2f} ms", "<= 2 ms")
    now = _ranking(Model(FILE.read_bytes()), asked)
    for labels in (FEW, MANY):
        more = mean - now + _ranking(_grown(labels), asked)
        told(f"the same with {labels} labels, against now", f"{more / mean:.2f} ×", "<= 2 ×")


def _ranking(model: Model, asked: Sequence[str]) -> float:
    """Milliseconds that ranking alone takes, at the mean."""

    def rank(text: str) -> object:
        weighed = model.weigh(text)
        return model.wishes(weighed, model.chances(weighed, KIND), 10)

    return statistics.mean(_took(rank, asked))


def _grown(labels: int) -> Model:
    """The model with more answers, of which the texts asked say nothing: what they cost is there all the same."""
    model = Model(FILE.read_bytes())
    heads = dict(model.heads)
    old, more = len(heads[INTENT].labels), labels - len(heads[INTENT].labels)
    alone, shares = ((*of, *(min(of),) * more) for of in (heads[INTENT].alone, heads[INTENT].shares))
    named = tuple(f"answer.made_up_{number}" for number in range(more))
    heads[INTENT] = replace(heads[INTENT], labels=heads[INTENT].labels + named, alone=alone, shares=shares)
    for name in heads.keys() - {INTENT}:
        heads[name] = replace(heads[name], first=heads[name].first + more)
    model.heads = heads
    model._count += more
    model._middles = int.from_bytes(array("I", [MIDDLE]) * model._count, sys.byteorder)
    model._labels = array("H", (label if label < old else label + more for label in model._labels))
    model._wide = model._read_wide()
    model._runs = list(_runs(heads[INTENT].labels))
    return model


def _took(find: Callable[[str], object], asked: Sequence[str]) -> list[float]:
    """Milliseconds of CPU for each, after one round that fills what is filled once."""
    for text in asked:
        find(text)
    took: list[float] = []
    for text in asked:
        began = time.process_time()
        find(text)
        took.append((time.process_time() - began) * 1e3)
    return took
