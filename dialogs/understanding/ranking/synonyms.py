"""Words and phrases of all languages that mean the same, by one name: what is learnt of one holds for the others."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dialogs.understanding.files import each_language, load
from dialogs.understanding.folding import JAPANESE, fold

_FILE = Path(__file__).with_name("synonyms.toml")
_PART = re.compile(r"[^\W_]+\*?")
_JAPANESE = re.compile(f"[{JAPANESE}]")
_SHORTEST_STEM = 3

Parts = tuple[str, ...]


class Wording(BaseModel):
    """synonyms.toml, the one beside this file and that of a language: a name and its phrases with commas between; words
    that say nothing."""

    model_config = ConfigDict(extra="forbid")

    words: dict[str, str] = {}
    ignored: str = ""


class Synonyms:
    """Raises ValueError for a phrase with two names."""

    def __init__(self, wordings: Iterable[Wording]) -> None:
        wordings = tuple(wordings)
        self._ignored = frozenset(word for wording in wordings for word in fold(wording.ignored).split())
        self._phrases: defaultdict[str, dict[Parts, str]] = defaultdict(dict)
        self._japanese: dict[str, str] = {}
        for name, listed in ((name, listed) for wording in wordings for name, listed in wording.words.items()):
            for phrase in {name, *(part.strip() for part in listed.split(","))}:
                self._learn(name, fold(phrase))
        self._longest_stem = max((len(first) - 1 for first in self._phrases if first.endswith("*")), default=0)
        runs = sorted(self._japanese, key=len, reverse=True)
        self._run = re.compile("|".join(map(re.escape, runs)) or "(?!)")

    def names(self, said: Sequence[str]) -> Iterator[str]:
        """The names of what folded words mean, in order; a word without a name stands for itself."""
        return (name for name, _ in self.meant(said))

    def meant(self, said: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The same, each with the words that it stands for."""
        at = 0
        while at < len(said):
            if _JAPANESE.match(said[at]):
                yield from ((self._japanese[found], found) for found in self._run.findall(said[at]))
                at += 1
                continue
            name, length = self._longest(said, at)
            if name or said[at] not in self._ignored:
                yield name or said[at], " ".join(said[at : at + (length or 1)])
            at += length or 1

    def _learn(self, name: str, phrase: str) -> None:
        if _JAPANESE.search(phrase):
            self._japanese["".join(phrase.split())] = name
            return
        parts = tuple(_PART.findall(phrase))
        if self._phrases[parts[0]].setdefault(parts, name) != name:
            raise ValueError(f"'{phrase}' stands for {self._phrases[parts[0]][parts]} and for {name}")

    def _longest(self, said: Sequence[str], at: int) -> tuple[str, int]:
        """The name of the longest phrase that starts here, and its number of words (0: none)."""
        best: tuple[int, Parts, str] = (0, (), "")
        for parts, name in self._starting(said[at]):
            if len(parts) >= best[0] and _fits(parts, said, at):
                best = max(best, (len(parts), parts, name))  # of two as long the one with more letters written out
        return best[2], best[0]

    def _starting(self, word: str) -> Iterator[tuple[Parts, str]]:
        yield from self._phrases[word].items() if word in self._phrases else ()
        for end in range(_SHORTEST_STEM, min(len(word), self._longest_stem) + 1):
            if (stem := f"{word[:end]}*") in self._phrases:
                yield from self._phrases[stem].items()


def _fits(parts: Parts, said: Sequence[str], at: int) -> bool:
    return len(parts) <= len(said) - at and all(
        said[place].startswith(part[:-1]) if part[-1] == "*" else said[place] == part
        for place, part in enumerate(parts, at)
    )


@cache
def synonyms() -> Synonyms:
    """The one table, with what each language adds. Raises ValueError for a malformed file."""
    return Synonyms((load(_FILE, Wording), *each_language("synonyms.toml", Wording)))
