"""What is wrong with the words of the locales: found at the start and by whoever adds some, not amid a turn."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter

from dialogs.words import answers, cldr, texts
from dialogs.words.texts import COUNT, FALLBACK

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
        if cldr.rules(language) is None:
            yield f"{language}: no language that CLDR knows; name the folder by its tag, such as nl or pt-br"
            continue
        own = said(language)
        yield from (f"{language}: {key}: {what}" for key in own if (what := _fault(key, own, english, lists)))
        yield from (f"{language}: {noun}: {what}" for noun in _nouns(own) if (what := _forms(noun, own, language)))


def lacking(language: str) -> frozenset[str]:
    """The sentences and answers that only English has."""
    return texts.lacking(said(language), said(FALLBACK))


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


def _nouns(own: Mapping[str, str]) -> list[str]:
    return sorted({key.rpartition(".")[0] for key in own if key.startswith(COUNT)})


def _forms(noun: str, own: Mapping[str, str], language: str) -> str:
    """A form that stands for one number alone may say that without digits ("Once")."""
    found = {key.removeprefix(f"{noun}."): _placeholders(own[key]) for key in own if key.startswith(f"{noun}.")}
    needed = cldr.forms(language)
    if strange := sorted(found.keys() - cldr.possible(language)):
        return f"{', '.join(strange)}: no form that {language} has"
    if missing := sorted(needed.keys() - found.keys()):
        return f"lacks the form {', '.join(missing)}"
    spoken = {name for name, numbers in needed.items() if len(numbers) == 1}
    wrong = [name for name, used in found.items() if used - {"count"} or not (used or name in spoken)]
    return f"{', '.join(wrong)}: other placeholders than {{count}}" if wrong else ""


def _fault(key: str, own: Mapping[str, str], english: Mapping[str, str], lists: Mapping[str, set[str]]) -> str:
    if (f"{key.rpartition('.')[0]}.{cldr.OTHER}" if key.startswith(COUNT) else key) not in english:
        return "English has no such sentence"
    if not key.startswith(COUNT) and _placeholders(own[key]) != _placeholders(english[key]):
        return "other placeholders than in English"
    if own[key].count("**") % 2:
        return "** without its other half"
    if (item := _ITEM.fullmatch(key)) and not lists[item[1]] <= own.keys():
        return "not all of the list"
    return ""


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
