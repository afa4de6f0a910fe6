"""What finding an answer costs by itself, over more answers than there are yet."""

import random
import statistics
import time
from collections.abc import Callable, Sequence

from dialogs.find import Finder, synonyms

from dialogs.understanding.understand import prepare, understand
from dialogs.words.answers import answers
from tests.bench.load import told

ANSWERS, PHRASINGS, WORDS = 500, 10, 7


def measure() -> None:
    """Ask every phrasing of ours once warm: of `understand` as it is, and of a finder of 5,000 made-up phrasings."""
    asked = [phrasing for answer in answers().values() for phrasing in answer.phrasings]
    prepare()
    told(
        "understanding a question of ours: mean", f"{_mean(lambda text: understand(text, 'en-US'), asked):.2f} ms", "-"
    )
    vocabulary = sorted({word for text in asked for word in text.split()})
    chosen = random.Random(1)
    made_up = {
        f"answer-{number}": [" ".join(chosen.sample(vocabulary, WORDS)) for _ in range(PHRASINGS)]
        for number in range(ANSWERS)
    }
    finder = Finder(made_up, synonyms())
    told("finding among 500 answers, 5,000 phrasings: mean", f"{_mean(finder.best, asked):.2f} ms", "<= 1 ms")


def _mean(find: Callable[[str], object], asked: Sequence[str]) -> float:
    """Milliseconds of CPU a question, after one round that fills what is filled once."""
    for text in asked:
        find(text)
    took: list[float] = []
    for text in asked:
        began = time.process_time()
        find(text)
        took.append((time.process_time() - began) * 1e3)
    return statistics.mean(took)
