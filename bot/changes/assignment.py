"""Who gets the profile: groups added to those that are there, taken off, or put back. Merge, never replace."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from pydantic import JsonValue

from bot.approvals.commands import request_of
from bot.approvals.kind import ChangeArguments, Kind
from bot.approvals.plan import Basis, Look, Plan, Step, Write
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.assign_effect import (
    AssignEffect,
    Groups,
    GroupSize,
    assign_effect,
    brief,
    called,
    is_idle,
    label,
    lines,
    more,
    named,
    notes,
    sized,
)
from bot.changes.consent import disabled
from bot.changes.elsewhere import refuse_clashes, refuse_elsewhere, right, wrong
from bot.changes.groups import MOST_CHANGED, names, one
from bot.changes.reckoning import reckoned
from bot.changes.services import Planning
from bot.changes.sides import refuse_mixed_kinds, refuse_same_group
from bot.changes.tenant_state import APPS, Row, Rows, TenantState
from bot.chat.notices import shortened
from bot.errors import TenantRefused
from bot.reset_rules.facts import AppState
from bot.reset_rules.sources import RecoverySource, is_from_policy_set
from bot.store.records import StepState
from bot.store.seal import canonical
from bot.tenant import Group
from bot.tenant.apps import app_state
from dialogs.words.replies import Button, Names, Text, Value

FEW = 3


def kinds(planning: Planning) -> tuple[Kind, ...]:
    """Three: groups come, groups go, and what an earlier change did is taken back."""

    def kind(
        name: str,
        plan: Callable[[ChangeArguments, Planning], Awaitable[Plan]],
        again: Callable[[Plan], ChangeArguments | None],
        subject: Callable[[ChangeArguments], Mapping[str, Value]],
        *footnotes: Text,
    ) -> Kind:
        return Kind(
            name=name,
            intents=(name,),
            verbs=(name,),
            plan=lambda wanted: plan(wanted, planning),
            effect=AssignEffect,
            lines=lines,
            brief=brief if name != "undo" else lambda plan: Text("change.undo.brief", {"what": brief(plan)}),
            more=more,
            offers=_take_back,
            looks=tenant_state.LOOKS,
            state_of=tenant_state.state_of,
            reads=tenant_state.reads(planning.sources),
            named=named,
            again=again,
            grown=lambda plan: _grown(plan, planning),
            subject=subject,
            footnotes=footnotes,
        )

    may_stay = Text("effect.assign.may_stay")
    return (
        kind("assign", _assign, _again, _groups_named),
        kind("unassign", _unassign, _again, _groups_named, may_stay),
        kind("undo", _undo, _never_again, lambda _wanted: {}, may_stay),
    )


async def _assign(wanted: ChangeArguments, planning: Planning) -> Plan:
    include, exclude = await _found(wanted.include, planning), await _found(wanted.exclude, planning)
    if not include and not exclude:
        raise Refused(Reason.GROUP_MISSING)
    current, sizes = await _read(planning)
    return await reckoned(assign(current, include, exclude, sizes), current, planning.groups)


async def _unassign(wanted: ChangeArguments, planning: Planning) -> Plan:
    leaving = names(wanted.include) + names(wanted.exclude)
    if not leaving:
        raise Refused(Reason.GROUP_MISSING)
    current, sizes = await _read(planning)
    deleted = {name: Group(name, "", users=0, devices=0) for name in tenant_state.named_groups(current) - sizes.keys()}
    leave = [deleted.get(name.lower()) or await one(name, planning.groups) for name in leaving]
    return await reckoned(unassign(current, leave, sizes), current, planning.groups)


async def _undo(wanted: ChangeArguments, planning: Planning) -> Plan:
    done = await request_of(wanted.number, planning.approvals)
    before = Plan.filed(done.plan, done.digest)
    if before is None or not any(step.state is StepState.DONE for step in done.steps):  # it has written nothing
        raise Refused(Reason.NOT_UNDOABLE)
    current, _ = await _read(planning)
    changed = AssignEffect.model_validate(before.effect).changed if before.effect.get("kind") == "assign" else ()
    ids = tenant_state.named_groups(current) | {group.id for group in changed}
    return await reckoned(undo(before, current, await planning.groups.sizes(ids)), current, planning.groups)


async def _found(side: str, planning: Planning) -> tuple[Group, ...]:
    return tuple([await one(name, planning.groups) for name in names(side)])


async def _read(planning: Planning) -> tuple[TenantState, dict[str, Group]]:
    current = await tenant_state.tenant_state(planning.tenant, planning.tenant_id, planning.sources)
    return current, await planning.groups.sizes(tenant_state.named_groups(current))


def _groups_named(wanted: ChangeArguments) -> Mapping[str, Value]:
    groups = tuple(shortened(name) for side in (wanted.include, wanted.exclude) for name in names(side))
    return {"groups": Names(groups)}


def _again(plan: Plan) -> ChangeArguments:
    effect = AssignEffect.model_validate(plan.effect)
    came = plan.kind == "assign"
    include, exclude = (effect.included, effect.excluded) if came else (effect.removed, effect.readmitted)
    return ChangeArguments(include=_ids(include), exclude=_ids(exclude))


def _take_back(number: int) -> tuple[Button, ...]:
    return (ChangeArguments(number=number).button(Text("button.undo"), "undo"),)


def _never_again(_plan: Plan) -> None:
    """What an undo took back can't be told from its plan."""


def _ids(groups: Iterable[GroupSize]) -> str:
    return "\n".join(group.id for group in groups)


async def _grown(plan: Plan, planning: Planning) -> tuple[Mapping[str, JsonValue], ...]:
    effect = AssignEffect.model_validate(plan.effect)
    changed, names = effect.changed, effect.names()
    now = await planning.groups.sizes(group.id for group in changed)
    return tuple(
        {"name": names[group.id], "before": before, "now": count}
        for group in changed
        if group.name and (found := now.get(group.id))  # without a name it was not there to be counted
        for before, count in ((group.users, found.users), (group.devices, found.devices))
        if count > before + may_grow(before, planning.group_growth)
    )


def may_grow(members: int, percent: int) -> int:
    """By how many: a few are always let in, as people and PCs come every day; with 0 percent nobody is."""
    return max(FEW, members * percent // 100) if percent else 0


def assign(tenant: TenantState, include: Iterable[Group], exclude: Iterable[Group], groups: Groups) -> Plan:
    """Add groups to those that are there. Raises Refused (see Reason: everything from CONSENT_MISSING on)."""
    found = _chosen(tenant)
    current = _assigned(found)
    targets = [(tenant_state.INCLUDED, group) for group in include] + [
        (tenant_state.EXCLUDED, group) for group in exclude
    ]
    for _, group in targets:
        if not group.security:
            raise Refused(Reason.NOT_SECURITY_GROUP, group=group.name)
    there = {(tenant_state.type_of(row), tenant_state.group_of(row)): row for row in current}
    added = [_target(kind, group.id) for kind, group in targets if (kind, group.id.lower()) not in there]
    known = dict(groups) | {group.id.lower(): group for _, group in targets}
    if not added:
        already = (there[kind, group.id.lower()] for kind, group in targets)
        raise Refused(Reason.NOTHING_TO_CHANGE, *_noted(already, current, known, tenant.filters))
    return _reassigned("assign", tenant, found, added, (), known)


def unassign(tenant: TenantState, leave: Iterable[Group], groups: Groups) -> Plan:
    """Take groups off, whichever side they are on; all else stays. Raises Refused(OF_POLICY_SET) and as assign."""
    gone = frozenset(group.id.lower() for group in leave)
    found = _chosen(tenant, gone)
    theirs = [row for row in _assigned(found) if tenant_state.group_of(row) in gone]
    removed = tuple(row for row in theirs if not is_from_policy_set(row))
    if theirs and not removed:
        raise Refused(Reason.OF_POLICY_SET, group=label(theirs[0], groups))
    return _reassigned("unassign", tenant, found, (), removed, groups)


def undo(done: Plan, tenant: TenantState, groups: Groups) -> Plan:
    """Take back what a plan did, and nothing of what others did since. Raises Refused(NOT_UNDOABLE) and as assign."""
    step = done.steps[0] if len(done.steps) == 1 else None
    if step is None or step.look.kind != tenant_state.LookKind.TARGETS:
        raise Refused(Reason.NOT_UNDOABLE)
    found = _of_look(tenant, step.look)
    if found is None:
        raise Refused(Reason.NOT_UNDOABLE)
    before, after = (tenant_state.assigned(tenant_state.rows_of(state)) for state in (step.before, step.after))
    current = _assigned(found)
    removed = tuple(row for row in after if row not in before and row in current)
    there = {(tenant_state.type_of(row), tenant_state.group_of(row)) for row in current}
    gone = (row for row in before if row not in after)
    added = tuple(row for row in gone if (tenant_state.type_of(row), tenant_state.group_of(row)) not in there)
    return _reassigned("undo", tenant, found, added, removed, groups)


def _reassigned(
    kind: str, tenant: TenantState, found: RecoverySource, added: Iterable[Row], removed: Rows, groups: Groups
) -> Plan:
    """The merge: what is there, less what goes, and what comes. Never anything else."""
    current, added = _assigned(found), tuple(added)
    if not added and not removed:
        raise Refused(Reason.NOTHING_TO_CHANGE)
    wanted = tuple(row for row in current if row not in removed) + added
    refuse_same_group(added, wanted, groups)
    refuse_mixed_kinds(current, wanted, groups)
    if any(tenant_state.type_of(row) != tenant_state.EXCLUDED for row in added):
        refuse_clashes(tenant, found, wanted)
    effect = assign_effect(found, tenant, wanted, added, removed, groups)
    if len(effect.changed) > MOST_CHANGED:
        raise Refused(Reason.TOO_MANY_GROUPS, count=len(effect.changed), most=MOST_CHANGED)
    look = tenant_state.targets_look(found.id)
    step = Step(
        write=_assign_write(effect.profile_id, found.assignments or (), removed, added, wanted),
        look=look,
        before=tenant_state.state_of(look, current),
        after=tenant_state.state_of(look, wanted),
        repeatable=True,
    )
    return Plan(
        kind=kind,
        tenant_id=tenant_state.guid(tenant.tenant_id),
        object_key=f"profile:{effect.profile_id}",
        basis=(*_prepared(tenant, effect.profile_id), Basis(look=look, state=step.before)),
        steps=(step,),
        effect=effect.model_dump(mode="json"),
    )


def _chosen(tenant: TenantState, groups: frozenset[str] = frozenset()) -> RecoverySource:
    """The profile to assign; refused with the step that is missing. `groups`: those that are to leave it."""
    _refuse_without_consent(tenant)
    right_profile = right(tenant, groups)
    if right_profile is not None:
        return right_profile
    refuse_elsewhere(tenant)
    if amiss := wrong(tenant):
        raise Refused(Reason.PROFILE_WRONG, profile=amiss.name)
    raise Refused(Reason.PROFILE_MISSING)


def _refuse_without_consent(tenant: TenantState) -> None:
    states = {app_id: app_state(tenant.apps, app_id) for app_id in APPS}
    if AppState.DISABLED in states.values():
        raise Refused(Reason.APP_DISABLED, apps=disabled(states))
    if AppState.MISSING in states.values():
        service, client = states.values()
        raise Refused(Reason.CONSENT_MISSING, service=Text(f"app_state.{service}"), client=Text(f"app_state.{client}"))


def _of_look(tenant: TenantState, look: Look) -> RecoverySource | None:
    """The profile whose assignments a look is about, if it is still right."""
    _chosen(tenant)
    profiles = (one for one in tenant.custom if one.is_right)
    return next((one for one in profiles if tenant_state.targets_look(one.id) == look), None)


def _assigned(found: RecoverySource) -> Rows:
    """Raises TenantRefused where it can't be read: nothing is planned on what was not seen."""
    if found.assignments is None:
        raise TenantRefused("assignments")
    return tenant_state.assigned(found.assignments)


def _prepared(tenant: TenantState, profile_id: str) -> tuple[Basis, ...]:
    """What must still be so when the assignment is written."""
    apps = tuple(Basis(look=tenant_state.app_look(app_id), state=AppState.ENABLED.value) for app_id in APPS)
    sources = Basis(
        look=tenant_state.SOURCES_LOOK, state=tenant_state.state_of(tenant_state.SOURCES_LOOK, tenant.profiles)
    )
    return (*apps, sources, tenant_state.elsewhere(tenant, profile_id))


def _assign_write(profile_id: str, raw: Rows, removed: Rows, added: Rows, wanted: Rows) -> Write:
    """Assign replaces the whole set but for what policy sets assign, and v1.0 would drop filters: through beta, each
    row as it was read, if v1.0 can't carry one of them."""
    raw, wanted = (tuple(row for row in rows if not is_from_policy_set(row)) for rows in (raw, wanted))
    path = f"/deviceManagement/deviceConfigurations/{profile_id}/assign"
    if not any(_only_beta(row) for row in wanted):
        return Write(method="POST", path=f"/v1.0{path}", body={"assignments": [dict(row) for row in wanted]})
    kept = {canonical(tenant_state.assigned((row,))[0]): _as_read(row) for row in raw}
    rows = [one for key, one in sorted(kept.items()) if key not in {canonical(row) for row in removed}]
    return Write(method="POST", path=f"/beta{path}", body={"assignments": [*rows, *(dict(row) for row in added)]})


def _only_beta(row: Row) -> bool:
    names = {"@odata.type", "groupId", "collectionId"}
    return set(row) != {"target"} or not set(tenant_state.target_of(row)) <= names


def _as_read(row: Row) -> dict[str, JsonValue]:
    return {key: value for key, value in row.items() if key in {"target", "intent", "source"}}


def _noted(rows: Iterable[Row], current: Rows, groups: Groups, filters: Mapping[str, str]) -> Iterator[Text]:
    """What to know of groups that are assigned already."""
    names = called(groups)
    for row in rows:
        group = sized(row, groups, filters)
        named = names.get(group.id, group.id)
        yield from notes(group, named)
        if is_idle(row, current, groups):
            yield Text("effect.assign.idle", {"group": named})


def _target(kind: str, group_id: str) -> dict[str, JsonValue]:
    return {"target": {"@odata.type": kind, "groupId": tenant_state.guid(group_id)}}
