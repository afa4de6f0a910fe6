"""The words and templates of sentences that name groups, as each language has them, and templates as patterns."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

_PART = re.compile(r"\[[^\]]*\]|\S+")  # of a template
_WORD = re.compile(r"[\w'/-]+|:")
_OR = re.compile(r"(?<!/)/(?!/)")
_BLANK = r"(?:\s+|(?<!\S))"


class GroupWords(BaseModel):
    """Words and templates of one language; see dialogs/locales/en/groups.toml."""

    model_config = ConfigDict(extra="forbid")

    polite: tuple[str, ...] = ()
    thing: tuple[str, ...] = ()  # what groups are added to
    before_thing: tuple[str, ...] = ()
    end: tuple[str, ...] = ()  # small words after the last name
    day: tuple[str, ...] = ()  # days and months: a moment with a word before them, or with a time
    before_day: tuple[str, ...] = ()
    soon: tuple[str, ...] = ()  # a moment by itself
    group: tuple[str, ...] = ()  # small words before a name
    joining: tuple[str, ...] = ()
    everybody: tuple[str, ...] = ()  # all devices or users: no group, and nothing that the bot assigns to
    nobody: tuple[str, ...] = ()  # what is never the name of a group
    reason: tuple[str, ...] = ()
    saying: tuple[str, ...] = ()  # words that ask for something: in small letters they are never part of a name
    linking: tuple[str, ...] = ()  # nor are these, but they may stand in a remark
    contrast: tuple[str, ...] = ()  # words between two clauses that join no names
    include: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()  # templates that include too, but only what is written like a name
    exclude: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()  # "except NAMES": excludes where something is included, and says nothing alone
    exclude_capitals: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    remove_capitals: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # questions that name groups and ask for nothing to be done


def either(words: Iterable[str]) -> str:
    """One of these, the longest first; a pattern that fits nothing where there is none."""
    listed = sorted(set(words), key=len, reverse=True)
    either = "|".join(r"\s+".join(map(re.escape, word.split())) for word in listed) or r"(?!)"
    return either.replace("'", "['’]")  # phones write the second


@dataclass(frozen=True, slots=True)
class Template:
    """`needs`: words of which one stands in whatever fits, told faster than by trying."""

    pattern: re.Pattern[str]
    needs: frozenset[str]


def compiled(template: str, thing: str) -> Template:
    """`thing`: a pattern of what groups are added to."""
    pattern = re.compile("".join(_parts(template, thing)) + r"[\s,.;!?)]{0,3}\Z", re.IGNORECASE)
    sure = next(part for part in _PART.findall(template) if part[0] != "[" and part not in {"NAMES", "THING"})
    return Template(pattern, frozenset(words_of(word)[0] for word in _either_of(sure)))


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, as `needs` has them."""
    return _WORD.findall(text.lower().replace("’", "'"))


def _parts(template: str, thing: str) -> Iterator[str]:
    """Each word with the blanks before it, so that what is missing leaves none."""
    for part in _PART.findall(template):
        if part[0] == "[":
            yield f"(?:{''.join(_parts(part[1:-1], thing))})?"
        elif part == "NAMES":
            yield rf"{_BLANK}(?P<names>\S.*?)"
        else:
            yield rf"{_BLANK}(?:{thing if part == 'THING' else _alternatives(part)})(?!\w)"


def _alternatives(words: str) -> str:
    return either(_either_of(words))


def _either_of(words: str) -> list[str]:
    return [word.replace("_", " ").replace("//", "/") for word in _OR.split(words)]
