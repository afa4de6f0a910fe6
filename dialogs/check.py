"""The words looked through for whoever adds some: what is wrong with them, and what a language lacks."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache

from dialogs.understanding.files import LOCALES
from dialogs.understanding.ranking.model import model
from dialogs.understanding.ranking.utterances import Utterance, fingerprint, utterances
from dialogs.words import faults as words
from dialogs.words.answers import answers, folders
from dialogs.words.texts import FALLBACK, FILES, is_own_form, languages


def faults() -> Iterator[str]:
    """What has to be mended, a line each. Raises ValueError naming a file that is malformed."""
    yield from words.faults()
    asked = {one.label.removeprefix("answer.") for one in _utterances() if one.label.startswith("answer.")}
    yield from (f"answer.{name}: utterances ask for it, and there is none" for name in sorted(asked - answers().keys()))
    if model().fingerprint != fingerprint():
        yield "the model was not built from the utterances that are here: make model"


def shares() -> Iterator[str]:
    """How much of what English has each language has too, a line each."""
    for language in sorted(languages() - {FALLBACK}):
        own, english = _has(language), _has(FALLBACK)
        counts = (f"{len(own[what] & english[what])} of {len(english[what])} {what}" for what in english)
        yield f"{language} has {', '.join(counts)}"


def lacking(language: str) -> Iterator[str]:
    """What that language lacks, by name, a line each. Raises ValueError for one without a folder."""
    if language not in languages():
        raise ValueError(f"{language} is no language here; those that have a folder: {', '.join(sorted(languages()))}")
    own = _has(language)
    for what, english in _has(FALLBACK).items():
        yield from (f"{language} lacks of the {what}: {name}" for name in sorted(english - own[what]))


def _has(language: str) -> Mapping[str, set[str]]:
    """A region has what its language has."""
    where = folders(language)
    files = {file.name for folder in where for file in (LOCALES / folder).glob("*.toml")}
    return {
        "sentences": {key for key in words.said(language) if not is_own_form(key)},
        "wishes in utterances": {one.label for one in _utterances() if one.language in where},
        "files of words that are understood": files - set(FILES),
    }


@cache
def _utterances() -> Collection[Utterance]:
    return tuple(utterances())
