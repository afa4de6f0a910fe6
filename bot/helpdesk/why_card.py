"""Why one PC is covered or not, source by source and group by group, and what would change that. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, product
from zoneinfo import ZoneInfo

from bot.chat.command import Arguments
from bot.chat.notices import at, shortened, told_apart
from bot.pin_reset import device_facts
from bot.reset_rules.facts import Device, DeviceKind, Management, is_stale
from bot.reset_rules.sources import RecoverySource, Target, TargetKind
from bot.reset_rules.why import Evidence, match, remedies
from bot.tenant import FoundPcs, PcChoice
from dialogs.words.replies import Ask, Button, Choice, Details, Fact, Literal, Say, Section, Text

WHY = "desk.why"
MOST_SOURCES = 8  # that anybody reads; those that reach the PC come first
MOST_TARGETS = 8  # of one of them; those that the PC or its user is in come first
MOST_PAIRS = 3

_GROUPS = frozenset({TargetKind.GROUP, TargetKind.EXCLUDED_GROUP})
_REACH = {True: "yes", False: "no", None: "unknown"}
_FILTER = "deviceAndAppManagementAssignmentFilterId"

Reach = Sequence[tuple[RecoverySource, bool | None]]


class WhyArguments(Arguments):
    """`pc`: a name. `device`: a reference, where several have that name. `choice`: both, from a list."""

    pc: str = ""
    device: str = ""
    choice: str = ""

    @property
    def wanted(self) -> tuple[str, str]:
        """Name and reference."""
        reference, _, name = self.choice.partition(" ")
        return (name, reference) if name else (self.pc, self.device)


def choose(found: FoundPcs, name: str, zone: ZoneInfo | None = None) -> Ask:
    """One of several: by name, owner and last contact."""
    more = (Text("why.which.more"),) if found.more else ()
    return Ask(
        title=Text("why.which.title"),
        paragraphs=(Text(f"why.which.{'exact' if found.exact else 'near'}", {"name": shortened(name)}), *more),
        label=Text("why.which.label"),
        choices=tuple(Choice(_choice(one, zone), _value(one, exact=found.exact)) for one in found.choices),
        send=Button(Text("button.why"), WHY, main=True),
    )


def _value(one: PcChoice, *, exact: bool) -> str:
    """A reference tells those of one name apart; what is only like the name is looked up by its own."""
    return f"{one.reference if exact else ''} {one.name}"


def _choice(one: PcChoice, zone: ZoneInfo | None) -> Text:
    seen = {"date": at(one.last_seen, zone)} if one.last_seen else {}
    owner = {"owner": shortened(one.owner)} if one.owner else {}
    kind = f"{'owned' if owner else 'plain' if one.owner is None else 'unowned'}_{'seen' if seen else 'unseen'}"
    return Text(f"why.choice.{kind}", {"name": shortened(one.name), **owner, **seen})


def nothing(name: str) -> Say:
    """No PC is called like that."""
    return Say(Text("why.nothing.title"), (Text("why.nothing.text", {"name": shortened(name)}),))


def told(found: FoundPcs, evidence: Evidence, now: datetime, zone: ZoneInfo | None = None) -> Details:
    """The verdict, what would change it, then everything that it follows from."""
    device = evidence.device
    again = WhyArguments(pc=device.name, device=device.reference)
    return Details(
        title=Text(f"why.title.{device.recovery}", {"pc": device_facts.named(device).text}),
        status=Text(f"desk.covered.{device.recovery}"),
        tone=device_facts.TONES[device.recovery],
        sections=(
            Section(Text("why.changes"), tuple(Text(f"why.change.{one}") for one in remedies(evidence, now))),
            *_conflicts(evidence),
            *(replace(one, folded=True) for one in _all(found, evidence, now, zone)),
        ),
        rest=Text("why.rest"),
        buttons=(again.button(Text("button.refresh"), WHY),),
        footnotes=(Text("why.promise"), Text("status.as_of", {"time": at(now, zone)})),
    )


def _all(found: FoundPcs, evidence: Evidence, now: datetime, zone: ZoneInfo | None) -> Iterator[Section]:
    """What the verdict follows from."""
    device, owner = evidence.device, found.choices[0].owner
    named = Literal(shortened(owner)) if owner else Text(f"why.no_owner.{_unnamed(owner)}")
    yield from _sources(found, evidence)
    facts = (*device_facts.facts(device), Fact(Text("why.owner"), named))
    yield Section(Text("why.pc"), tuple(_of_pc(evidence, device, now, zone)), facts=facts)
    consent = evidence.apps.consent if evidence.apps else "none"
    yield Section(Text("why.consent"), (Text(f"why.consented.{consent}"),))


def _unnamed(owner: str | None) -> str:
    return "not_read" if owner is None else "none"


def _of_pc(evidence: Evidence, device: Device, now: datetime, zone: ZoneInfo | None) -> Iterator[Text]:
    yield Text(f"why.management.{device.management}")
    if device.kind is not DeviceKind.PC:
        yield Text(f"why.kind.{device.kind}")
    if device.last_seen is None:
        yield Text("why.contact.never")
    else:
        stale = "old" if is_stale(device.last_seen, now) else "recent"
        yield Text(f"why.contact.{stale}", {"date": at(device.last_seen, zone)})
    if not evidence.owner and device.management is not Management.NONE:
        yield Text("why.nobodys")


def _sources(found: FoundPcs, evidence: Evidence) -> Iterator[Section]:
    """Those that reach it first, then what may, then the rest."""
    if evidence.sources is None:
        yield Section(Text("why.sources"), (Text("why.sources_unread"),))
        return
    reach = _reach(evidence)
    if not reach:
        yield Section(Text("why.sources"), (Text("why.no_source"),))
    for source, met in reach[:MOST_SOURCES]:
        yield Section(Text(f"why.source.{source.kind}"), tuple(_source(source, met, found, evidence)))
    if left := len(reach[MOST_SOURCES:]):
        yield Section(Text("why.more_sources", {"count": left}))


def _reach(evidence: Evidence) -> Reach:
    return sorted(evidence.reach, key=lambda one: (one[1] is False, one[1] is None, not one[0].is_right))


def _conflicts(evidence: Evidence) -> Iterator[Section]:
    """A setting that contradicts itself is told with its source."""
    met = [source for source, reached in _reach(evidence) if reached]
    on, off = ([one for one in met if any(told is value for _, told in one.sets)] for value in (True, False))
    pairs = ((one, other) for one, other in product(on, off) if one is not other)
    said = [
        Text("why.conflict", {"on": shortened(one.label), "off": shortened(other.label)})
        for one, other in islice(pairs, MOST_PAIRS)
    ]
    if said:
        yield Section(Text("why.conflicts"), tuple(said))


def _source(source: RecoverySource, met: bool | None, found: FoundPcs, evidence: Evidence) -> Iterator[Text | Literal]:
    if source.id:
        yield Literal(source.label)
    yield Text(f"why.value.{source.value}")
    yield Text(f"why.reach.{_REACH[met]}")
    if source.targets is None:
        yield Text("why.target.unread")
        return
    targets = sorted(_targets(source, found, evidence), key=lambda one: one[0])
    for _, lines in targets[:MOST_TARGETS]:
        yield from lines
    if left := len(targets[MOST_TARGETS:]):
        yield Text("why.target.more", {"count": left})
    if not targets:
        yield Text("why.target.nobody")


def _targets(source: RecoverySource, found: FoundPcs, evidence: Evidence) -> Iterator[tuple[bool, tuple[Text, ...]]]:
    """Each row of the assignment in words; False sorts what concerns this PC first."""
    names = told_apart(found.groups)
    for target, row in zip(source.targets or (), source.assignments or (), strict=True):
        matched = match(target, evidence.member)
        filter_id = str((row.get("target") or {}).get(_FILTER) or "").lower()
        narrowed = Text("why.filter", {"filter": shortened(found.filters.get(filter_id) or _tail(filter_id))})
        in_set = (Text("why.policy_set"),) if target.from_policy_set else ()
        lines = (_target(target, matched, names), *((narrowed,) if target.filtered else ()), *in_set)
        yield target.kind in _GROUPS and matched == "neither", lines


def _target(target: Target, matched: str, names: Mapping[str, str]) -> Text:
    if target.kind not in _GROUPS:
        return Text(f"why.target.{target.kind}")
    name = names.get(target.group_id) or _tail(target.group_id)
    return Text(f"why.target.{target.kind}.{matched}", {"group": name})


def _tail(one: str) -> str:
    return f"…{one[-12:]}"
