"""The words of one language, English where one is missing. Foreign text is made harmless to look at here."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel import Locale

from dialogs.words import answers, cldr
from dialogs.words.replies import Literal, Names, Text, Tile, Value

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
    """Sentences by key. A missing key is a defect: KeyError, found by the tests of the locales.

    `locale`: by whose rules numbers, dates and lists are written; that of the reader's region where it is known.
    """

    def __init__(
        self, language: str, own: Mapping[str, str], english: Mapping[str, str], locale: Locale | None = None
    ) -> None:
        self.language = language
        self.locale = locale or cldr.regional(language, language)
        in_english, spoken = answers.sentences(), answers.sentences(language)
        self.partial = bool(lacking(own, english)) or spoken.keys() != in_english.keys()
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

    def _filled(self, place: _Value, value: Value) -> str:
        shown = self.shown(value)
        if not place.noun:
            return shown
        form = cldr.category(value, self.locale) if isinstance(value, int) else cldr.OTHER
        return self._form(place.noun, form).replace("{count}", shown)

    def _form(self, noun: str, category: str) -> str:
        return self._sentences.get(f"{COUNT}{noun}.{category}") or self.sentence(f"{COUNT}{noun}.{cldr.OTHER}")

    def shown(self, value: Value | Literal) -> str:
        """A value as this language writes it. Foreign text is shown literally."""
        match value:
            case Text():
                return self.plain(value)
            case Names():
                return cldr.listed([*map(self.shown, value.names)], self.locale, more=value.more)
            case Literal():
                return literal(value.text)
            case int():
                return cldr.number(value, self.locale)
            case datetime():
                return cldr.moment(value, self.locale)
            case date():
                return cldr.day(value, self.locale)
        return literal(value)

    def plain(self, text: Text) -> str:
        """The sentence without any marks, for titles and toasts."""
        return "".join(run.text for run in self.runs(text))

    def listed(self, key: str, tile: Tile = Tile.EITHER) -> tuple[str, ...]:
        """The sentences of a list, in order, with Windows' own label of the PIN where they quote it."""
        found: list[str] = []
        while (item := self._sentences.get(f"{key}.{len(found) + 1}")) is not None:
            found.append(item.replace("{pin_tile}", self.sentence(f"label.pin_tile.{tile}")))
        return tuple(found)


@lru_cache(512)  # tags are the client's word
def words(tag: str) -> Words:
    """The words for a language tag such as `de` or `pt-BR`; English for a language that has no folder."""
    language = of_locale(tag)
    return _words(language, cldr.regional(language, tag))


def of_locale(locale: str) -> str:
    """The folder: "pt-BR" → "pt-br" where there is one, else "pt"; English for a language that has none."""
    tag = locale.replace("_", "-").casefold()
    named = (tag.rsplit("-", cut)[0] for cut in range(tag.count("-") + 1))
    return next((name for name in named if name in languages()), FALLBACK)


def said_in(language: str, locale: str) -> str:
    """The tag to answer with in a language: that of the reader's region, where it is one of this language's."""
    return locale if locale.replace("_", "-").partition("-")[0].casefold() == language else language


@lru_cache(512)
def _words(language: str, locale: Locale) -> Words:
    return Words(language, own(language), own(FALLBACK), locale)


def lacking(own: Mapping[str, str], english: Mapping[str, str]) -> frozenset[str]:
    """The sentences that only English has; of a counted noun the form that every language has."""
    return frozenset(key for key in english if not (key in own or is_own_form(key)))


def is_own_form(key: str) -> bool:
    """Whether it is a form of a counted noun that not every language has."""
    return key.startswith(COUNT) and not key.endswith(f".{cldr.OTHER}")


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
    """What a language says itself, but for answers; a region's has those of its language too. Raises ValueError naming
    a file that is malformed."""
    sentences: dict[str, str] = {}
    for folder in answers.folders(language):
        for name in FILES:
            file = LOCALES / folder / name
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
