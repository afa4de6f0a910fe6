"""From what an admin asked for to a plan; from a plan to the preview whose button files the request.

The button carries what was asked for and the digest of what was shown. On the press the plan is worked out again: only
when it is the same to the last byte is it filed, and what is stored then is the bot's own plan.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping

import cards
from bot.approvals import requests_in_full
from bot.approvals.plan import MOST_GROUPS, Kind, Plan
from bot.approvals.refusals import Reason, Refused
from bot.approvals.service import Approvals
from bot.changes import assignment, preparation, tenant_state
from bot.changes.rollout_status import confirmation
from bot.chat.command import Asked, Changing
from bot.chat.notices import shortened
from bot.store.records import Request, StepState
from bot.teams.drawing import MOST_BYTES, size
from bot.tenant import Group
from dialogs.understanding.groups import sentences
from dialogs.words import texts
from dialogs.words.replies import Ask, Button, Choice, Details, Field, Literal, Text

MOST_NAMES = 40  # of groups in one sentence; a plan takes fewer
MOST_CHOICES = 20  # groups of one name
FILE = "change.file"


class Ambiguous(Exception):
    """Several groups have the name that somebody gave."""

    def __init__(self, name: str, groups: tuple[Group, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.groups = groups


async def plan(kind: Kind, values: Mapping[str, str], changing: Changing) -> Plan:
    """Work it out from the tenant as it is now. Raises Refused, Ambiguous and the errors of bot.tenant."""
    found = await _PLANS[kind](values, changing)
    if size(cards.render(sheet(found, values), texts.words(texts.FALLBACK))) > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE)
    return found


def sheet(found: Plan, values: Mapping[str, str]) -> Details:
    """The preview: the effect, the requests in full, a reason to give."""
    carried = {name: values[name] for name in ("include", "exclude", "number", "marker") if values.get(name)}
    data = {"kind": found.kind.value, "digest": found.digest(), **carried}
    return Details(
        title=Text(f"change.{found.kind}.title"),
        status=Text("change.nothing_yet"),
        sections=requests_in_full.sections(found),
        fields=(Field("reason", Text("change.reason"), required=True, preset=values.get("reason", ""), long=True),),
        buttons=(Button(Text("button.request_approval"), FILE, data, main=True),),
        footnotes=(Text("change.second_person"), Text("change.digest", {"digest": found.digest()[:12]})),
    )


def pick(question: Ambiguous, verb: str, values: Mapping[str, str]) -> Ask:
    """Which of the groups of one name? The choice takes the name's place."""
    carried = {name: values[name] for name in ("include", "exclude", "reason") if values.get(name)}
    left_out = len(question.groups) - MOST_CHOICES
    return Ask(
        title=Text("change.pick"),
        paragraphs=(
            Text("change.pick_text", {"name": shortened(question.name)}),
            *((Text("change.pick_more", {"count": str(left_out)}),) if left_out > 0 else ()),
        ),
        label=Text("change.pick_label"),
        choices=tuple(
            Choice(Literal(f"{shortened(group.name)} · {group.id[-12:]} · {group.devices} + {group.users}"), group.id)
            for group in question.groups[:MOST_CHOICES]
        ),
        send=Button(Text("button.show_change"), verb, {**carried, "name": question.name}, main=True),
    )


def chosen(asked: Asked) -> dict[str, str]:
    """What was asked for, with a group that was picked in its name's place."""
    values = dict(asked.values)
    if values.get("choice") and values.get("name"):
        for side in ("include", "exclude"):
            names = [values["choice"] if one == values["name"] else one for one in _names(values, side)]
            values[side] = "\n".join(names)
    values.setdefault("marker", str(uuid.uuid4()))
    return values


async def _consent(_values: Mapping[str, str], changing: Changing) -> Plan:
    found = await tenant_state.consent(changing.tenant, changing.tenant_id)
    confirmed = await confirmation(changing, found)
    return preparation.consent(
        found, confirmed=confirmed is True, create=changing.creates_apps, login_url=changing.login_url
    )


async def _profile(values: Mapping[str, str], changing: Changing) -> Plan:
    found = await tenant_state.tenant_state(changing.tenant, changing.tenant_id, changing.policies)
    return preparation.profile(found, values.get("marker", ""))


async def _assign(values: Mapping[str, str], changing: Changing) -> Plan:
    include, exclude = await _found(values, "include", changing), await _found(values, "exclude", changing)
    if not include and not exclude:
        raise Refused(Reason.GROUP_MISSING)
    found, sizes = await _situation(changing)
    return assignment.assign(found, include, exclude, sizes)


async def _unassign(values: Mapping[str, str], changing: Changing) -> Plan:
    names = _names(values, "include") + _names(values, "exclude")
    if not names:
        raise Refused(Reason.GROUP_MISSING)
    found, sizes = await _situation(changing)
    deleted = {one: Group(one, "", users=0, devices=0) for one in tenant_state.named_groups(found) - sizes.keys()}
    leave = [deleted.get(name.lower()) or await _one(name, changing) for name in names]
    return assignment.unassign(found, leave, sizes)


async def _undo(values: Mapping[str, str], changing: Changing) -> Plan:
    done = await request_of(values, changing.approvals)
    if not any(step.state is StepState.DONE for step in done.steps):
        raise Refused(Reason.NOT_UNDOABLE)  # it has written nothing
    before = _as_filed(done)
    found, _ = await _situation(changing)
    named = tenant_state.named_groups(found) | {group.id for group in getattr(before.effect, "changed", ())}
    return assignment.undo(before, found, await changing.groups.sizes(named))


def _as_filed(request: Request) -> Plan:
    """The plan of a request, if it is the one that was filed. Raises Refused(NOT_UNDOABLE)."""
    plan = Plan.filed(request.plan, request.digest)
    if plan is None:
        raise Refused(Reason.NOT_UNDOABLE)
    return plan


async def request_of(values: Mapping[str, str], approvals: Approvals) -> Request:
    """The request that a number names. Raises Refused(UNKNOWN_REQUEST)."""
    number = values.get("number", "").lstrip("#")
    found = await approvals.request(int(number)) if number.isdigit() and len(number) < 10 else None
    if found is None:
        raise Refused(Reason.UNKNOWN_REQUEST)
    return found


async def _situation(changing: Changing) -> tuple[tenant_state.TenantState, dict[str, Group]]:
    found = await tenant_state.tenant_state(changing.tenant, changing.tenant_id, changing.policies)
    return found, await changing.groups.sizes(tenant_state.named_groups(found))


async def _found(values: Mapping[str, str], side: str, changing: Changing) -> tuple[Group, ...]:
    return tuple([await _one(name, changing) for name in _names(values, side)])


async def _one(name: str, changing: Changing) -> Group:
    found = await changing.groups.find(name)
    bare = sentences().bare(name)
    if not found and bare != name:
        found = await changing.groups.find(bare)
    if not found:
        raise Refused(Reason.UNKNOWN_GROUP, group=name)
    if len(found) > 1:
        raise Ambiguous(name, found)
    return found[0]


def _names(values: Mapping[str, str], side: str) -> list[str]:
    names = [name.strip() for name in values.get(side, "").splitlines() if name.strip()]
    if len(names) > MOST_NAMES:  # each is looked up; nothing of what was asked for is left out silently
        raise Refused(Reason.TOO_MANY_GROUPS, count=str(len(names)), most=str(MOST_GROUPS))
    return names


_PLANS: Mapping[Kind, Callable[[Mapping[str, str], Changing], Awaitable[Plan]]] = {
    Kind.CONSENT: _consent,
    Kind.PROFILE: _profile,
    Kind.ASSIGN: _assign,
    Kind.UNASSIGN: _unassign,
    Kind.UNDO: _undo,
}
