"""Which groups a sentence names, on which side, and the reason: what stands between the key words, as it was written.

The names of a tenant's groups are not known here. Quotation marks hold a name together.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict

LONGEST = 400  # characters of a sentence that is read: longer ones are no command
MOST_WORDS = 8  # of a name without quotation marks
MOST_NAME = 256  # characters: Entra allows no longer display name

_QUOTED = re.compile(r"\"([^\"]+)\"|[“„]([^“”„]+)[“”]|«([^»]+)»|(?<!\w)['‘]([^'’]+)['’](?!\w)")
_NO_MARKS = {2: None, 3: None}  # around the number of what is held
_HELD = re.compile("\x02(\\d+)\x03")
_TICKET = r"(?-i:[A-Z]{2,10}(?:-\d+|\d{3,}))"
_TICKET_FIRST = re.compile(
    rf"(?:(?:for|per|under|re|ref|as per)\s)?(?:(?:ticket|change|request|incident)\s)?"
    rf"(?P<reason>{_TICKET})[\s:,.–-]+(?P<rest>.+)",
    re.IGNORECASE,
)
_TICKET_LAST = re.compile(rf"(?P<rest>.+?)[\s,.:(\[–-]+(?P<reason>{_TICKET})\W*")
_PART = re.compile(r"\[[^\]]*\]|\S+")  # of a template
_BLANK = r"(?:\s+|(?<!\S))"
_EDGE = " \t\n,.;:!?()-–—"


class Groups(BaseModel):
    """Words and templates of one language; see dialogs/locales/en/wishes.toml."""

    model_config = ConfigDict(extra="forbid")

    polite: tuple[str, ...] = ()
    thing: tuple[str, ...] = ()  # what groups are added to
    before_thing: tuple[str, ...] = ()
    end: tuple[str, ...] = ()  # small words after the last name
    group: tuple[str, ...] = ()  # small words before a name
    joining: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()  # what is never the name of a group
    reason: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()  # templates that include too, but only what is written like a name
    exclude: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()  # "except NAMES": excludes where something is included, and says nothing alone
    remove: tuple[str, ...] = ()
    remove_capitals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """Groups as written; none when a change was asked for without naming any. `remove`: they are to be taken off."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    reason: str = ""
    remove: bool = False


class Sentences:
    """The templates of all languages, compiled."""

    def __init__(self, spoken: Iterable[Groups]) -> None:
        spoken = tuple(spoken)
        words = {name: _either(word for one in spoken for word in getattr(one, name)) for name in Groups.model_fields}
        self._polite = re.compile(rf"(?:(?:{words['polite']})(?![\w'])[\s,:!.]*)+", re.IGNORECASE)
        self._small = re.compile(rf"(?:(?:{words['group']})\s+)+", re.IGNORECASE)
        self._nobody = re.compile(rf"(?:{words['nobody']})(?!\w)", re.IGNORECASE)
        self._dangling = re.compile(rf"(?:[\s,;.]+(?:{words['joining']}|but))+[\s,;.]*$", re.IGNORECASE)
        self._joining = re.compile(
            rf"\s*[,;\n]\s*(?:(?:{words['joining']})\s)?|\s(?:{words['joining']})\s", re.IGNORECASE
        )
        self._reason = re.compile(
            rf"(?P<rest>.*?)(?:^|[\s,.;:(–-])(?:(?:with|the|my)\s+)*(?:{words['reason']})(?!\w)[\s:.]*"
            rf"(?:(?:is|no|number|nr)(?!\w)[\s:.]*)?(?P<reason>.+)",
            re.IGNORECASE | re.DOTALL,
        )
        thing = rf"(?:(?:{words['before_thing']})\s+)*(?:{words['thing']})"
        self._thing = re.compile(thing, re.IGNORECASE)
        after = rf"(?:[\s,.;!?-]*(?<!\w)(?:{words['end']})(?!\w))*[\s,.;!?)]*"
        self._templates = {
            name: [_compiled(template, thing, after) for one in spoken for template in getattr(one, name)]
            for name in ("include", "capitals", "exclude", "besides", "remove", "remove_capitals")
        }

    def read(self, text: str) -> Named | None:
        """The groups that a change was asked for, or None where none was."""
        held: list[str] = []
        text = text[:LONGEST].translate(_NO_MARKS)
        text = _QUOTED.sub(lambda found: _hold(found, held), text).replace(":", " : ")
        rest, reason = self._cut_reason(" ".join(text.split()))
        tries = dict.fromkeys((rest, rest.replace(" : ", " "), rest.partition(" : ")[2], rest.partition(", ")[2]))
        found = (self._named(self._bare(one), held) for one in tries if one)
        named = next((one for one in found if one is not None), None)
        return replace(named, reason=_shown(reason, held)) if named else None

    def _named(self, rest: str, held: list[str]) -> Named | None:
        if names := self._either_way("remove", "remove_capitals", rest, held):
            return Named(include=names, remove=True)
        included, excluded = self._sides(rest, held)
        return None if included is None and not excluded else Named(included or (), excluded)

    def _sides(self, rest: str, held: list[str]) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """Included (None: not a word of it) and excluded."""
        for kind in ("exclude", "besides"):
            for template in self._templates[kind]:
                if (found := template.search(rest)) and (excluded := self._names(found["names"], held)):
                    before = self._bare(rest[: found.start()])
                    included = self._included(before, held)
                    alone = not before and kind == "exclude"
                    return (included, excluded) if included is not None or alone else (None, ())
        return self._included(rest, held), ()

    def _included(self, text: str, held: list[str]) -> tuple[str, ...] | None:
        return self._either_way("include", "capitals", text, held)

    def _either_way(self, sure: str, capitals: str, text: str, held: list[str]) -> tuple[str, ...] | None:
        """By templates that say enough, or by those that need names that look like names."""
        names = self._first(sure, text, held)
        if names is None and (written := self._first(capitals, text, held)) and _like_names(written):
            return written
        return names

    def _first(self, kind: str, text: str, held: list[str]) -> tuple[str, ...] | None:
        matches = (match for one in self._templates[kind] if (match := one.fullmatch(text)))
        named = (self._names(match["names"], held) for match in matches)
        return next((names for names in named if names is not None), None)

    def _names(self, listed: str, held: list[str]) -> tuple[str, ...] | None:
        """None where it names nobody's group, empty where it names only what groups are added to."""
        if self._thing.fullmatch(listed.strip(_EDGE)):
            return ()
        names = tuple(filter(None, (self._name(part, held) for part in self._joining.split(listed))))
        plain = all(len(name.split()) <= MOST_WORDS and not self._nobody.match(name) for name in names)
        return names if names and (plain or held) else None

    def _name(self, part: str, held: list[str]) -> str:
        if quoted := _HELD.search(part):
            return held[int(quoted[1])][:MOST_NAME]
        part = part.strip(_EDGE)
        bare = self._small.sub("", part, count=1) if self._small.match(part) else part
        return bare.removesuffix(" groups").removesuffix(" group")[:MOST_NAME] if bare != part else part[:MOST_NAME]

    def _cut_reason(self, text: str) -> tuple[str, str]:
        for pattern in (_TICKET_FIRST, self._reason, _TICKET_LAST):
            if found := pattern.fullmatch(text):
                return found["rest"], found["reason"].strip(_EDGE)
        return text, ""

    def _bare(self, text: str) -> str:
        text = self._dangling.sub("", f"{text} ").strip(_EDGE)
        return self._polite.sub("", text, count=1).strip(_EDGE) if self._polite.match(text) else text


def _hold(found: re.Match[str], held: list[str]) -> str:
    held.append(next(filter(None, found.groups())).strip())
    return f"\x02{len(held) - 1}\x03"


def _shown(text: str, held: list[str]) -> str:
    return _HELD.sub(lambda found: held[int(found[1])], text).replace(" : ", ": ")


def _like_names(names: Iterable[str]) -> bool:
    return all(name.istitle() or name.isupper() or (name[:1].isupper() and len(name.split()) == 1) for name in names)


def _either(words: Iterable[str]) -> str:
    """One of these, the longest first; a pattern that fits nothing where there is none."""
    listed = sorted(set(words), key=len, reverse=True)
    return "|".join(r"\s+".join(map(re.escape, word.split())) for word in listed) or r"(?!)"


def _compiled(template: str, thing: str, after: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(template, thing)) + after + r"\Z", re.IGNORECASE)


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
    return _either(word.replace("_", " ") for word in words.split("/"))
