"""The custom profile that switches PIN recovery on: created, or corrected where it sets the value wrongly."""

from collections.abc import Iterator
from functools import partial
from typing import Literal, cast

from pydantic import JsonValue

from bot.approvals.kind import ChangeArguments, Kind
from bot.approvals.plan import Basis, Look, Plan, PlanPart, Step, Write
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.elsewhere import refuse_clashes, refuse_elsewhere, right, unclear, wrong
from bot.changes.groups import to_form
from bot.changes.services import Planning
from bot.changes.tenant_state import Row, TenantState
from bot.chat.notices import status
from bot.reset_rules.profiles import BOOLEAN, differences, is_working, own_rows
from bot.reset_rules.sources import Difference, RecoverySource, Scope
from bot.store.seal import canonical
from dialogs.words.replies import Text

PROFILE_TYPE = "#microsoft.graph.windows10CustomConfiguration"


class ProfileEffect(PlanPart):
    """A new profile, or the differences to be corrected in one that is there."""

    kind: Literal["profile"] = "profile"
    profile_id: str = ""  # empty: a new one
    profile_name: str
    oma_uri: str
    differences: tuple[Difference, ...] = ()
    unclear: int = 0  # of other policies: each may set the same value, for example because it could not be checked


def kinds(planning: Planning) -> tuple[Kind, ...]:
    """The one of this file."""
    return (
        Kind(
            name="profile",
            intents=("create_profile",),
            verbs=("create_profile", "profile.preview"),
            plan=partial(_planned, planning=planning),
            effect=ProfileEffect,
            lines=_lines,
            brief=_brief,
            offers=lambda _number: (to_form(), status()),
            looks=tenant_state.LOOKS,
            state_of=tenant_state.state_of,
            reads=tenant_state.reads(planning.sources),
            named=_named,
            again=_again,
        ),
    )


async def _planned(wanted: ChangeArguments, planning: Planning) -> Plan:
    current = await tenant_state.tenant_state(planning.tenant, planning.tenant_id, planning.sources)
    return profile(current, wanted.marker)


def profile(current: TenantState, marker: str) -> Plan:
    """Create the profile, or correct the one that sets the value wrongly. `marker`: random, to know our own again.

    Raises Refused: NOTHING_TO_CHANGE, PROFILE_OBSCURED, PROFILE_CONFLICT and SET_ELSEWHERE.
    """
    refuse_clashes(current)
    if right(current):
        raise Refused(Reason.NOTHING_TO_CHANGE)
    refuse_elsewhere(current)
    found = wrong(current)
    return _correct(current, found) if found else _create(current, marker)


def _brief(plan: Plan) -> Text:
    return Text("change.profile.correct" if plan.effect["profile_id"] else "change.profile.create")


def _lines(plan: Plan) -> Iterator[Text]:
    effect = ProfileEffect.model_validate(plan.effect)
    yield Text(
        "effect.profile.correct" if effect.profile_id else "effect.profile.create", {"name": effect.profile_name}
    )
    yield Text("effect.profile.setting", {"oma_uri": effect.oma_uri})
    if effect.unclear:
        yield Text("effect.profile.unclear", {"count": effect.unclear})
    for one in effect.differences:
        yield Text(f"approvals.difference.{one.aspect}", {"found": one.found, "wanted": one.wanted})


def _named(state: JsonValue, _plan: Plan) -> Text | str:
    return tenant_state.in_words(state)


def _again(_plan: Plan) -> ChangeArguments:
    return ChangeArguments()


def _create(current: TenantState, marker: str) -> Plan:
    uri = tenant_state.oma_uri(current.tenant_id)
    name = "Use PIN Recovery"
    row = _right_row(uri)
    look = Look(
        kind=tenant_state.LookKind.MADE, path=tenant_state.PROFILES_PATH, subject=f"pinbot:{tenant_state.guid(marker)}"
    )
    body: dict[str, JsonValue] = {
        "@odata.type": PROFILE_TYPE,
        "displayName": name,
        "description": f"Created by the PIN reset bot after approval. [{look.subject}]",
        "omaSettings": [row],
    }
    before = cast("list[JsonValue]", tenant_state.state_of(look, current.profiles))
    made: JsonValue = {"made": True, "settings": [tenant_state.setting_state(row)]}
    step = Step(
        write=Write(method="POST", path=tenant_state.PROFILES, body=body),
        look=look,
        before=before,
        after=sorted([*before, made], key=canonical),
        repeatable=False,
    )
    effect = ProfileEffect(profile_name=name, oma_uri=uri, unclear=len(unclear(current)))
    return _profile_plan(current, "profile:new", step, effect)


def _correct(current: TenantState, source: RecoverySource) -> Plan:
    """Its rows for the node make room for the right one, but for those that work for users."""
    found = source.profile
    mine = [row for row in own_rows(found) if not _works_for_users(row, current.tenant_id)]
    others = [row for row in tenant_state.all_settings(found) if row not in mine]
    if any(row.get("value") == tenant_state.OBSCURED for row in others):
        raise Refused(Reason.PROFILE_OBSCURED, profile=source.name)
    uri = tenant_state.oma_uri(current.tenant_id)
    rows = [*(dict(row) for row in others), _right_row(uri)]
    profile_id = tenant_state.guid(source.id)
    corrected = (row if row is not found else {**found, "omaSettings": rows} for row in current.profiles)
    step = Step(
        write=Write(
            method="PATCH",
            path=f"{tenant_state.PROFILES}/{profile_id}",
            body={"@odata.type": PROFILE_TYPE, "omaSettings": [*rows]},
        ),
        look=tenant_state.SOURCES_LOOK,
        before=tenant_state.state_of(tenant_state.SOURCES_LOOK, current.profiles),
        after=tenant_state.state_of(tenant_state.SOURCES_LOOK, tuple(corrected)),
        repeatable=True,
    )
    wrong_in = differences(found, current.tenant_id)
    effect = ProfileEffect(profile_id=profile_id, profile_name=source.name, oma_uri=uri, differences=wrong_in)
    return _profile_plan(current, f"profile:{profile_id}", step, effect)


def _works_for_users(row: Row, tenant_id: str) -> bool:
    return row.get("value") is True and is_working(row, tenant_id, Scope.USER)


def _right_row(uri: str) -> dict[str, JsonValue]:
    return {
        "@odata.type": BOOLEAN,
        "displayName": "PIN Reset Settings",
        "description": "Enable PIN recovery",
        "omaUri": uri,
        "value": True,
    }


def _profile_plan(current: TenantState, object_key: str, step: Step, effect: ProfileEffect) -> Plan:
    return Plan(
        kind="profile",
        tenant_id=tenant_state.guid(current.tenant_id),
        object_key=object_key,
        basis=(Basis(look=step.look, state=step.before), tenant_state.elsewhere(current, effect.profile_id)),
        steps=(step,),
        effect=effect.model_dump(mode="json"),
    )
