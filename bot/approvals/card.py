"""A request on a card: the base that everybody may see, and what one person may do with it.

Who may decide gets the buttons by a view of their own; the base carries none. Names come from the tenant.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from bot.approvals.kind import Kind, Kinds, brief, filed
from bot.approvals.outcomes import SETTLED
from bot.approvals.plan import Plan, in_full
from bot.approvals.policy import same_id, verdict_of
from bot.chat.command import Arguments, Number
from bot.chat.notices import MOST_LETTERS, ago, at, left, shortened
from bot.chat.people import called, name
from bot.reset_rules.facts import Account
from bot.store.records import OPEN, Note, Request, State, StepState, Verdict
from bot.store.seal import canonical
from dialogs.words.replies import (
    Button,
    Details,
    Fact,
    Field,
    Link,
    Literal,
    Names,
    Objection,
    Section,
    Text,
    Tone,
    Value,
)

VIEW = "request.view"
MOST_OF_STATE = 1_000  # letters of a state that nobody has words for
MOST_NAMES = 10  # of a list that is no part of the change itself: that one is never shortened
_NOT_AS_FILED = (Section(Text("request.not_as_filed"), (Text("request.not_as_filed_text"),)),)
_TONES = {
    State.WAITING: Tone.CALM,
    State.CONSENTING: Tone.CALM,
    State.APPROVED: Tone.CALM,
    State.RUNNING: Tone.CALM,
    State.DONE: Tone.GOOD,
    State.HELD: Tone.WARNING,
    State.UNCONFIRMED: Tone.WARNING,
    State.REJECTED: Tone.ATTENTION,
    State.ATTENTION: Tone.ATTENTION,
    State.VOID: Tone.ATTENTION,
}
_STEPS = {StepState.INTENT: "intent", StepState.HELD: "held", StepState.DONE: "done"}


class RequestArguments(Arguments):
    """A request: as it was typed or, on a card, with the `nonce` of whoever the card is for and the revision that it
    was drawn of. `reason`: of what is done with it."""

    number: Number = None
    request: Number = None
    nonce: str = ""
    revision: Number = None
    reason: str = ""

    @property
    def named(self) -> int | None:
        """Which one, however it was asked for."""
        return self.number if self.request is None else self.request


@dataclass(frozen=True, slots=True)
class Shown:
    """A request with all that its card says beside what is stored."""

    request: Request
    kinds: Kinds
    people: Mapping[str, Account] = field(default_factory=dict)  # by object id; who is missing is shown by the id
    unreached: tuple[str, ...] = ()  # approvers to whom the bot may not write
    now: datetime | None = None  # of a card that is drawn for somebody who looks at it now
    zone: ZoneInfo | None = None  # in which times are shown: of the one who looks

    def at(self, moment: datetime) -> datetime:
        """As it stands on this card."""
        return at(moment, self.zone)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and the nonce that makes a button of theirs genuine."""

    object_id: str
    approver: bool
    admin: bool
    nonce: str


def base(shown: Shown, *, outcome: tuple[Text, ...] = ()) -> Details:
    """What everybody may see. While it is open, clients refresh it by themselves into the view of whoever looks."""
    request, plan = shown.request, filed(shown.kinds, shown.request)
    look = RequestArguments(request=request.number).button(Text("button.view_request"), VIEW)
    view = look if request.state in OPEN | {State.VOID} else None
    return Details(
        title=title(shown),
        subtitle=Text("request.title", {"number": str(request.number)}),
        status=Text(f"request.state.{request.state}"),
        tone=_TONES.get(request.state, Tone.PLAIN),
        facts=tuple(_facts(shown)),
        sections=(
            *_what_happened(shown),
            *(sections(shown.kinds[plan.kind], plan) if plan else _NOT_AS_FILED),
            Section(Text("request.details"), tuple(_proofs(request)), facts=tuple(_details(shown)), folded=True),
        ),
        buttons=(view,) if view else (),
        links=_links(shown, plan),
        footnotes=tuple(_footnotes(shown)),
        outcome=outcome,
        refresh=view,
    )


def title(shown: Shown) -> Text:
    """Who asks for what."""
    request, plan = shown.request, filed(shown.kinds, shown.request)
    what = brief(shown.kinds[plan.kind], plan) if plan else Text(f"change.{request.kind}.name")
    asks = "asks" if request.state in OPEN else "asked"
    return Text(f"request.{asks}", {"who": called(request.requester, shown.people), "what": what})


def view(shown: Shown, viewer: Viewer, *, outcome: tuple[Text, ...] = ()) -> Details:
    """The base and what this person may do."""
    drawn, request = base(shown, outcome=outcome), shown.request
    own = same_id(request.requester, viewer.object_id)
    decides = viewer.approver and not own and not verdict_of(request, viewer.object_id) and filed(shown.kinds, request)
    press = RequestArguments(request=request.number, nonce=viewer.nonce, revision=request.revision)
    objection: Objection | None = None
    buttons: tuple[Button, ...] = drawn.buttons
    if request.state is State.WAITING and decides:
        objection = _objection(press, missed=bool(outcome))
        buttons = (press.button(Text("button.approve"), "request.approve", main=True),)
    elif own and request.state in {State.WAITING, State.APPROVED}:
        buttons = (press.button(Text("button.cancel_request"), "request.cancel"),)
    elif request.state is State.CONSENTING and viewer.admin:
        buttons = (press.button(Text("button.verify_consent"), "request.verify", main=True),)
    elif request.state is State.VOID and own and (again := _again(shown)):
        buttons = (again,)
    elif request.state is State.DONE and viewer.admin:
        buttons = offers(request, shown.kinds)
    elif _may_go_on(request, viewer, own=own):
        buttons = (press.button(Text("button.retry"), "request.retry", main=True),)
    links = drawn.links if own or viewer.admin else ()  # who has decided has nothing to open
    return replace(drawn, objection=objection, buttons=buttons, links=links)


def _objection(press: RequestArguments, *, missed: bool) -> Objection:
    """A reason is asked of who rejects, and of nobody else."""
    return Objection(
        Text("button.reject_why"),
        Field("reason", Text("request.why_not"), required=True, long=True),
        press.button(Text("button.reject"), "request.reject"),
        open=missed,
    )


def _may_go_on(request: Request, viewer: Viewer, *, own: bool) -> bool:
    """As bot.approvals.policy.may_step_in has it."""
    if request.state is State.HELD:
        return viewer.approver or own
    return request.state is State.ATTENTION and viewer.approver and not own


def line(shown: Shown, now: datetime) -> Text:
    """When a request in a list was asked for; of one that waits, how long it still does."""
    request = shown.request
    values: dict[str, Value] = {"asked": shown.at(request.created_at), "ago": ago(request.created_at, now)}
    if request.state is not State.WAITING:
        return Text("request.line.other", values)
    return Text("request.line.waiting", {**values, "expires": _expiry(shown, now)})


def named(request: Request) -> frozenset[str]:
    """Whose names the card says."""
    closed = json.loads(request.evidence).get("closed_by")
    approvers = (decision.approver for decision in request.decisions)
    return frozenset({request.requester, *approvers, *([closed] if closed else [])})


def _facts(shown: Shown) -> Iterator[Fact]:
    request = shown.request
    yield Fact(Text("request.reason"), Literal(request.reason or "–"))
    if request.state is State.WAITING:
        yield Fact(
            Text("request.expires_at"),
            _expiry(shown, shown.now) if shown.now else shown.at(request.expires_at),
        )
    if request.state is State.WAITING and request.needed > 1:
        given = sum(decision.verdict is Verdict.APPROVE for decision in request.decisions)
        yield Fact(Text("request.approvals"), Text("request.approvals_of", _counts(given, request.needed)))
    if shown.unreached:
        left_out = len(shown.unreached) - MOST_NAMES
        names = Names(tuple(shown.unreached[:MOST_NAMES]), more=left_out > 0)
        more = Text("request.unreached_more", {"names": names, "count": left_out})
        yield Fact(Text("request.unreached"), more if left_out > 0 else names)


def _expiry(shown: Shown, now: datetime) -> Text:
    """In how long, where that is still right when it is read."""
    moment = shown.request.expires_at
    return Text("request.expires", {"left": left(moment, now), "time": shown.at(moment)})


def _details(shown: Shown) -> Iterator[Fact]:
    """For an auditor: nobody else has the end of an object id."""
    request = shown.request
    yield Fact(Text("request.asked_by"), Literal(name(request.requester, shown.people)))
    for decision in request.decisions:
        yield Fact(Text("request.decided_by"), Literal(name(decision.approver, shown.people)))
    yield Fact(Text("request.kind"), Text(f"change.{request.kind}.name"))
    yield Fact(Text("request.asked_at"), shown.at(request.created_at))
    yield Fact(Text("request.needed"), request.needed)


def _proofs(request: Request) -> Iterator[Text]:
    head = next((decision.head for decision in reversed(request.decisions) if decision.head), "")
    if head:
        yield Text("request.audit_head", {"head": head})
    yield Text("change.digest", {"digest": request.digest})


def _counts(given: int, needed: int) -> dict[str, int]:
    return {"given": given, "needed": needed}


def _what_happened(shown: Shown) -> tuple[Section, ...]:
    lines = tuple(_happened(shown))
    return (Section(Text("request.happened"), lines),) if lines else ()


def verdicts(shown: Shown) -> Iterator[Text]:
    """Who decided, when, and why."""
    for decision in shown.request.decisions:
        values: Mapping[str, Value] = {
            "who": called(decision.approver, shown.people),
            "time": shown.at(decision.at),
            "reason": decision.reason,
        }
        said = "with_reason" if decision.reason else "plain"
        yield Text(f"request.verdict.{decision.verdict}.{said}", {key: text for key, text in values.items() if text})


def offers(request: Request, kinds: Kinds) -> tuple[Button, ...]:
    """What an admin may do now that it is done."""
    kind = kinds.get(request.kind)
    return kind.offers(request.number) if kind and request.state is State.DONE else ()


def _happened(shown: Shown) -> Iterator[Text]:
    request = shown.request
    yield from verdicts(shown)
    for step in request.steps:
        number: Mapping[str, Value] = {"number": str(step.position + 1), "time": shown.at(step.at)}
        yield Text(f"request.step.{_STEPS[step.state]}", number)
    if request.note is not Note.NONE:
        yield Text(f"approvals.note.{request.note}")
    yield from _evidence(json.loads(request.evidence), shown)


def _evidence(known: Mapping[str, Any], shown: Shown) -> Iterator[Text]:
    """What a human needs who must look: what was found, and Graph's ids, never its text."""
    request = shown.request
    if "checked_at" in known and (kind := shown.kinds.get(request.kind)):
        yield Text("request.consent.checked", {"time": shown.at(datetime.fromisoformat(known["checked_at"]))})
        yield from kind.found(known)
    if "basis" in known and (plan := filed(shown.kinds, request)):
        yield from _differs(shown.kinds[plan.kind], plan, known["basis"], known["found"])
    for one in known.get("grown", ()):
        yield Text("request.differs.grown", {name: one[name] for name in ("name", "before", "now")})
    if known.get("settled_at"):
        minutes = SETTLED // timedelta(minutes=1)
        moment = datetime.fromisoformat(known["settled_at"])
        yield Text("request.wait.until", {"minutes": minutes, "time": shown.at(moment)})
    if known.get("client_request_id"):
        ids = {one: str(known.get(one) or "–") for one in ("status", "request_id", "client_request_id")}
        yield Text("request.evidence", ids)
    if known.get("closed_reason"):
        who = name(known["closed_by"], shown.people)
        yield Text("request.closed", {"who": who, "reason": str(known["closed_reason"])})


def _differs(kind: Kind, plan: Plan, position: int, found: JsonValue) -> Iterator[Text]:
    """What is in the tenant now and was not when the plan was made, and the other way round."""
    before = plan.basis[position].state
    if not (isinstance(before, list) and isinstance(found, list)):
        states = {"before": before, "now": found}
        named = {name: _cut(kind.named(state, plan), MOST_OF_STATE) for name, state in states.items()}
        yield Text("request.differs.other", named)
        return
    for key, some, others in (("more", found, before), ("less", before, found)):
        seen = {canonical(one) for one in others}
        changed = [one for one in some if canonical(one) not in seen]
        for one in changed[:MOST_NAMES]:
            yield Text(f"request.differs.{key}", {"what": _cut(kind.named(one, plan))})
        if changed[MOST_NAMES:]:
            yield Text("request.differs.left_out", {"count": len(changed) - MOST_NAMES})


def _cut(what: Text | str, most: int = MOST_LETTERS) -> Text | str:
    """What a tenant holds may be of any length; what is said in words is not."""
    return what if isinstance(what, Text) else shortened(what, most)


def _again(shown: Shown) -> Button | None:
    """The same change as a fresh plan: a preview, and nothing more."""
    request, plan = shown.request, filed(shown.kinds, shown.request)
    wanted = shown.kinds[plan.kind].again(plan) if plan else None
    if plan is None or wanted is None:
        return None
    again = wanted.model_copy(update={"reason": request.reason, "request": request.number})
    return again.button(Text("button.fresh_plan"), shown.kinds[plan.kind].verbs[0], main=True)


def _links(shown: Shown, plan: Plan | None) -> tuple[Link, ...]:
    """What a human has to open elsewhere, once it is approved."""
    waits = shown.request.state is State.CONSENTING
    return shown.kinds[plan.kind].links(plan) if plan and waits else ()


def sections(kind: Kind, plan: Plan) -> tuple[Section, ...]:
    """What a plan changes and, one tap away, what stays and the very requests that will be sent: nothing left out."""
    exact = tuple(in_full(step) for step in plan.steps)
    none, count = () if exact else (Text("effect.no_requests"),), len(exact)
    more = tuple(kind.more(plan))
    return (
        Section(Text("effect.title"), tuple(kind.lines(plan))),
        *((Section(Text("effect.more"), more, folded=True),) if more else ()),
        Section(Text("effect.requests", {"count": count}), none, exact=exact, folded=True),
    )


def _footnotes(shown: Shown) -> Iterable[Text]:
    request = shown.request
    if request.state is State.CONSENTING:
        yield Text("request.consent.who")
        yield Text("request.consent.expected")
    yield from shown.kinds[request.kind].footnotes if request.kind in shown.kinds else ()
