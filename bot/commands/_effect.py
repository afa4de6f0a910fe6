"""A plan in words and in full: what it changes, and the very requests that will be sent."""

import json
from collections.abc import Iterator

from bot.approvals.plan import AssignEffect, ConsentEffect, GroupSize, Plan, ProfileEffect, Step
from bot.rollout.facts import PIN_CLIENT, PIN_SERVICE
from dialogs.replies import Section, Text

APPS = {PIN_SERVICE: "service", PIN_CLIENT: "client"}
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
    for one in effect.differences:
        yield Text(f"approvals.difference.{one.aspect}", {"found": one.found, "wanted": one.wanted})


def _assign(effect: AssignEffect) -> Iterator[Text]:
    yield Text("effect.assign.profile", {"name": effect.profile_name})
    for side in _SIDES:
        for group in getattr(effect, side):
            yield _group(side, group)
    if effect.others:
        yield Text("effect.assign.others", {"kinds": ", ".join(one.rpartition(".")[2] for one in effect.others)})
    if effect.filters:
        yield Text("effect.assign.filters", {"count": str(effect.filters)})
    yield Text("effect.assign.touched", {"devices": str(effect.devices), "users": str(effect.users)})
    if effect.uncovered:
        yield Text("effect.assign.uncovered")


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
    body = json.dumps(step.write.body, indent=2, ensure_ascii=False, sort_keys=True)
    return f"{step.write.method} {step.write.path}\n{body}"
