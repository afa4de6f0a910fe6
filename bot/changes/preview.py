"""Ask for a change to the tenant: from what was asked for to a preview, and by its button to a request.

The button carries what was asked for and the digest of what was shown. On the press the plan is worked out again: only
when it is the same to the last byte is it filed, and what is stored then is the bot's own plan.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.approvals.card import sections
from bot.approvals.commands import working
from bot.approvals.freeze import halt_notices
from bot.approvals.kind import Kind
from bot.approvals.plan import Plan
from bot.approvals.policy import Who, same_id
from bot.approvals.refusals import Reason, Refused
from bot.changes.groups import Ambiguous, names
from bot.changes.services import ChangeServices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.notices import WORKING, failed_with, refused, sentences, shortened, status
from bot.chat.people import name, people
from bot.chat.turn import PlaceKind
from bot.errors import BotError, Declined
from bot.teams.drawing import is_fitting
from dialogs.words.replies import Ask, Button, Choice, Details, Field, Literal, Reply, Say, Text

MOST_CHOICES = 20  # groups of one name
FILE = "change.file"
MARKER = "marker"  # random, the same from preview to filing: by it what was made is known again


async def show(asked: Asked, services: ChangeServices) -> Answer:
    """What exactly would be done. A press can't wait for the tenant: its card comes a moment later, in place."""
    if asked.values.get("request") and asked.turn.place.kind is PlaceKind.PERSONAL:  # on the card of one that is void
        shown = await working(asked, services.requests)
        return shown if shown.passing else replace(shown, later=lambda: _shown(asked, services), sent=None)
    if asked.values.get("verb"):
        return Answer(WORKING, later=lambda: _shown(asked, services))
    return Answer(await _shown(asked, services))


async def file(asked: Asked, services: ChangeServices) -> Answer:
    """File what was shown, if it is still the same."""
    return Answer(WORKING, later=lambda: _filed(asked, services))


async def plan(kind: Kind, values: Mapping[str, str]) -> Plan:
    """Work it out from the tenant as it is now. Raises Declined, Ambiguous and the errors of bot.tenant."""
    found = await kind.plan(values)
    if not is_fitting(preview(kind, found, values)):
        raise Refused(Reason.TOO_LARGE)
    return found


def preview(kind: Kind, found: Plan, values: Mapping[str, str]) -> Details:
    """The effect, the requests in full, a reason to give."""
    carried = {name: values[name] for name in (*kind.asked, MARKER) if values.get(name)}
    data = {"kind": kind.name, "digest": found.digest(), **carried}
    return Details(
        title=Text(f"change.{kind.name}.title"),
        status=Text("change.nothing_yet"),
        sections=sections(kind, found),
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
            values[side] = "\n".join(values["choice"] if one == values["name"] else one for one in names(values, side))
    values.setdefault(MARKER, str(uuid.uuid4()))
    return values


def unchanged(error: BotError, kind: Kind, values: Mapping[str, str]) -> Say:
    """What an error of planning means; where nothing is to change, what is so already."""
    if not isinstance(error, Refused) or error.reason is not Reason.NOTHING_TO_CHANGE:
        return failed_with(error)
    return Say(
        Text("change.unchanged.title"),
        (Text(f"change.unchanged.{kind.name}", kind.subject(values)),),
        buttons=(status(), Button(Text("button.verify_consent"), "consent.verify")),
    )


async def _shown(asked: Asked, services: ChangeServices) -> Reply:
    verb = asked.values.get("verb") or asked.values["intent"]
    kind = next(one for one in services.requests.kinds.values() if verb in (*one.verbs, *one.intents))
    values = chosen(asked)
    try:
        found = await plan(kind, values)
        return replace(preview(kind, found, values), notices=await halt_notices(services.requests))
    except Ambiguous as question:
        return pick(question, verb, values)
    except Declined as error:
        return unchanged(error, kind, values)


async def _filed(asked: Asked, services: ChangeServices) -> Reply:
    try:
        return await _file(asked, services)
    except Ambiguous:
        return refused(Refused(Reason.STALE_CARD))
    except Declined as error:
        return refused(error)


async def _file(asked: Asked, services: ChangeServices) -> Reply:
    person, values, approvals = asked.turn.person, asked.values, services.requests.approvals
    kind = services.requests.kinds.get(values.get("kind", ""))
    if kind is None:
        raise Refused(Reason.STALE_CARD)
    found = await plan(kind, values)
    if found.digest() != values.get("digest"):
        return differs(kind, found, values)
    who = Who(person.tenant_id, person.object_id)
    if asked.turn.place.kind is PlaceKind.PERSONAL:
        with suppress(BotError):
            await services.conversations.learn(person, asked.turn.place)  # the request's card has to find them
    try:
        request = await approvals.file(who, found, values.get("reason", ""))
    except Refused as no:
        if no.reason is Reason.OBJECT_BUSY and await _filed_already(no.values["request"], found, who, services):
            return await _told(int(no.values["request"]), asked, services)
        return replace(preview(kind, found, values), outcome=sentences(no))  # with what was typed: mended there
    return await _told(request.number, asked, services)


async def _filed_already(number: str, found: Plan, who: Who, services: ChangeServices) -> bool:
    """Was it this very press that filed the request, delivered before? A double click is no mistake."""
    request = await services.requests.approvals.request(int(number))
    return request is not None and request.digest == found.digest() and same_id(request.requester, who.object_id)


def differs(kind: Kind, found: Plan, values: Mapping[str, str]) -> Details:
    """The tenant has changed since the preview: the plan as of now, to be looked at again."""
    return replace(preview(kind, found, values), notices=(Text("change.differs"),))


async def _told(number: int, asked: Asked, services: ChangeServices) -> Say:
    """It is filed, whatever can't be found out about whom its cards reach."""
    requests, person = services.requests, asked.turn.person
    try:
        card = bool(await services.conversations.reachable(person.tenant_id, [person.object_id]))
        request = await requests.approvals.request(number)
        missed = await requests.unreached(request) if request else frozenset[str]()
        nobody = bool(missed) and missed >= await requests.roles.approvers() - {person.object_id}
        known = await people(missed, requests.people, requests.deadlines.name)
    except BotError:
        return filed(number)
    return filed(number, tuple(name(one, known) for one in sorted(missed)), nobody=nobody, card=card)


def filed(number: int, missed: Sequence[str] = (), *, nobody: bool = False, card: bool = True) -> Say:
    """What takes the preview's place; the request's own card comes by the notifier. `missed`: approvers who can't be
    reached; `nobody`: no other is left; `card`: the requester can be written to."""
    values = {"number": str(number), "who": ", ".join(missed)}
    paragraphs = (
        Text("change.filed.text" if card else "change.filed.no_card", {"number": str(number)}),
        *((Text("change.filed.nobody" if nobody else "change.filed.missed", values),) if missed else ()),
    )
    return Say(Text("change.filed.title", {"number": str(number)}), paragraphs)


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """A preview of each kind of change, and the button on it."""
    kinds = services.requests.kinds.values()
    return (
        Command(
            bound(show, services),
            intents=tuple(intent for kind in kinds for intent in kind.intents),
            verbs=tuple(verb for kind in kinds for verb in kind.verbs),
            audience=For.ADMINS,
            private=True,
        ),
        Command(bound(file, services), verbs=(FILE,), audience=For.ADMINS, private=True),
    )
