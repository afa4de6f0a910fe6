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
_STEM = 3  # letters of the shortest stem, by which all are looked up

Parts = tuple[str, ...]


class Wording(BaseModel):
    """synonyms.toml, the one beside this file and that of a language: a name and its phrases with commas between; words
    that say nothing."""

    model_config = ConfigDict(extra="forbid")

    words: dict[str, str] = {}
    ignored: str = ""


class Synonyms:
    """Raises ValueError for a phrase with two names, and for a stem that is too short."""

    def __init__(self, wordings: Iterable[Wording]) -> None:
        wordings = tuple(wordings)
        self._ignored = frozenset(word for wording in wordings for word in fold(wording.ignored).split())
        self._phrases: dict[Parts, str] = {}
        self._japanese: dict[str, str] = {}
        for name, listed in ((name, listed) for wording in wordings for name, listed in wording.words.items()):
            for phrase in {name, *(part.strip() for part in listed.split(","))}:
                self._learn(name, fold(phrase))
        self._starting: defaultdict[str, list[Parts]] = defaultdict(list)
        for parts in sorted(self._phrases, key=_says_most, reverse=True):  # the first of them that fits is meant
            self._starting[_begin(parts[0]) if parts[0][-1] == "*" else parts[0]].append(parts)
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
        if parts[0][-1] == "*" and len(parts[0]) <= _STEM:
            raise ValueError(f"'{phrase}' begins with fewer than {_STEM} letters before its *")
        if self._phrases.setdefault(parts, name) != name:
            raise ValueError(f"'{phrase}' stands for {self._phrases[parts]} and for {name}")

    def _longest(self, said: Sequence[str], at: int) -> tuple[str, int]:
        """The name of the longest phrase that starts here, and its number of words (0: none)."""
        best: Parts = ()
        for start in (said[at], _begin(said[at])):
            for parts in self._starting.get(start, ()):
                if _fits(parts, said, at):
                    best = max(best, parts, key=_says_most)
                    break
        return self._phrases.get(best, ""), len(best)


def _says_most(parts: Parts) -> tuple[int, Parts]:
    """The longest phrase is meant; of two as long the one with more letters written out."""
    return len(parts), parts


def _begin(word: str) -> str:
    """What is looked up for the stems that a word may have."""
    return f"{word[:_STEM]}*"


def _fits(parts: Parts, said: Sequence[str], at: int) -> bool:
    if len(parts) > len(said) - at:
        return False
    for place, part in enumerate(parts, at):  # tried for every word of a text: all() would take twice as long
        if said[place] != part and not (part[-1] == "*" and said[place].startswith(part[:-1])):
            return False
    return True


@cache
def synonyms() -> Synonyms:
    """The one table, with what each language adds. Raises ValueError for a malformed file."""
    return Synonyms((load(_FILE, Wording), *each_language("synonyms.toml", Wording)))
