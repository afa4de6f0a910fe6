"""What a kind of change must offer: how it is planned, shown, ended, asked for anew. This room knows none by name."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, JsonValue, ValidationError

from bot.approvals.plan import Look, Plan
from bot.chat.command import Arguments, Number
from bot.store.records import Request
from dialogs.words.replies import Button, Link, Text, Value

Rows = tuple[Mapping[str, JsonValue], ...]
Reads = Mapping[str, Callable[[Look], Awaitable[Rows]]]
"""By the kind of look."""


class ChangeArguments(Arguments):
    """What is asked for, from the first word to the press that files it. A kind that needs more has a class of its own.

    `include`, `exclude`: groups by name or id, a line each; `also`: more to include, beside one that was picked from a
    list; `choice`: the id of the one that was picked in the place of a `name`. `when`: the moment that was asked for,
    which is no part of a plan. `number`: of what is to be undone. `marker`: random, to know our own again. `request`:
    on whose card it is asked for anew. `kind`, `digest`: of the plan that was shown.
    """

    include: str = ""
    exclude: str = ""
    also: str = ""
    number: Number = None
    marker: str = ""
    reason: str = ""
    name: str = ""
    choice: str = ""
    request: Number = None
    when: str = ""
    kind: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a look at the tenant shows when all steps are done: is it `ready`, or has a human still to do something?"""

    ready: bool
    evidence: Mapping[str, object]


async def as_planned(_plan: Plan) -> tuple[Mapping[str, JsonValue], ...]:
    """For kinds that reach nobody but what their looks show."""
    return ()


async def at_once() -> Ending:
    """For kinds that are done when their steps are."""
    return Ending(ready=True, evidence={})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change. `name`: stored with each request; its words are `change.<name>.*`.

    `brief`: the whole of it in a few words, which go on with a sentence ("cover Finance Laptops"); None: its name.
    `more`: the rest of the effect, what stays as it is among it, one tap away from `lines`.
    `offers`: what an admin may do once it is done, by the request's number: take it back, or go on to what is next.
    `intents` and `verbs` ask for it, the first verb also on a button of ours. `plan`: from what was asked for; raises
    Declined and the errors of bot.tenant. `effect`: the model of Plan.effect. `lines`: that effect in words. `looks`:
    the kinds of looks that its plans take; `state_of`: what the rows of one say, equal states as equal JSON; `reads`:
    how those are read that are more than the collection at their path. `named`: one part of such a state, as people
    know it. `again`: what to ask for to get the same as a fresh plan; None where that can't be told. `subject`: what is
    said of a wish that is fulfilled already. `ending`: looked at once all steps are done; `found`: what it showed, in
    words. `grown`: groups that are larger than what was shown, by more than the operator allows: of each its `name`,
    and how many it had `before` and has `now`. `arguments`: reads what is asked for, given to `plan` and `subject`.
    """

    name: str
    intents: tuple[str, ...]
    verbs: tuple[str, ...]
    plan: Callable[[ChangeArguments], Awaitable[Plan]]
    effect: type[BaseModel]
    lines: Callable[[Plan], Iterable[Text]]
    looks: frozenset[str]
    state_of: Callable[[Look, Rows], JsonValue]
    named: Callable[[JsonValue, Plan], Text | str]
    again: Callable[[Plan], ChangeArguments | None]
    reads: Reads = field(default_factory=dict)
    brief: Callable[[Plan], Text] | None = None
    more: Callable[[Plan], Iterable[Text]] = lambda _plan: ()
    offers: Callable[[int], tuple[Button, ...]] = lambda _number: ()
    arguments: type[ChangeArguments] = ChangeArguments
    subject: Callable[[ChangeArguments], Mapping[str, Value]] = lambda _wanted: {}
    links: Callable[[Plan], tuple[Link, ...]] = lambda _plan: ()
    footnotes: tuple[Text, ...] = ()
    ending: Callable[[], Awaitable[Ending]] = field(default=at_once)
    found: Callable[[Mapping[str, Any]], Iterable[Text]] = lambda _evidence: ()
    grown: Callable[[Plan], Awaitable[tuple[Mapping[str, JsonValue], ...]]] = field(default=as_planned)


def brief(kind: Kind, plan: Plan) -> Text:
    """What the change is, for a title or a toast."""
    return kind.brief(plan) if kind.brief else Text(f"change.{kind.name}.name")


Kinds = Mapping[str, Kind]
"""By name."""


def filed(kinds: Kinds, request: Request) -> Plan | None:
    """The plan of a request, if it is the one that was filed, of a kind and a version that are known here."""
    plan = Plan.filed(request.plan, request.digest)
    return plan if plan and is_known(kinds, plan) else None


def is_known(kinds: Kinds, plan: Plan) -> bool:
    """Whether a kind here understands the whole of it."""
    kind = kinds.get(plan.kind)
    if kind is None or not kind.looks.issuperset(plan.looks()):
        return False
    try:
        kind.effect.model_validate(plan.effect)
    except ValidationError:
        return False
    return True
