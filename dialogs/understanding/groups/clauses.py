"""The clauses of a sentence that names groups: where one may end, and what it does by itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto


class ClauseKind(Enum):
    """What a part of a sentence does by itself."""

    BEGINS = auto()  # a verb, then names
    ENDS = auto()  # names, then what is to become of them
    LISTS = auto()  # only names, or what is not understood


@dataclass(frozen=True, slots=True)
class Break:
    """Where one clause may end and the next begin."""

    end: int
    start: int
    strong: bool
    joining: bool  # an "and" without a comma: may close a list of names


def clauses_of(text: str, cuts: list[Break]) -> Iterator[str]:
    """What stands before, between and after the breaks."""
    begin = 0
    for cut in cuts:
        yield text[begin : cut.end]
        begin = cut.start
    yield text[begin:]


def segment_after(text: str, breaks: list[Break], at: int) -> str:
    """What follows a break up to the next."""
    return text[breaks[at].start : breaks[at + 1].end if at + 1 < len(breaks) else len(text)]


def like_names(names: Iterable[str]) -> bool:
    """Whether they are written as names are, in capitals at the beginning and the end."""
    ends = ((words[0][0], words[-1][0]) for name in names if (words := name.split()))
    return all(first.isupper() and not last.islower() for first, last in ends)
