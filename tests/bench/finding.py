"""What understanding costs by itself, and how it grows with the number of answers."""

import statistics
import time
from collections.abc import Callable, Sequence

from dialogs.understanding.ranking.utterances import utterances
from dialogs.understanding.understand import prepare, understand
from tests.bench.load import told

ASKED = 2_000


def measure() -> None:
    """Every n-th utterance once warm."""
    prepare()
    texts = [one.text for one in utterances()]
    asked = texts[:: max(1, len(texts) // ASKED)]
    took = _took(lambda text: understand(text, "en-US"), asked)
    told(f"understanding {len(asked)} texts: mean", f"{statistics.mean(took):.2f} ms", "<= 0.35 ms")
    told("the slowest of them", f"{max(took):.2f} ms", "<= 2 ms")


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
