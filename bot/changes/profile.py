"""The custom profile that switches PIN recovery on: created, or corrected where it sets the value wrongly."""

from collections.abc import Iterator
from functools import partial
from typing import Literal

from pydantic import JsonValue

from bot.approvals.kind import ChangeArguments, Kind
from bot.approvals.plan import Basis, Look, Plan, PlanPart, Step, Write
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.elsewhere import only_source, unclear
from bot.changes.services import Planning
from bot.changes.tenant_state import Difference, Row, TenantState
from bot.chat.notices import status
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
            offers=lambda _number: (status(),),
            looks=tenant_state.LOOKS,
            state_of=tenant_state.state_of,
            named=_named,
            again=_again,
        ),
    )


async def _planned(wanted: ChangeArguments, planning: Planning) -> Plan:
    found = await tenant_state.tenant_state(planning.tenant, planning.tenant_id, planning.policies)
    return profile(found, wanted.marker)


def profile(current: TenantState, marker: str) -> Plan:
    """Create the profile, or correct the one that sets the value wrongly. `marker`: random, to know our own again.

    Raises Refused: NOTHING_TO_CHANGE, PROFILE_OBSCURED and as only_source.
    """
    found = only_source(current)
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
        yield Text("effect.profile.unclear", {"count": str(effect.unclear)})
    for one in effect.differences:
        yield Text(f"approvals.difference.{one.aspect}", {"found": one.found, "wanted": one.wanted})


def _named(state: JsonValue, _plan: Plan) -> str:
    return canonical(state)


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
    step = Step(
        write=Write(method="POST", path=tenant_state.PROFILES, body=body),
        look=look,
        before=[],
        after=[{"made": True, "settings": [tenant_state.setting_state(row)]}],
        repeatable=False,
    )
    effect = ProfileEffect(profile_name=name, oma_uri=uri, unclear=len(unclear(current)))
    return _profile_plan(current, "profile:new", step, effect)


def _correct(current: TenantState, found: Row) -> Plan:
    wrong = tenant_state.differences(found, current.tenant_id)
    name = tenant_state.text(found, "displayName")
    if not wrong:
        raise Refused(Reason.NOTHING_TO_CHANGE)
    bad = tenant_state.settings(found)
    others = [row for row in tenant_state.all_settings(found) if row not in bad]
    if any(row.get("value") == tenant_state.OBSCURED for row in others):
        raise Refused(Reason.PROFILE_OBSCURED, profile=name)
    uri = tenant_state.oma_uri(current.tenant_id)
    rows = [*(dict(row) for row in others), _right_row(uri)]
    profile_id = tenant_state.guid(tenant_state.text(found, "id"))
    step = Step(
        write=Write(
            method="PATCH",
            path=f"{tenant_state.PROFILES}/{profile_id}",
            body={"@odata.type": PROFILE_TYPE, "omaSettings": [*rows]},
        ),
        look=tenant_state.SOURCES_LOOK,
        before=tenant_state.state_of(tenant_state.SOURCES_LOOK, current.profiles),
        after=[{"id": tenant_state.text(found, "id"), "settings": [tenant_state.setting_state(row) for row in rows]}],
        repeatable=True,
    )
    effect = ProfileEffect(profile_id=profile_id, profile_name=name, oma_uri=uri, differences=wrong)
    return _profile_plan(current, f"profile:{profile_id}", step, effect)


def _right_row(uri: str) -> dict[str, JsonValue]:
    return {
        "@odata.type": tenant_state.BOOLEAN,
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
        basis=(Basis(look=step.look, state=step.before),),
        steps=(step,),
        effect=effect.model_dump(mode="json"),
    )
