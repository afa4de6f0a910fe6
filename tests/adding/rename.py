"""Gives the recovery profile another name: an example of a kind of change."""

from collections.abc import Iterator
from functools import partial

from pydantic import JsonValue

from bot.approvals.kind import ChangeArguments, Kind, Rows
from bot.approvals.plan import Basis, Look, Plan, PlanPart, Step, Write
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.profile import PROFILE_TYPE
from bot.changes.services import Planning
from bot.errors import Declined
from dialogs.words.replies import Text

NAME = "name_of_profile"  # what is looked at
LONGEST = 60


class RenameArguments(ChangeArguments):
    """The name that it is to have."""

    title: str = ""


class RenameEffect(PlanPart):
    """Both names."""

    profile_id: str
    old: str
    new: str


def kinds(planning: Planning) -> tuple[Kind, ...]:
    """The one of this file."""
    return (
        Kind(
            name="rename",
            intents=("rename_profile",),
            verbs=("rename_profile",),
            plan=partial(_planned, planning=planning),
            effect=RenameEffect,
            lines=_lines,
            looks=frozenset({NAME}),
            state_of=_state_of,
            named=lambda state, _plan: str(state),
            again=lambda plan: RenameArguments(title=RenameEffect.model_validate(plan.effect).new),
            arguments=RenameArguments,
        ),
    )


async def _planned(wanted: ChangeArguments, planning: Planning) -> Plan:
    assert isinstance(wanted, RenameArguments)
    name = wanted.title.strip()
    if len(name) > LONGEST:
        raise Declined("change.rename.too_long", most=str(LONGEST))
    found = tenant_state.sources(await planning.tenant.read(tenant_state.PROFILES_PATH))
    if len(found) != 1:
        raise Refused(Reason.PROFILE_MISSING)
    profile_id, old = tenant_state.guid(tenant_state.text(found[0], "id")), tenant_state.text(found[0], "displayName")
    if name in {"", old}:
        raise Refused(Reason.NOTHING_TO_CHANGE)
    look = Look(kind=NAME, path=tenant_state.PROFILES_PATH, subject=profile_id)
    body: dict[str, JsonValue] = {"@odata.type": PROFILE_TYPE, "displayName": name}
    write = Write(method="PATCH", path=f"{tenant_state.PROFILES}/{profile_id}", body=body)
    return Plan(
        kind="rename",
        tenant_id=tenant_state.guid(planning.tenant_id),
        object_key=f"profile:{profile_id}",
        basis=(Basis(look=look, state=old),),
        steps=(Step(write=write, look=look, before=old, after=name, repeatable=True),),
        effect=RenameEffect(profile_id=profile_id, old=old, new=name).model_dump(mode="json"),
    )


def _state_of(look: Look, rows: Rows) -> JsonValue:
    """The name of that profile; None when it is gone."""
    return next((row["displayName"] for row in rows if row.get("id") == look.subject), None)


def _lines(plan: Plan) -> Iterator[Text]:
    effect = RenameEffect.model_validate(plan.effect)
    yield Text("effect.rename.names", {"old": effect.old, "new": effect.new})
