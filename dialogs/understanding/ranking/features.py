"""What the model looks at: words, pairs of neighbouring words, what words mean, and the letters inside a word. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from dialogs.understanding.folding import JAPANESE, fold
from dialogs.understanding.ranking.synonyms import synonyms

LONGEST = 2_000  # characters looked at
MOST_WORDS = 150  # of one text: what comes later does not change what it is about
LONGEST_WORD = 24  # letters looked at
SHORTEST_INSIDE = 4  # a shorter word says as much as its letters do
INSIDE = "c"  # how the features of letters inside a word begin
STOP = "."  # stands for punctuation between two clauses

_TOKEN = re.compile(r"[^\W_]+|[.,;:!?()\[\]\n\"…。、・«»“”•]+")
_JAPANESE = re.compile(f"[{JAPANESE}]")
_LENGTHS = (0, 1, 2, 3, 4, 8, 15, 30)  # words, up to which texts are alike
_LETTERS = (4,)  # three and five more cost twice as much and tell hardly more: by cross-validation
_JAPANESE_LETTERS = (1, 2, 3)


@lru_cache(maxsize=4)  # a text is looked at from several sides, one soon after the other
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text in order, without case and accents; punctuation is STOP."""
    found = _TOKEN.findall(fold(text[:LONGEST]))[: 2 * MOST_WORDS]
    return tuple(token[:LONGEST_WORD] if token[0].isalnum() else STOP for token in found)


def of_token(token: str) -> set[str]:
    """The features of one word by itself."""
    if is_japanese(token):  # has no blanks: a run is not one word
        return {f"j{part}" for part in _parts(token, _JAPANESE_LETTERS)}
    inside = _parts(f"<{token}>", _LETTERS) if len(token) >= SHORTEST_INSIDE else ()
    return {f"w{token}", *(f"{INSIDE}{part}" for part in inside)}


def is_japanese(token: str) -> bool:
    """Whether it is a run of Japanese letters rather than a word."""
    return _JAPANESE.match(token) is not None


def of_order(said: Sequence[str]) -> Iterator[str]:
    """Neighbouring words, the beginnings of clauses included; and what the words mean, alone and beside each other."""
    before = STOP
    for token in said:
        if token != STOP and not is_japanese(token):
            yield f"b{before} {token}"
        before = token
    meant = list(synonyms().meant([token for token in said if token != STOP]))
    yield from (f"y{name}" for name, words in meant if name != words)
    for (first, words), (then, others) in pairwise(meant):
        if (first, then) != (words, others):  # else the pair of words says the same
            yield f"z{first} {then}"


def of_whole(text: str, said: Sequence[str]) -> Iterator[str]:
    """How long a text is, and whether it asks."""
    words = sum(token != STOP for token in said)
    yield f"n{next((most for most in _LENGTHS if words <= most), MOST_WORDS)}"
    yield "q?" if text.rstrip().endswith(("?", "？")) else "q."


def features(text: str) -> Counter[str]:
    """All features of a text, and in how many of its words; the model's own way to them is Model.weigh."""
    said = tokens(text)
    found = Counter(feature for token in set(said) - {STOP} for feature in of_token(token))
    found.update({*of_order(said), *of_whole(text, said)})
    return found


def _parts(token: str, lengths: tuple[int, ...]) -> Iterator[str]:
    return (token[at : at + length] for length in lengths for at in range(len(token) - length + 1))
