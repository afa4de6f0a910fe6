"""A request on a card: the base that everybody may see, and what one person may do with it.

Who may decide gets the buttons by a view of their own; the base carries none. Names come from the tenant.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from bot.approvals import requests_in_full
from bot.approvals.plan import AssignEffect, ConsentEffect, GroupSize, Kind, Plan
from bot.approvals.policy import same_id, verdict_of
from bot.chat.notices import at, shortened
from bot.reset_rules.facts import Account
from bot.store.records import OPEN, Note, Request, State, StepState, Verdict
from bot.store.seal import canonical
from dialogs.words.replies import Button, Details, Fact, Field, Link, Literal, Section, Text

VIEW = "request.view"
MOST_NAMES = 10  # of a list that is no part of the change itself: that one is never shortened
_GRANTS = {True: "confirmed", False: "not_confirmed", None: "unknown"}
_NOT_AS_FILED = (Section(Text("request.not_as_filed"), (Text("request.not_as_filed_text"),)),)
_STEPS = {StepState.INTENT: "intent", StepState.HELD: "held", StepState.DONE: "done"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A request with all that its card says beside what is stored."""

    request: Request
    people: Mapping[str, Account] = field(default_factory=dict)  # by object id; who is missing is shown by the id
    unreached: tuple[str, ...] = ()  # approvers to whom the bot may not write


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and the nonce that makes a button of theirs genuine."""

    object_id: str
    approver: bool
    admin: bool
    nonce: str


def base(shown: Shown, *, outcome: tuple[Text, ...] = ()) -> Details:
    """What everybody may see. While it is open, clients refresh it by themselves into the view of whoever looks."""
    request, plan = shown.request, Plan.filed(shown.request.plan, shown.request.digest)
    look = Button(Text("button.view_request"), VIEW, {"request": str(request.number)})
    view = look if request.state in OPEN | {State.VOID} else None
    return Details(
        title=Text("request.title", {"number": str(request.number)}),
        status=Text(f"request.state.{request.state}"),
        facts=tuple(_facts(shown)),
        sections=(*_what_happened(shown), *(requests_in_full.sections(plan) if plan else _NOT_AS_FILED)),
        buttons=(view,) if view else (),
        links=_links(request, plan),
        footnotes=tuple(_footnotes(shown)),
        outcome=outcome,
        refresh=view,
    )


def view(shown: Shown, viewer: Viewer, *, outcome: tuple[Text, ...] = ()) -> Details:
    """The base and what this person may do."""
    drawn, request = base(shown, outcome=outcome), shown.request
    own = same_id(request.requester, viewer.object_id)
    decides = (
        viewer.approver
        and not own
        and not verdict_of(request, viewer.object_id)
        and Plan.filed(request.plan, request.digest)
    )
    data = {"request": str(request.number), "nonce": viewer.nonce, "revision": str(request.revision)}
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = drawn.buttons
    if request.state is State.WAITING and decides:
        fields = (Field("reason", Text("request.comment"), long=True),)
        buttons = (
            Button(Text("button.approve"), "request.approve", data, main=True),
            Button(Text("button.reject"), "request.reject", data),
        )
    elif own and request.state in {State.WAITING, State.APPROVED}:
        buttons = (Button(Text("button.cancel_request"), "request.cancel", data),)
    elif request.state is State.CONSENTING and viewer.admin:
        buttons = (Button(Text("button.verify_consent"), "request.verify", data, main=True),)
    elif request.state is State.VOID and own and (again := _again(request)):
        buttons = (again,)
    elif _may_go_on(request, viewer, own=own):
        buttons = (Button(Text("button.retry"), "request.retry", data, main=True),)
    return replace(drawn, fields=fields, buttons=buttons)


def _may_go_on(request: Request, viewer: Viewer, *, own: bool) -> bool:
    """As bot.approvals.policy.may_step_in has it."""
    if request.state is State.HELD:
        return viewer.approver or own
    return request.state is State.ATTENTION and viewer.approver and not own


def line(request: Request, people: Mapping[str, Account], now: datetime) -> Text:
    """One request in a list, with its age."""
    hours = max(0, (now - request.created_at) // timedelta(hours=1))  # the clock may be behind the store
    values = {
        "number": str(request.number),
        "who": name(request.requester, people),
        "asked": at(request.created_at),
        "hours": str(hours),
        "expires": at(request.expires_at),
    }
    kind = "waiting" if request.state is State.WAITING else "other"
    return Text(f"request.line.{kind}{'' if hours else '_new'}", values)


def named(request: Request) -> frozenset[str]:
    """Whose names the card says."""
    closed = json.loads(request.evidence).get("closed_by")
    approvers = (decision.approver for decision in request.decisions)
    return frozenset({request.requester, *approvers, *([closed] if closed else [])})


def name(object_id: str, people: Mapping[str, Account]) -> str:
    """Name, sign-in name and the end of the object id, which no two people share."""
    account = people.get(object_id)
    known = f"{shortened(account.display_name, 60)} ({shortened(account.user_principal_name)})" if account else "?"
    return f"{known} …{object_id[-6:]}"


def _facts(shown: Shown) -> Iterator[Fact]:
    request = shown.request
    yield Fact(Text("request.kind"), Text(f"change.{request.kind}.name"))
    yield Fact(Text("request.asked_by"), Literal(name(request.requester, shown.people)))
    yield Fact(Text("request.reason"), Literal(request.reason or "–"))
    yield Fact(Text("request.asked_at"), Literal(at(request.created_at)))
    if request.state is State.WAITING:
        yield Fact(Text("request.expires_at"), Literal(at(request.expires_at)))
        given = sum(decision.verdict is Verdict.APPROVE for decision in request.decisions)
        yield Fact(Text("request.approvals"), Text("request.approvals_of", _counts(given, request.needed)))
    if shown.unreached:
        names, left_out = ", ".join(shown.unreached[:MOST_NAMES]), len(shown.unreached) - MOST_NAMES
        more = Text("request.unreached_more", {"names": names, "count": str(left_out)})
        yield Fact(Text("request.unreached"), more if left_out > 0 else Literal(names))


def _counts(given: int, needed: int) -> dict[str, str]:
    return {"given": str(given), "needed": str(needed)}


def _what_happened(shown: Shown) -> tuple[Section, ...]:
    lines = tuple(_happened(shown))
    return (Section(Text("request.happened"), lines),) if lines else ()


def _happened(shown: Shown) -> Iterator[Text]:
    request = shown.request
    for decision in request.decisions:
        values = {"who": name(decision.approver, shown.people), "time": at(decision.at), "reason": decision.reason}
        said = "with_reason" if decision.reason else "plain"
        yield Text(f"request.verdict.{decision.verdict}.{said}", {key: text for key, text in values.items() if text})
    for step in request.steps:
        number = {"number": str(step.position + 1), "time": at(step.at)}
        yield Text(f"request.step.{_STEPS[step.state]}", number)
    if request.note is not Note.NONE:
        yield Text(f"approvals.note.{request.note}")
    yield from _evidence(json.loads(request.evidence), shown)


def _evidence(known: Mapping[str, Any], shown: Shown) -> Iterator[Text]:
    """What a human needs who must look: what was found, and Graph's ids, never its text."""
    request = shown.request
    if "apps" in known:
        yield Text("request.consent.checked", {"time": at(datetime.fromisoformat(known["checked_at"]))})
        for app_id, app in requests_in_full.APPS.items():
            yield Text(f"status.consent.{app}.{known['apps'][app_id]}")
        yield Text(f"status.consent.grant.{_GRANTS[known['grant']]}")
    if "basis" in known and (plan := Plan.filed(request.plan, request.digest)):
        yield from _differs(plan, known["basis"], known["found"])
    if known.get("client_request_id"):
        ids = {one: str(known.get(one) or "–") for one in ("status", "request_id", "client_request_id")}
        yield Text("request.evidence", ids)
    if known.get("closed_reason"):
        who = name(known["closed_by"], shown.people)
        yield Text("request.closed", {"who": who, "reason": str(known["closed_reason"])})


def _differs(plan: Plan, position: int, found: JsonValue) -> Iterator[Text]:
    """What is in the tenant now and was not when the plan was made, and the other way round."""
    before = plan.basis[position].state
    if not (isinstance(before, list) and isinstance(found, list)):
        states = {"before": canonical(before), "now": canonical(found)}
        yield Text("request.differs.other", {name: shortened(state, 1_000) for name, state in states.items()})
        return
    for key, some, others in (("more", found, before), ("less", before, found)):
        seen = {canonical(one) for one in others}
        changed = [one for one in some if canonical(one) not in seen]
        for one in changed[:MOST_NAMES]:
            yield Text(f"request.differs.{key}", {"what": shortened(requests_in_full.named(one, plan))})
        if changed[MOST_NAMES:]:
            yield Text("request.differs.left_out", {"count": str(len(changed) - MOST_NAMES)})


def _again(request: Request) -> Button | None:
    """The same change as a fresh plan: a preview, and nothing more. An undo can't be told from its plan."""
    plan = Plan.filed(request.plan, request.digest)
    if plan is None or plan.kind is Kind.UNDO:
        return None
    effect, data = plan.effect, {"reason": request.reason, "request": str(request.number)}
    if isinstance(effect, AssignEffect):
        include, exclude = (
            (effect.included, effect.excluded) if plan.kind is Kind.ASSIGN else (effect.removed, effect.readmitted)
        )
        data |= {"include": _ids(include), "exclude": _ids(exclude)}
    verbs = {
        Kind.CONSENT: "onboard_consent",
        Kind.PROFILE: "create_profile",
        Kind.ASSIGN: "assign",
        Kind.UNASSIGN: "unassign",
    }
    return Button(
        Text("button.fresh_plan"), verbs[plan.kind], {name: one for name, one in data.items() if one}, main=True
    )


def _ids(groups: Iterable[GroupSize]) -> str:
    return "\n".join(group.id for group in groups)


def _links(request: Request, plan: Plan | None) -> tuple[Link, ...]:
    """The two consent links, service first, once they are approved."""
    if request.state is not State.CONSENTING or not plan or not isinstance(plan.effect, ConsentEffect):
        return ()
    return tuple(
        Link(Text(f"button.consent.{requests_in_full.APPS[link.app_id]}"), link.url) for link in plan.effect.links
    )


def _footnotes(shown: Shown) -> Iterable[Text]:
    request = shown.request
    if request.state is State.CONSENTING:
        yield Text("request.consent.who")
        yield Text("request.consent.expected")
    if request.kind in {"unassign", "undo"}:
        yield Text("effect.assign.may_stay")
    head = next((decision.head for decision in reversed(request.decisions) if decision.head), "")
    if head:
        yield Text("request.audit_head", {"head": head})
    yield Text("change.digest", {"digest": request.digest[:12]})
