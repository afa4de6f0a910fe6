"""A plan in words and in full: what it changes, and the very requests that will be sent."""

import json
from collections.abc import Iterator

from pydantic import JsonValue

from bot.approvals.plan import AssignEffect, ConsentEffect, GroupSize, Plan, ProfileEffect, Step
from bot.changes import tenant_state
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE
from bot.store.seal import canonical
from dialogs.words.replies import Section, Text

APPS = {PIN_SERVICE: "service", PIN_CLIENT: "client"}
LINE = 150  # letters of a request on one line: one assignment
_SIDES = ("included", "excluded", "removed", "readmitted", "kept", "kept_excluded")


def sections(plan: Plan) -> tuple[Section, ...]:
    """Effect and requests, nothing left out."""
    return (Section(Text("effect.title"), tuple(_lines(plan))), _requests(plan))


def _lines(plan: Plan) -> Iterator[Text]:
    match plan.effect:
        case ConsentEffect():
            yield from _consent(plan.effect)
        case ProfileEffect():
            yield from _profile(plan.effect)
        case AssignEffect():
            yield from _assign(plan.effect)


def _consent(effect: ConsentEffect) -> Iterator[Text]:
    for app in effect.apps:
        yield Text(f"effect.consent.{APPS[app.app_id]}", {"app_id": app.app_id})
        yield Text(f"status.consent.{APPS[app.app_id]}.{app.state}")
        if app.act != "none":
            yield Text(f"effect.consent.{app.act}")
    by_bot = any(app.act != "none" for app in effect.apps)
    yield Text("effect.consent.by_bot" if by_bot else "effect.consent.by_link")


def _profile(effect: ProfileEffect) -> Iterator[Text]:
    yield Text(
        "effect.profile.correct" if effect.profile_id else "effect.profile.create", {"name": effect.profile_name}
    )
    yield Text("effect.profile.setting", {"oma_uri": effect.oma_uri})
    if effect.unclear:
        yield Text("effect.profile.unclear", {"count": str(effect.unclear)})
    for one in effect.differences:
        yield Text(f"approvals.difference.{one.aspect}", {"found": one.found, "wanted": one.wanted})


def _assign(effect: AssignEffect) -> Iterator[Text]:
    yield Text("effect.assign.profile", {"name": effect.profile_name})
    for side in _SIDES:
        for group in getattr(effect, side):
            yield _group(side, group)
            if not group.name:
                yield Text("effect.assign.deleted", {"group": group.id})
    if effect.others:
        yield Text("effect.assign.others", {"kinds": ", ".join(one.rpartition(".")[2] for one in effect.others)})
    if effect.filters:
        yield Text("effect.assign.filters", {"count": str(effect.filters)})
    yield Text("effect.assign.touched", {"devices": str(effect.devices), "users": str(effect.users)})
    if effect.uncovered:
        yield Text("effect.assign.uncovered")


def named(state: JsonValue, plan: Plan) -> str:
    """One assignment or profile of a state that was read, as people know it: by the group's name where it is known."""
    if not (isinstance(state, dict) and "target" in state and isinstance(plan.effect, AssignEffect)):
        return canonical(state)
    known = {group.id: group.name for side in _SIDES for group in getattr(plan.effect, side)}
    group = tenant_state.group_of(state)
    kind = tenant_state.type_of(state).rpartition(".")[2]
    return f"{known.get(group) or ''} (…{group[-12:]}), {kind}" if group else kind


def _group(side: str, group: GroupSize) -> Text:
    values = {
        "group": group.name or group.id,
        "id": group.id[-12:],
        "devices": str(group.devices),
        "users": str(group.users),
    }
    return Text(f"effect.assign.{side}", values)


def _requests(plan: Plan) -> Section:
    if not plan.steps:
        return Section(Text("effect.requests"), (Text("effect.no_requests"),))
    return Section(Text("effect.requests"), exact=tuple(_request(step) for step in plan.steps))


def _request(step: Step) -> str:
    return f"{step.write.method} {step.write.path}\n{_written(step.write.body)}"


def _written(value: JsonValue, indent: str = "") -> str:
    """JSON with whatever fits on a line on one line: every letter, on a card a third as large."""
    flat = json.dumps(value, ensure_ascii=False, sort_keys=True)
    inner = f"{indent}  "
    if not isinstance(value, dict | list) or len(indent + flat) <= LINE:
        return flat
    if isinstance(value, list):
        return _between("[", [_written(one, inner) for one in value], "]", indent)
    fields = [f"{json.dumps(name, ensure_ascii=False)}: {_written(value[name], inner)}" for name in sorted(value)]
    return _between("{", fields, "}", indent)


def _between(opening: str, parts: list[str], closing: str, indent: str) -> str:
    inside = ",\n".join(f"{indent}  {part}" for part in parts)
    return f"{opening}\n{inside}\n{indent}{closing}"
