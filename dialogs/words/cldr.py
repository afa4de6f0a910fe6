"""The rules of each language as Unicode's CLDR has them, by Babel: plurals, numbers, dates and lists."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal

OTHER = "other"  # the form that every language has
_WHOLE = range(201)  # whole numbers that show every category that a count can have; of a million see optional below


@cache
def rules(language: str) -> Locale | None:
    """Of a folder's language; None for one that CLDR does not know."""
    return _parsed(language)


def regional(language: str, tag: str) -> Locale:
    """Those of the reader's region ("en-GB") where it speaks that language; of one that nobody knows, English ones."""
    found = _parsed(tag)
    own = language.partition("-")[0]
    return found if found and found.language == own else rules(language) or Locale("en")


def _parsed(tag: str) -> Locale | None:
    """A tag is the client's word."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, TypeError, UnknownLocaleError):
        return None


def category(count: int, locale: Locale) -> str:
    """Which form of a noun goes with a number."""
    return str(locale.plural_form(count))


def forms(language: str) -> dict[str, frozenset[int]]:
    """The categories that a counted noun needs in a language, each with small numbers that it stands for. `many` of
    French, Spanish and Portuguese is for millions alone, and is `other` until somebody writes it."""
    locale = rules(language)
    if locale is None:
        return {OTHER: frozenset()}
    counts = {
        name: frozenset(one for one in _WHOLE if category(one, locale) == name) for name in locale.plural_form.tags
    }
    return {name: numbers for name, numbers in counts.items() if numbers} | {OTHER: frozenset(_WHOLE)}


def possible(language: str) -> frozenset[str]:
    """All categories that CLDR names for it."""
    locale = rules(language)
    return frozenset({OTHER, *(locale.plural_form.tags if locale else ())})


def number(count: int, locale: Locale) -> str:
    """With the signs that group its digits."""
    return format_decimal(count, locale=locale)


def day(moment: date, locale: Locale) -> str:
    """A day."""
    return format_date(moment, "medium", locale=locale)


def moment(at: datetime, locale: Locale) -> str:
    """To the minute, in its own zone, which is named."""
    time, pattern = (
        format_time(at, "short", tzinfo=at.tzinfo, locale=locale),
        get_datetime_format("medium", locale=locale),
    )
    said = str(pattern).replace("'", "").replace("{0}", time).replace("{1}", day(at, locale))
    return f"{said} {at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else 'UTC'}"


def listed(names: Sequence[str], locale: Locale, *, more: bool = False) -> str:
    """One after another. `more`: the sentence goes on with how many are left out."""
    if not more:
        return format_list(names, "standard", locale)
    between = str(locale.list_patterns["standard"]["middle"])
    return between.replace("{0}", "").replace("{1}", "").join(names)
