"""Which groups a sentence names, on which side, and the reason: what stands between the key words, as it was written.

The names of a tenant's groups are not known here. Quotation marks hold a name together.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import dropwhile, pairwise

from dialogs.understanding.files import each_language
from dialogs.understanding.groups.clauses import Break, ClauseKind, clauses_of, like_names, segment_after
from dialogs.understanding.groups.moments import Moments
from dialogs.understanding.groups.templates import GroupWords, compiled, either, words_of
from dialogs.understanding.groups.tickets import cut_first, cut_later

MOST_WORDS = 12  # of a name without quotation marks
MOST_NAME = 256  # characters: Entra allows no longer display name
MOST_CLAUSES = 60  # where one may end: a text with more is no command

_QUOTED = re.compile(r"\"([^\"]+)\"|[“„]([^“”„]+)[“”]|«([^»]+)»|(?<!\w)['‘]([^'’]+)['’](?!\w)")
_NO_MARKS = {2: None, 3: None}  # around the number of what is held
_HELD = re.compile("\x02(\\d+)\x03")
_ARROW = re.compile(r"\s*(?:->|=>|-->|==>|→|⇒)\s*")
_MANY_MARKS = re.compile(r"[.!?,;:–—-]{3,}")  # a long run would be tried from each of its places
_STRONG = re.compile(r"[.;!?]")  # what ends more than an item of a list
_CAPITAL = re.compile(r"(?<![\w'])(?!I\b)[A-Z]")
_VERB_FIRST = re.compile(r"(?:\[[^\]]*\]\s*)*(?!NAMES|\[)\S")
_TEMPLATES = ("include", "capitals", "exclude", "exclude_capitals", "remove", "remove_capitals", "asked")
_EDGE = " \t\n,.;:!?()-–—"


@dataclass(frozen=True, slots=True)
class Named:
    """Groups as written; none when a change was asked for without naming any. `remove`: they are to be taken off.
    `when`: as it was written, too."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    reason: str = ""
    remove: bool = False
    when: str = ""


class Sentences:
    """The templates of all languages, compiled."""

    def __init__(self, spoken: Iterable[GroupWords]) -> None:
        spoken = tuple(spoken)
        words = {
            name: either(word for one in spoken for word in getattr(one, name)) for name in GroupWords.model_fields
        }
        self._polite = re.compile(rf"(?:(?:{words['polite']})(?![\w'])[\s,:!.]*)+", re.IGNORECASE)
        self._small = re.compile(rf"(?:(?:{words['group']})\s+)+", re.IGNORECASE)
        self._nobody = re.compile(rf"(?:{words['nobody']})(?!\w)", re.IGNORECASE)
        self._everybody = re.compile(rf"(?<!\w)(?:{words['everybody']})(?!\w)", re.IGNORECASE)
        self._saying = re.compile(rf"(?<![\w-])(?:{words['saying']})(?![\w-])")
        self._linking = re.compile(rf"(?<![\w-])(?:{words['linking']})(?![\w-])")
        joining = rf"(?:{words['joining']})"
        self._dangling = re.compile(
            rf"(?:(?<![\s,;.])[\s,;.]+(?:{joining}|{words['contrast']}))+[\s,;.]*\Z", re.IGNORECASE
        )
        self._joining = re.compile(rf"\s*[,;\n]\s*(?:{joining}\s)?|\s{joining}\s|(?<=\x03)\s(?=\x02)", re.IGNORECASE)
        self._break = re.compile(
            rf"\s?[.;!?]+\s(?:{joining}\s)?|\s?,\s?(?:{joining}\s)?|\s(?P<joining>{joining})\s"
            rf"|\s(?=(?:{words['contrast']})\s)",
            re.IGNORECASE,
        )
        self._reason = re.compile(
            rf"(?:^|[\s,.;:(–-])(?:(?:with|the|my)\s+){{0,3}}(?:{words['reason']})(?!\w)[\s:.]*"
            rf"(?:(?:is|no|number|nr)(?!\w)[\s:.]*)?(?P<reason>\S.*)",
            re.IGNORECASE | re.DOTALL,
        )
        thing = rf"(?:(?:{words['before_thing']})\s+){{0,5}}(?:{words['thing']})"
        self._thing = re.compile(thing, re.IGNORECASE)
        end = rf"[\s,.;!?-]{{0,3}}(?<!\w)(?:{words['end']})(?!\w)"
        self._after = re.compile(rf"(?:{end}){{1,4}}[\s,.;!?)]{{0,3}}\Z", re.IGNORECASE)
        self._moments = Moments(words["day"], words["before_day"], words["soon"], words["end"])
        self._templates = {
            name: [compiled(template, thing) for one in spoken for template in getattr(one, name)]
            for name in _TEMPLATES
        }
        self._looked_at = lru_cache(maxsize=100)(self._look)  # templates of six kinds are tried on each clause
        inside = (template for one in spoken for template in (*one.besides, *one.exclude))
        # One that begins with names would be tried from every word.
        self._inside = [compiled(template, thing) for template in inside if _VERB_FIRST.match(template)]

    def read(self, text: str) -> Named | None:
        """The groups that a change was asked for, or None where none was.

        Named without any where a change was asked for and not all of it is understood: half of it would mislead.
        """
        held: list[str] = []
        text = _QUOTED.sub(lambda found: _hold(found, held), text.translate(_NO_MARKS))
        text = _ARROW.sub(" to ", _MANY_MARKS.sub(". ", text)).replace(":", " : ")
        rest, reason = self._cut_reason(" ".join(text.split()), held)
        rest, when = self._moments.cut(rest)
        named = self._whole(rest, held) or self._clauses(rest, held)
        return replace(named, reason=_shown(reason, held), when=when) if named else None

    def asked(self, text: str) -> tuple[str, ...]:
        """The groups that a question is about: is it assigned, was it added. None where something else is asked."""
        held: list[str] = []
        text = _QUOTED.sub(lambda found: _hold(found, held), text.translate(_NO_MARKS))
        rest = cut_later(" ".join(_MANY_MARKS.sub(". ", text).split()))[0]
        return self._first("asked", self._bare(rest.lstrip("¿")), held) or ()

    def are_everybody(self, named: Named | None, text: str) -> bool:
        """Whether all devices or all users are meant, in the place of groups or where none is named."""
        names = (*named.include, *named.exclude) if named else ()
        return any(map(self._everybody.fullmatch, names)) or (not names and self._everybody.search(text) is not None)

    def _whole(self, rest: str, held: list[str]) -> Named | None:
        """One clause, a remark before it aside."""
        tries = [rest, rest.replace(" : ", " ")]
        for between in (" : ", ", "):
            before, _, after = rest.partition(between)
            if after and self._is_remark(before):
                tries.append(after)
        bare = dict.fromkeys(said for one in tries for said in (self._bare(one), one.strip(_EDGE)))
        found = (self._named(one, held) for one in bare if one)
        return next((one for one in found if one is not None), None)

    def _named(self, rest: str, held: list[str]) -> Named | None:
        if names := self._either_way("remove", "remove_capitals", rest, held):
            return Named(include=names, remove=True)
        if excluded := self._either_way("exclude", "exclude_capitals", rest, held):
            return Named(exclude=excluded)
        included, excluded = self._sides(rest, held)
        return None if included is None else Named(included, excluded)

    def _sides(self, rest: str, held: list[str]) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """Included (None: not a word of it) and what follows as excluded."""
        said, ends = self._looked_at(rest)
        fitting = (one.pattern for one in self._inside if not one.needs.isdisjoint(said))
        for found in (found for one in fitting for text in ends if (found := one.search(text))):
            if excluded := self._names(found["names"], held):
                return self._included(self._bare(rest[: found.start()]), held), excluded
        return self._included(rest, held), ()

    def _look(self, text: str) -> tuple[frozenset[str], tuple[str, ...]]:
        """The words of a text; and it without what is said after an order ("please", "thanks"), and whole: that may be
        a name's end."""
        after = self._after.search(text)
        return frozenset(words_of(text)), (text[: after.start()], text) if after else (text,)

    def _included(self, text: str, held: list[str]) -> tuple[str, ...] | None:
        return self._either_way("include", "capitals", text, held)

    def _either_way(self, sure: str, capitals: str, text: str, held: list[str]) -> tuple[str, ...] | None:
        """By templates that say enough, or by those that need names that look like names."""
        names = self._first(sure, text, held)
        if names is None and (written := self._first(capitals, text, held)) and like_names(written):
            return written
        return names

    def _first(self, kind: str, text: str, held: list[str]) -> tuple[str, ...] | None:
        said, ends = self._looked_at(text)
        fitting = (one.pattern for one in self._templates[kind] if not one.needs.isdisjoint(said))
        matches = (match for one in fitting for said in ends if (match := one.fullmatch(said)))
        named = (self._names(match["names"], held) for match in matches)
        return next((names for names in named if names is not None), None)

    def _clauses(self, rest: str, held: list[str]) -> Named | None:
        """Several clauses: each is understood or says nothing, else nothing is."""
        breaks = list(self._breaks(rest))
        if not 0 < len(breaks) < MOST_CLAUSES:
            return None
        kinds = [self._kind(text, held) for text in clauses_of(rest, breaks)]
        if all(kind is ClauseKind.LISTS for kind in kinds):
            return None
        cuts, clear = self._cut(rest, breaks, kinds, held)
        read = [(text, self._whole(text, held)) for text in clauses_of(rest, cuts)]
        known = [named for _, named in read if named]
        if not known and self._is_remark(rest):
            return None
        clear = clear and all(named or self._is_remark(text) for text, named in read)
        return _together(known) if clear and known else Named()

    def _cut(
        self, rest: str, breaks: list[Break], kinds: list[ClauseKind], held: list[str]
    ) -> tuple[list[Break], bool]:
        """Where clauses end, and whether that is clear: in "assign A, B, C stay out" it is not."""
        cuts: list[Break] = []
        inner: list[Break] = []  # of the clause that goes on
        begin, clear = 0, True
        for here, (before, kind) in zip(breaks, pairwise(kinds), strict=True):
            cut = here if before is ClauseKind.ENDS or kind is ClauseKind.BEGINS else None
            if kind is ClauseKind.ENDS and not cut and self._whole(rest[begin : here.end], held):
                strong = next((one for one in reversed(inner) if one.strong), None)
                cut = here if here.strong or not strong else strong
                clear = clear and (cut.strong or not inner or (inner[-1].joining and not here.joining))
            if cut:
                cuts.append(cut)
                begin, inner = cut.start, [one for one in inner if one.start > cut.start]
            if cut is not here:
                inner.append(here)
        return cuts, clear

    def _breaks(self, text: str) -> Iterator[Break]:
        for match in self._break.finditer(text):
            strong = bool(_STRONG.search(match[0])) or not match[0].strip()
            yield Break(match.start(), match.end(), strong, match["joining"] is not None)

    def _kind(self, segment: str, held: list[str]) -> ClauseKind:
        named = self._whole(segment, held)
        if not named:
            return ClauseKind.LISTS
        first = next(iter((*named.include, *named.exclude)), None)
        bare = self._bare(segment)
        start = _shown(self._small.sub("", bare, count=1) if self._small.match(bare) else bare, held)
        return ClauseKind.ENDS if first and start.startswith(first) else ClauseKind.BEGINS

    def _asks(self, text: str, held: list[str]) -> bool:
        bare = self._bare(text)
        return any(self._first(kind, bare, held) for kind in ("exclude", "include", "remove"))

    def _names(self, listed: str, held: list[str]) -> tuple[str, ...] | None:
        """None where it names nobody's group, empty where it names only what groups are added to."""
        if self._thing.fullmatch(listed.strip(_EDGE)):
            return ()
        parts = [part for part in self._joining.split(listed) if part.strip(_EDGE)]
        if any(self._says_more(part) for part in parts) or any(self._asks(part, held) for part in parts[1:]):
            return None
        names = tuple(filter(None, (self._name(part, held) for part in parts)))
        plain = all(len(name.split()) <= MOST_WORDS and not self._nobody.match(self.bare(name)) for name in names)
        return names if names and (plain or held) and all(len(name) <= MOST_NAME for name in names) else None

    def _says_more(self, part: str) -> bool:
        """Whether it is more than one name: words of a sentence stand in it, outside of quotation marks."""
        said, quoted = _HELD.subn("", part)
        return quoted > 1 or bool(self._saying.search(said) or self._linking.search(said))

    def _is_remark(self, text: str) -> bool:
        """Whether nothing is lost with it: it asks for nothing and holds nothing that is written like a name."""
        return not (self._saying.search(text) or _HELD.search(text) or _CAPITAL.search(text.strip(_EDGE)[1:]))

    def _name(self, part: str, held: list[str]) -> str:
        if quoted := _HELD.search(part):
            return held[int(quoted[1])]
        part = part.strip(_EDGE)
        small = self._small.match(part)
        if small is None:
            return part
        # "Group Finance" may be its name: see `bare`.
        kept = "".join(dropwhile(str.islower, re.findall(r"\S+\s+", small[0])))
        return f"{kept}{part[small.end() :]}".removesuffix(" groups").removesuffix(" group")

    def bare(self, name: str) -> str:
        """A name without the small words that it begins with: what is looked for where nothing has the whole name."""
        return self._small.sub("", name, count=1) or name

    def _cut_reason(self, text: str, held: list[str]) -> tuple[str, str]:
        """What is left, and the reason: a ticket, what follows a word for it, or both."""
        text, ticket = cut_first(text)
        if match := self._reason.search(text):
            text, reason = self._without_wishes(text[: match.start()], match["reason"], held)
            return text, ", ".join(filter(None, (ticket, reason)))
        return (text, ticket) if ticket else cut_later(text)

    def _without_wishes(self, before: str, reason: str, held: list[str]) -> tuple[str, str]:
        """What a reason goes on to ask for is no reason."""
        breaks = list(self._breaks(reason))
        asked = (one for at, one in enumerate(breaks) if self._asks(segment_after(reason, breaks, at), held))
        if one := next(asked, None):
            before, reason = f"{before}, {reason[one.start :]}", reason[: one.end]
        return before, reason.strip(_EDGE)

    def _bare(self, text: str) -> str:
        text = self._dangling.sub("", f"{text} ").strip(_EDGE)
        return self._polite.sub("", text, count=1).strip(_EDGE) if self._polite.match(text) else text


@cache
def sentences() -> Sentences:
    """The sentences that name groups, of all languages."""
    return Sentences(each_language("groups.toml", GroupWords))


def _together(known: list[Named]) -> Named:
    """One change of all clauses; nothing where they want two: groups come or they go."""
    if any(one.remove for one in known) and not all(one.remove for one in known):
        return Named()
    include = dict.fromkeys(name for one in known for name in one.include)
    exclude = dict.fromkeys(name for one in known for name in one.exclude)
    return Named(tuple(include), tuple(exclude), remove=known[0].remove)


def _hold(found: re.Match[str], held: list[str]) -> str:
    held.append(next(filter(None, found.groups())).strip())
    return f"\x02{len(held) - 1}\x03"


def _shown(text: str, held: list[str]) -> str:
    return _HELD.sub(lambda found: held[int(found[1])], text).replace(" : ", ": ")
