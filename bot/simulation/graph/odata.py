"""The query options of Graph: $filter, $search, $orderby, pages and $select, refused where Graph refuses them."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from bot.simulation.graph.refusals import bad_request

MOST = 999  # $top

Json = dict[str, Any]
Test = Callable[[Json], bool]

_COMPARE = {"eq": eq, "ne": ne, "ge": ge, "gt": gt, "le": le, "lt": lt}
_TEXT = r"'(?:[^']|'')*'"
_TERM = re.compile(
    rf"(?P<name>\w+) (?P<compare>eq|ne|ge|gt|le|lt) (?P<value>{_TEXT}|[^\s()',]+)"
    rf"|(?P<among>\w+) in \((?P<values>{_TEXT}(?:, ?{_TEXT})*)\)"
    rf"|(?i:startswith)\((?P<prefixed>\w+), ?(?P<prefix>{_TEXT})\)"
    rf"|isof\((?P<type>{_TEXT})\)"
)
_SEARCH = re.compile(r'"(?P<name>\w+):(?P<words>[^"]+)"')
_WORD = re.compile(r"\w+")
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Options:
    """The query of one call. `eventual`: the header ConsistencyLevel is there."""

    given: Mapping[str, str]
    eventual: bool

    def get(self, name: str) -> str:
        """One option, without its dollar."""
        return self.given.get(f"${name}", "")

    @property
    def counted(self) -> bool:
        """$count=true."""
        return self.get("count").lower() == "true"


def check(options: Options, allowed: Iterable[str]) -> None:
    """No option that the path does not take, and none of the advanced ones without its header."""
    known = {f"${name}" for name in allowed}
    for name in options.given:
        if name.startswith("$") and name not in known:
            raise bad_request(f"Query option '{name}' is not allowed.")
    if options.get("search") and not options.eventual:
        raise bad_request(
            "Request with $search query parameter only works through MSGraph with a special request header: "
            "'ConsistencyLevel: eventual'",
            "Request_UnsupportedQuery",
        )
    advanced = " ne " in options.get("filter") or (options.get("filter") and options.get("orderby"))
    if advanced and "search" in allowed and not (options.eventual and options.counted):
        raise bad_request("Unsupported or invalid query filter clause specified.", "Request_UnsupportedQuery")


def select(options: Options, kind: str, properties: frozenset[str]) -> list[str]:
    """The names asked for; empty for all."""
    names = [name.strip() for name in options.get("select").split(",") if name.strip()]
    for name in names:
        if name not in properties:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                f"'microsoft.graph.{kind}'."
            )
    return names


def narrow(rows: list[Json], options: Options) -> list[Json]:
    """The rows that $filter and $search leave, in the order of $orderby."""
    tests = filter_tests(options.get("filter")) + _search_tests(options.get("search"))
    matching = [row for row in rows if all(test(row) for test in tests)]
    if order := options.get("orderby"):
        name, _, direction = order.partition(" ")
        matching.sort(key=lambda row: _plain(row.get(name)) or "", reverse=direction == "desc")
    return matching


def filter_tests(text: str) -> list[Test]:
    """One test for each term of a filter joined by `and`."""
    tests: list[Test] = []
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if not term:
            raise bad_request("Invalid filter clause", "Request_UnsupportedQuery")
        tests.append(_test(term))
        position = term.end()
        if position < len(text) and not text.startswith(" and ", position):
            raise bad_request("Invalid filter clause", "Request_UnsupportedQuery")
        position += len(" and ")
    return tests


def _test(term: re.Match[str]) -> Test:
    parts = term.groupdict()
    if parts["name"]:
        compare, wanted = _COMPARE[parts["compare"]], _value(parts["value"])
        return lambda row: _compares(compare, _plain(row.get(parts["name"])), wanted)
    if parts["among"]:
        among = {_value(one) for one in re.findall(_TEXT, parts["values"])}
        return lambda row: _plain(row.get(parts["among"])) in among
    if parts["prefixed"]:
        prefix = str(_value(parts["prefix"]))
        return lambda row: str(_plain(row.get(parts["prefixed"])) or "").startswith(prefix)
    return lambda row: row.get("@odata.type") == f"#{parts['type'][1:-1]}"


def _compares(compare: Callable[[Any, Any], bool], found: Any, wanted: Any) -> bool:
    try:
        return compare(found, wanted)
    except TypeError:  # null has no order
        return False


def _value(literal: str) -> Any:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'").lower()
    return _CONSTANTS.get(literal, int(literal) if literal.isdigit() else literal.lower())


def _plain(found: Any) -> Any:
    """Graph compares text without regard to case."""
    return found.lower() if isinstance(found, str) else found


def _search_tests(text: str) -> list[Test]:
    if not text:
        return []
    wanted = _SEARCH.fullmatch(text)
    if not wanted:
        raise bad_request(f"Syntax error: character ':' is not valid at position 0 in '{text}'.")
    words = _WORD.findall(wanted["words"].lower())

    def holds(row: Json) -> bool:
        """Each word begins a word of the name; parts in the middle are not found."""
        found = _WORD.findall(str(row.get(wanted["name"]) or "").lower())
        return all(any(one.startswith(word) for one in found) for word in words)

    return [holds]


@dataclass(frozen=True)
class ODataPage:
    """Some rows and the token of those that follow."""

    rows: list[Json]
    next_token: str


def page(rows: list[Json], options: Options, size: int) -> ODataPage:
    """The page that $top and $skiptoken ask for."""
    start, size = _offset(options.get("skiptoken")), _top(options.get("top"), size)
    end = start + size
    more = base64.urlsafe_b64encode(f"from {end}".encode()).decode() if end < len(rows) else ""
    return ODataPage(rows[start:end], more)


def _top(text: str, size: int) -> int:
    if not text:
        return size
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {MOST} inclusive.")
    return min(int(text), size)


def _offset(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from ")) if token else 0
    except (ValueError, binascii.Error):
        raise bad_request("The specified page token value is not valid.", "Directory_ExpiredPageToken") from None
