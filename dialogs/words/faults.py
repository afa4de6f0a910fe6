"""What is wrong with the words of the locales: found at the start and by whoever adds some, not amid a turn."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter

from dialogs.words import answers, texts
from dialogs.words.texts import FALLBACK

_ITEM = re.compile(r"(.+)\.\d+")  # the key of one sentence of a list


@cache
def prepare() -> None:
    """Reads all words, once in a process. Raises ValueError with all that has to be mended."""
    if found := list(faults()):
        raise ValueError("\n".join(found))


def faults() -> Iterator[str]:
    """A line each. Raises ValueError naming a file that is malformed."""
    english = said(FALLBACK)
    lists = _lists(english)
    for language in sorted(texts.languages()):
        own = said(language)
        yield from (f"{language}: {key}: {what}" for key in own if (what := _fault(key, own, english, lists)))


def said(language: str) -> Mapping[str, str]:
    """What a language says itself, the answers too."""
    return {**texts.own(language), **answers.sentences(language)}


def _lists(english: Mapping[str, str]) -> Mapping[str, set[str]]:
    """The keys of each list's sentences, by the list."""
    found: dict[str, set[str]] = {}
    for key in english:
        if item := _ITEM.fullmatch(key):
            found.setdefault(item[1], set()).add(key)
    return found


def _fault(key: str, own: Mapping[str, str], english: Mapping[str, str], lists: Mapping[str, set[str]]) -> str:
    if key not in english:
        return "English has no such sentence"
    if _placeholders(own[key]) != _placeholders(english[key]):
        return "other placeholders than in English"
    if own[key].count("**") % 2:
        return "** without its other half"
    if (item := _ITEM.fullmatch(key)) and not lists[item[1]] <= own.keys():
        return "not all of the list"
    return ""


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
