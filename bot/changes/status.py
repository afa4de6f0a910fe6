"""Where the rollout stands, step by step, and what is missing next."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from zoneinfo import ZoneInfo

from bot.approvals.freeze import halt_notices
from bot.approvals.kind import ChangeArguments
from bot.changes import tenant_state
from bot.changes.assign_effect import GroupSize, notes, sized
from bot.changes.consent import NAMES
from bot.changes.elsewhere import clash
from bot.changes.groups import MOST_CHANGED, members, to_form
from bot.changes.rollout_status import TONES, Missing, RolloutStatus, checklist, rollout_status
from bot.changes.services import ChangeServices
from bot.changes.tenant_state import Row, Rows
from bot.chat.command import Answer, Arguments, Asked, Command, For, reading
from bot.chat.notices import at, shortened, told_apart
from bot.errors import BotError
from bot.reset_rules.builds import is_outdated
from bot.reset_rules.conflicts import Conflict, conflicts
from bot.reset_rules.facts import Apps
from bot.reset_rules.sources import (
    RecoverySource,
    SourceKind,
    TargetKind,
    Value,
    is_from_policy_set,
    target,
)
from bot.tenant import Group, Overview
from dialogs.understanding.windows import AS_OF
from dialogs.words.replies import Button, Details, Section, Share, Text, Tone

ONBOARD = Button(Text("button.onboard_consent"), "consent.preview", main=True)
VERIFY = Button(Text("button.verify_consent"), "consent.verify")
_CREATE = Button(Text("button.create_profile"), "profile.preview", main=True)
_BUTTONS = {
    Missing.APP_DISABLED: (VERIFY,),
    Missing.CONSENT: (ONBOARD,),
    Missing.CONFIRMATION: (ONBOARD, VERIFY),
    Missing.NOT_PERMITTED: (VERIFY,),
    Missing.UNKNOWN: (VERIFY,),
    Missing.ASSIGNMENT: (to_form(),),
    Missing.DIFFERS: (to_form(),),
    Missing.NOTHING: (to_form(),),
    Missing.PROFILE: (_CREATE,),
    Missing.CORRECTION: (_CREATE,),
    Missing.USERS_ONLY: (_CREATE,),
    Missing.ELSEWHERE_UNASSIGNED: (_CREATE,),
}
_TOLD_BELOW = {  # what a person has to mend elsewhere is not behind a tap
    Missing.CONFLICT: "profile",
    Missing.ELSEWHERE: "assignment",
    Missing.ELSEWHERE_OFF: "profile",
    Missing.ELSEWHERE_MIXED: "profile",
    Missing.DIFFERS: "profile",
    Missing.ELSEWHERE_UNASSIGNED: "profile",
    Missing.USERS_ONLY: "profile",
    Missing.CORRECTION: "profile",
}
MOST_LISTED = 20  # assignments in all: 400 of them make a card that Teams refuses
MOST_SOURCES = 10  # each of them is named twice
MOST_CONFLICTS = 5  # and of each one, the places where it is met
_TELLING = frozenset({Value.OFF, Value.MIXED, Value.CONTRADICTION})
_ORDER = {tenant_state.INCLUDED: 1, tenant_state.EXCLUDED: 2}
_BAR = (("succeeded", "good"), ("error", "attention"), ("conflict", "warning"), ("pending", "neutral"))


class StatusArguments(Arguments):
    """A section that was asked about, and groups by name, a line each."""

    topic: str = ""
    names: str = ""


async def run(asked: Asked, wanted: StatusArguments, services: ChangeServices) -> Answer:
    """Read now; the time of the figures stands on the card. What was asked for is open, the rest one tap away."""
    rollout = await rollout_status(services, services.requests.now())
    not_assigned = await _not_assigned(wanted.names, rollout, services)
    missing = rollout.missing()
    return Answer(
        Details(
            title=Text("status.title"),
            notices=(*await halt_notices(services.requests, asked.zone), *services.notices(), *_old_table(rollout)),
            status=Text(f"status.next.{missing}"),
            tone=TONES.get(missing, Tone.PLAIN),
            checks=checklist(rollout),
            sections=_sections(rollout, wanted.topic or _TOLD_BELOW.get(missing, ""), asked.zone, not_assigned),
            rest=Text("status.rest"),
            bar=_shares(rollout.overview),
            buttons=(*_BUTTONS.get(missing, ()), *_off(rollout), Button(Text("button.refresh"), "status")),
            footnotes=(Text("status.as_of", {"time": at(rollout.at, asked.zone)}),),
        )
    )


def _off(found: RolloutStatus) -> tuple[Button, ...]:
    """Takes off the groups that were deleted: a preview, as `unassign` with their ids gives it."""
    rows = (found.profile and found.profile.assignments) or ()
    groups = [tenant_state.group_of(row) for row in rows if not is_from_policy_set(row)]
    gone = [group for group in groups if group and group not in found.groups][:MOST_CHANGED]
    unassign = ChangeArguments(include="\n".join(dict.fromkeys(gone)))
    return (unassign.button(Text("button.unassign_deleted"), "unassign"),) if gone else ()


async def _not_assigned(names: str, found: RolloutStatus, services: ChangeServices) -> tuple[Group, ...]:
    """The groups of the tenant that were asked about and are not assigned. Nothing is said of what can't be read."""
    if any(one.assignments is None for one in found.tenant_state.sources):
        return ()
    try:
        known = [await services.planning.groups.find(name) for name in names.splitlines()]
    except BotError:
        return ()
    absent = (groups for groups in known if found.groups.keys().isdisjoint(group.id for group in groups))
    return tuple({group.id: group for groups in absent for group in groups}.values())


def _old_table(found: RolloutStatus) -> tuple[Text, ...]:
    return (Text("status.old_table", {"date": AS_OF}),) if is_outdated(found.at.date()) else ()


def _sections(
    found: RolloutStatus, topic: str, zone: ZoneInfo | None, absent: tuple[Group, ...] = ()
) -> tuple[Section, ...]:
    names = told_apart({group.id: group.name for group in (*absent, *found.groups.values())})
    not_assigned = (Text("status.assignment.not_assigned", {"group": names[group.id]}) for group in absent)
    lines = {
        "consent": consent(found.apps),
        "profile": tuple(_profile(found, names)),
        "assignment": (*not_assigned, *_assignment(found, names)),
        "devices": tuple(_devices(found, zone)),
    }
    order = sorted(lines, key=lambda name: name != topic)  # stable: the others keep their order
    return tuple(Section(Text(f"status.{name}.title"), lines[name], folded=name != topic) for name in order)


def consent(found: Apps) -> tuple[Text, ...]:
    """The two apps and the grant."""
    apps = tuple(Text(f"status.consent.{name}.{found.state_of(app_id)}") for app_id, name in NAMES.items())
    return (*apps, Text(f"status.consent.grant.{found.grant}"))


def _profile(found: RolloutStatus, names: Mapping[str, str]) -> Iterator[Text]:
    """Each source with its value, then where two of them collide."""
    sources = found.tenant_state.sources
    if not any(one.id and (one.is_certain or one.value is Value.BROKEN) for one in sources):
        yield Text("status.profile.missing_unclear" if sources else "status.profile.missing")
    for source in sources[:MOST_SOURCES]:
        yield from _source(source, found)
    if sources[MOST_SOURCES:]:
        yield Text("status.profile.more", {"count": len(sources) - MOST_SOURCES})
    several = [one for one in sources if one.value is Value.ON and one.is_certain and one.may_reach]
    if len(several) > 1 and not clash(found.tenant_state):
        yield Text("status.profile.double")
    collisions = conflicts(sources)
    for conflict in islice(collisions, MOST_CONFLICTS):
        yield from _conflict(conflict, names)
    if next(collisions, None):
        yield Text("status.conflict.more")


def _source(source: RecoverySource, found: RolloutStatus) -> Iterator[Text]:
    """What it sets; one without an id stands for all of its kind. A custom one also in what it is wrong."""
    if not source.id:
        yield Text(f"status.profile.{source.kind}.unread_all")
        return
    named = {"profile": _label(source, found)}
    if source.kind is not SourceKind.CUSTOM:
        yield Text(f"status.profile.{source.kind}.{source.value}", named)
        return
    differences = found.differences(source)
    state = "users" if source.for_users else source.value if source.value in _TELLING else "wrong"
    yield Text(f"status.profile.{'right' if source.is_right else state}", named)
    for one in differences:
        values = {"found": shortened(one.found), "wanted": one.wanted}
        yield Text(f"approvals.difference.{one.aspect}", values)


def _label(source: RecoverySource, found: RolloutStatus) -> str:
    """With the end of its id where another one has the same name."""
    alike = sum(one.name == source.name for one in found.tenant_state.sources)
    return source.label if alike > 1 else shortened(source.name)


def _conflict(conflict: Conflict, names: Mapping[str, str]) -> Iterator[Text]:
    """Which two, and on which devices as far as their assignments tell."""
    if conflict.first is conflict.second:
        yield Text("status.conflict.inside", {"first": conflict.first.label})
        return
    both = {"first": conflict.first.label, "second": conflict.second.label}
    if not conflict.is_certain:
        yield Text("status.conflict.perhaps", both)
    for met in conflict.where[:MOST_CONFLICTS]:
        if met.kind is not TargetKind.GROUP:
            yield Text(f"status.conflict.{met.kind}", both)
            continue
        yield Text("status.conflict.group", {**both, "group": names.get(met.group_id, met.group_id)})


def _assignment(found: RolloutStatus, names: Mapping[str, str]) -> Iterator[Text]:
    """Of each source its own; where that was not read, that it was not."""
    sources = [one for one in found.tenant_state.sources if one.id]
    if not found.tenant_state.sources:
        yield Text("status.assignment.nobody")
    listed = sources[:MOST_SOURCES]
    for source in listed:
        if len(found.tenant_state.sources) > 1 or source.kind is not SourceKind.CUSTOM:
            yield Text("status.assignment.of", {"profile": source.label})
        if source.assignments is None:
            yield Text("status.assignment.unread")
        else:
            yield from _assigned(source.assignments, found, names, MOST_LISTED // len(listed))
    if len(sources) < len(found.tenant_state.sources):
        yield Text("status.assignment.unlisted")


def _assigned(rows: Rows, found: RolloutStatus, names: Mapping[str, str], most: int) -> Iterator[Text]:
    """What is meant for everybody comes first; of many groups the first ones, and how many there are."""
    targets = sorted(rows, key=lambda row: _ORDER.get(tenant_state.type_of(row), 0))
    if not targets:
        yield Text("status.assignment.nobody")
    left_out = targets[most:]
    if left_out:
        kinds = Counter(tenant_state.type_of(row) for row in targets)
        counts = {"included": kinds[tenant_state.INCLUDED], "excluded": kinds[tenant_state.EXCLUDED]}
        yield Text("status.assignment.counts", counts)
    for row in targets[:most]:
        group = sized(row, found.groups, found.tenant_state.filters)
        yield _target(row, group, names)
        if group.name:
            yield from notes(group, names[group.id])
    if left_out:
        yield Text("status.assignment.more", {"count": len(left_out)})
    if any(target(row).filtered for row in rows):
        yield Text("status.assignment.filtered")
    if any(is_from_policy_set(row) and not tenant_state.group_of(row) for row in rows):
        yield Text("status.assignment.policy_set")


def _target(row: Row, group: GroupSize, names: Mapping[str, str]) -> Text:
    kind = {
        tenant_state.INCLUDED: "included",
        tenant_state.EXCLUDED: "excluded",
        tenant_state.ALL_DEVICES: "all_devices",
        tenant_state.ALL_USERS: "all_users",
    }.get(tenant_state.type_of(row), "other")
    if kind not in {"included", "excluded"}:
        return Text(f"status.assignment.{kind}")
    if not group.name:
        return Text(f"status.assignment.{kind}_deleted", {"group": group.id})
    return Text(f"status.assignment.{kind}", {"group": names[group.id], "members": members(group)})


def _devices(found: RolloutStatus, zone: ZoneInfo | None) -> Iterator[Text]:
    overview = found.overview
    if overview is None:
        yield Text("status.devices.elsewhere" if found.elsewhere else "status.devices.none")
        return
    for name in ("succeeded", "error", "conflict", "pending", "not_applicable"):
        count = getattr(overview, name)
        yield (
            Text("status.devices.unknown_conflict")
            if count is None
            else Text(f"status.devices.{name}", {"count": count})
        )
    yield Text("status.devices.at", {"time": at(overview.at, zone)}) if overview.at else Text("status.devices.no_time")


def _shares(overview: Overview | None) -> tuple[Share, ...]:
    if overview is None:
        return ()
    counts = ((name, shade, getattr(overview, name) or 0) for name, shade in _BAR)
    return tuple(Share(Text(f"status.bar.{name}"), count, shade) for name, shade, count in counts if count)


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(
            reading(StatusArguments, run, services),
            intents=("status", "live"),
            verbs=("status",),
            audience=For.STAFF,
            private=True,
        ),
    )
