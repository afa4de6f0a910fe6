"""Where the rollout stands, step by step, and what is missing next."""

from collections import Counter
from collections.abc import Iterator

from bot.approvals.freeze import halt_notices
from bot.changes import tenant_state
from bot.changes.consent import NAMES
from bot.changes.groups import member_counts
from bot.changes.rollout_status import Missing, RolloutStatus, rollout_status
from bot.changes.services import ChangeServices
from bot.changes.tenant_state import Row
from bot.chat.command import Answer, Arguments, Asked, Command, For, reading
from bot.chat.notices import at, shortened
from bot.errors import BotError
from bot.reset_rules.facts import Policy
from bot.tenant import Group, Overview
from dialogs.words.replies import Button, Details, Section, Share, Text

ONBOARD = Button(Text("button.onboard_consent"), "consent.preview", main=True)
VERIFY = Button(Text("button.verify_consent"), "consent.verify")
_CREATE = Button(Text("button.create_profile"), "profile.preview", main=True)
_BUTTONS = {
    Missing.CONSENT: (ONBOARD,),
    Missing.CONFIRMATION: (ONBOARD, VERIFY),
    Missing.NOT_PERMITTED: (VERIFY,),
    Missing.UNKNOWN: (VERIFY,),
    Missing.PROFILE: (_CREATE,),
    Missing.CORRECTION: (_CREATE,),
}
MOST_LISTED = 20  # assignments, and profiles: 400 of them make a card that Teams refuses
_ORDER = {tenant_state.INCLUDED: 1, tenant_state.EXCLUDED: 2}
_BAR = (("succeeded", "good"), ("error", "attention"), ("conflict", "warning"), ("pending", "neutral"))


class StatusArguments(Arguments):
    """A section that was asked about, and groups by name, a line each."""

    topic: str = ""
    names: str = ""


async def run(_asked: Asked, wanted: StatusArguments, services: ChangeServices) -> Answer:
    """Read now; the time of the figures stands on the card. What was asked for comes first."""
    found = await rollout_status(services, services.requests.now())
    not_assigned = await _not_assigned(wanted.names, found, services)
    missing = found.missing()
    return Answer(
        Details(
            title=Text("status.title"),
            notices=(*await halt_notices(services.requests), *_to_do(services.to_do())),
            status=Text(f"status.next.{missing}"),
            sections=_sections(found, wanted.topic, not_assigned),
            bar=_shares(found.overview),
            buttons=(*_BUTTONS.get(missing, ()), Button(Text("button.refresh"), "status")),
            footnotes=(Text("status.as_of", {"time": at(found.at)}),),
        )
    )


def _to_do(count: int) -> tuple[Text, ...]:
    """What the last check found."""
    return (Text("check.card.in_status", {"count": str(count)}),) if count else ()


async def _not_assigned(names: str, found: RolloutStatus, services: ChangeServices) -> tuple[Text, ...]:
    """The groups of the tenant that were asked about and are not assigned. Nothing is said of what can't be read."""
    if found.tenant_state.others or found.elsewhere:
        return ()
    assigned = {group.name.casefold() for group in found.groups.values()}
    asked = [name for name in names.splitlines() if name.casefold() not in assigned]
    try:
        known = [group for name in asked for group in await services.planning.groups.find(name)]
    except BotError:
        return ()
    return tuple(Text("status.assignment.not_assigned", {"group": shortened(group.name)}) for group in known)


def _sections(found: RolloutStatus, topic: str, not_assigned: tuple[Text, ...] = ()) -> tuple[Section, ...]:
    lines = {
        "consent": consent(found),
        "profile": tuple(_profile(found)),
        "assignment": (*not_assigned, *_assignment(found)),
        "devices": tuple(_devices(found)),
    }
    names = sorted(lines, key=lambda name: name != topic)  # stable: the others keep their order
    return tuple(Section(Text(f"status.{name}.title"), lines[name]) for name in names)


def consent(found: RolloutStatus) -> tuple[Text, ...]:
    """The two apps and the grant."""
    apps = tuple(Text(f"status.consent.{NAMES[app_id]}.{state}") for app_id, state in found.apps.items())
    return (*apps, Text(f"status.consent.grant.{found.grant}"))


def _profile(found: RolloutStatus) -> Iterator[Text]:
    if not found.tenant_state.sources and not found.elsewhere:
        yield Text("status.profile.missing_unclear" if found.tenant_state.others else "status.profile.missing")
    state = "many" if found.profile is None else "wrong" if found.differences else "right"
    lines = (
        *(_policy(policy) for policy in found.tenant_state.others),
        *(
            Text(f"status.profile.{state}", {"profile": shortened(tenant_state.text(row, "displayName"))})
            for row in found.tenant_state.sources
        ),
    )
    yield from lines[:MOST_LISTED]
    if lines[MOST_LISTED:]:
        yield Text("status.profile.more", {"count": str(len(lines) - MOST_LISTED)})
    for difference in found.differences:
        yield Text(
            f"approvals.difference.{difference.aspect}",
            {"found": shortened(difference.found), "wanted": difference.wanted},
        )


def _policy(policy: Policy) -> Text:
    """A policy elsewhere and what it sets; one without a name stands for all of its kind."""
    if not policy.name:
        return Text(f"status.profile.{policy.kind}.unread_all")
    return Text(f"status.profile.{policy.kind}.{policy.value}", {"profile": shortened(policy.name)})


def _assignment(found: RolloutStatus) -> Iterator[Text]:
    """Nothing is said of assignments that were not read: of policies, and of several profiles. Of those that were, what
    is meant for everybody comes first; of many groups the first ones, and how many there are."""
    targets = sorted(found.tenant_state.targets, key=lambda row: _ORDER.get(tenant_state.type_of(row), 0))
    if found.tenant_state.others or found.elsewhere:
        yield Text("status.assignment.elsewhere")
    elif not targets:
        yield Text("status.assignment.nobody")
    left_out = targets[MOST_LISTED:]
    if left_out:
        kinds = Counter(tenant_state.type_of(row) for row in targets)
        counts = {"included": str(kinds[tenant_state.INCLUDED]), "excluded": str(kinds[tenant_state.EXCLUDED])}
        yield Text("status.assignment.counts", counts)
    for row in targets[:MOST_LISTED]:
        yield _target(row, found.groups.get(tenant_state.group_of(row)))
    if left_out:
        yield Text("status.assignment.more", {"count": str(len(left_out))})
    kept = tenant_state.assigned(found.tenant_state.targets)  # without the filters that are none
    if any("deviceAndAppManagementAssignmentFilterId" in tenant_state.target_of(row) for row in kept):
        yield Text("status.assignment.filtered")


def _target(row: Row, group: Group | None) -> Text:
    kind = {
        tenant_state.INCLUDED: "included",
        tenant_state.EXCLUDED: "excluded",
        tenant_state.ALL_DEVICES: "all_devices",
        tenant_state.ALL_USERS: "all_users",
    }.get(tenant_state.type_of(row), "other")
    if kind not in {"included", "excluded"}:
        return Text(f"status.assignment.{kind}")
    if group is None:
        return Text(f"status.assignment.{kind}_deleted", {"group": tenant_state.group_of(row)})
    return Text(f"status.assignment.{kind}", {"group": shortened(group.name)} | member_counts(group))


def _devices(found: RolloutStatus) -> Iterator[Text]:
    overview = found.overview
    if overview is None:
        yield Text("status.devices.elsewhere" if found.elsewhere else "status.devices.none")
        return
    for name in ("succeeded", "error", "conflict", "pending", "not_applicable"):
        count = getattr(overview, name)
        yield (
            Text("status.devices.unknown_conflict")
            if count is None
            else Text(f"status.devices.{name}", {"count": str(count)})
        )
    yield Text("status.devices.at", {"time": at(overview.at)}) if overview.at else Text("status.devices.no_time")


def _shares(overview: Overview | None) -> tuple[Share, ...]:
    if overview is None:
        return ()
    counts = ((name, shade, getattr(overview, name) or 0) for name, shade in _BAR)
    return tuple(Share(Text(f"status.bar.{name}"), count, shade) for name, shade, count in counts if count)


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """Of this file."""
    return (
        Command(
            reading(StatusArguments, run, services),
            intents=("status", "live"),
            verbs=("status",),
            audience=For.STAFF,
            private=True,
        ),
    )
