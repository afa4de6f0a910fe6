"""The words of one language, English where one is missing. Foreign text is made harmless to look at here."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from dialogs.words import answers
from dialogs.words.replies import Text

LOCALES = answers.LOCALES
FALLBACK = answers.FALLBACK
# Files of whole sentences; the others in the same folder are what is understood, not what is said.
FILES = (
    "commands.toml",
    "rollout.toml",
    "approvals.toml",
    "questions.toml",
    "helpdesk.toml",
    "check.toml",
    "errors.toml",
)
COUNT = "count."  # how the keys of counted nouns begin; each has a form by the category of its number
ANSWERS = "answers."  # how the keys of answers begin
MOST_COMBINING = 3  # marks on one letter; more would paint over the lines beside it
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a sentence, to be shown as it is."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a value stands in a sentence. `noun`: what it counts, as in {devices:device}."""

    name: str
    bold: bool
    noun: str = ""


class Words:
    """Sentences by key. A missing key is a defect: KeyError, found by the tests of the locales."""

    def __init__(self, language: str, own: Mapping[str, str], english: Mapping[str, str]) -> None:
        self.language = language
        in_english, spoken = answers.sentences(), answers.sentences(language)
        self.partial = own.keys() != english.keys() or spoken.keys() != in_english.keys()
        self._sentences = {**english, **own}
        self._answers = {**in_english, **spoken}

    def markdown(self, text: Text) -> str | None:
        """The sentence as it stands in the locales, or None when it carries values, which must not be markdown."""
        return None if text.values else self.sentence(text.key)

    def sentence(self, key: str) -> str:
        """As it stands in the locales, placeholders and all."""
        return (self._answers if key.startswith(ANSWERS) else self._sentences)[key]

    def runs(self, text: Text) -> tuple[Run, ...]:
        """The sentence in pieces: bold where the locales say so, values literal."""
        return tuple(
            piece if isinstance(piece, Run) else Run(self._filled(piece, text.values[piece.name]), piece.bold)
            for piece in _pieces(self.sentence(text.key))
        )

    def _filled(self, place: _Value, value: str | Text) -> str:
        shown = self.plain(value) if isinstance(value, Text) else literal(value)
        if not place.noun:
            return shown
        return self.sentence(f"{COUNT}{place.noun}.{category(shown)}").replace("{count}", shown)

    def plain(self, text: Text) -> str:
        """The sentence without any marks, for titles and toasts."""
        return "".join(run.text for run in self.runs(text))

    def listed(self, key: str) -> tuple[str, ...]:
        """The sentences of a list, in order."""
        found: list[str] = []
        while (item := self._sentences.get(f"{key}.{len(found) + 1}")) is not None:
            found.append(item)
        return tuple(found)


def category(count: str) -> str:
    """Which form of a noun goes with a number, by the rule of English: `one` or `other`."""
    return "one" if count == "1" else "other"


def words(language: str) -> Words:
    """The words for a language tag such as `de` or `pt-BR`; English for a language that has no folder."""
    return _words(of_locale(language))


def of_locale(locale: str) -> str:
    """ "pt-BR" → "pt"; English for a language that has no folder."""
    language = locale.replace("_", "-").partition("-")[0].casefold()
    return language if language in languages() else FALLBACK


@cache
def _words(language: str) -> Words:
    return Words(language, own(language), own(FALLBACK))


@cache
def languages() -> frozenset[str]:
    """The languages that have a folder."""
    return frozenset(folder.name for folder in LOCALES.iterdir() if folder.is_dir())


def below(path: str) -> tuple[str, ...]:
    """What the English keys that begin so go on with."""
    return tuple(key.removeprefix(path) for key in own(FALLBACK) if key.startswith(path))


def literal(text: str) -> str:
    """Foreign text as it may be shown: what is invisible or turns the direction of writing becomes visible."""
    shown = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if marks > MOST_COMBINING:
            continue
        shown.append(" " if character.isspace() else "\N{REPLACEMENT CHARACTER}" if category[0] == "C" else character)
    return "".join(shown).strip()


@cache
def _pieces(sentence: str) -> tuple[Run | _Value, ...]:
    """Cached: only we write sentences. Bold is split off first: a value that looks like markdown can't become it."""
    return tuple(_parsed(sentence))


def _parsed(sentence: str) -> Iterator[Run | _Value]:
    for number, part in enumerate(_BOLD.split(sentence)):
        bold = number % 2 == 1
        for ours, name, forms, _ in Formatter().parse(part):
            if ours:
                yield Run(ours, bold)
            if name:
                yield _Value(name, bold, forms or "")


@cache
def own(language: str) -> Mapping[str, str]:
    """What a language says itself, but for answers. Raises ValueError naming a file that is malformed."""
    sentences: dict[str, str] = {}
    for name in FILES:
        file = LOCALES / language / name
        if file.is_file():
            sentences.update(_flat(_table(file)))
    return sentences


def _table(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"cannot read {file.parent.name}/{file.name}: {error}") from error


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{path}{name}"
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, list):
            yield from ((f"{key}.{number}", str(item)) for number, item in enumerate(value, 1))
        else:
            yield from _flat(value, f"{key}.")
