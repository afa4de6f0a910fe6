"""What the bot knows, as data: one entry an answer, read from the locales and checked once."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

LOCALES = Path(__file__).parents[1] / "locales"
FALLBACK = "en"

_ITALIC = re.compile(r"(?<!\*)\*(?!\*)")  # not drawn beside values

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class SpokenAnswer(BaseModel):
    """An answer in one language. `text` may hold named placeholders ({oma_uri}) that the command fills."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[Words, Field(max_length=40)]  # heading of the card, and the button of those who point here
    text: Annotated[Words, Field(max_length=900)]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text in pieces: a line with a placeholder stands alone, so that its value never becomes markdown."""
        lines = self.text.splitlines()
        runs = groupby(enumerate(lines), key=lambda line: line[0] if "{" in line[1] else -1)
        pieces = ("\n".join(line for _, line in run).strip() for _, run in runs)
        return tuple(_ITALIC.sub("", piece) if "{" in piece else piece for piece in pieces if piece)


class StoredAnswer(SpokenAnswer):
    """One answer, in English. `related` are other ids."""

    source: Words
    link: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    related: Annotated[tuple[Words, ...], Field(max_length=3)] = ()
    unverified: bool = False  # the text says so as well


_Answer = TypeVar("_Answer", bound=SpokenAnswer)


@cache
def answers() -> Mapping[str, StoredAnswer]:
    """All answers by id, in the order of the files. Raises ValueError for a wrong entry or an id used twice."""
    return _read(FALLBACK, StoredAnswer)


@cache
def spoken(language: str) -> Mapping[str, SpokenAnswer]:
    """Those that a language says itself. Raises like answers()."""
    return answers() if language == FALLBACK else _read(language, SpokenAnswer)


@cache
def sentences(language: str = FALLBACK) -> Mapping[str, str]:
    """What a language says itself, by text key: answers.<id>.title and answers.<id>.text.<number from 1>."""
    titles = {f"answers.{name}.title": entry.title for name, entry in spoken(language).items()}
    texts = {
        f"answers.{name}.text.{number}": piece
        for name, entry in spoken(language).items()
        for number, piece in enumerate(entry.paragraphs, 1)
    }
    return MappingProxyType(titles | texts)


def folders(language: str) -> tuple[str, ...]:
    """Where the words of a language stand: those of its region ("pt-pt") take the place of the language's own."""
    parts = language.split("-")
    return tuple("-".join(parts[:count]) for count in range(1, len(parts) + 1))


def _read(language: str, model: type[_Answer]) -> Mapping[str, _Answer]:
    found: dict[str, _Answer] = {}
    for folder in folders(language):
        found |= _folder(folder, StoredAnswer if folder == FALLBACK else model)
    return MappingProxyType(found)


def _folder(name: str, model: type[SpokenAnswer]) -> dict[str, Any]:
    reader = TypeAdapter(dict[str, model])  # type: ignore[valid-type]  # a type that is only known here
    found: dict[str, Any] = {}
    for file in sorted((LOCALES / name / "answers").glob("*.toml")):
        entries = reader.validate_python(tomllib.loads(file.read_text("utf-8")))
        if twice := found.keys() & entries.keys():
            raise ValueError(f"{file.name}: {', '.join(sorted(twice))} stands in an earlier file")
        found |= entries
    return found
