"""Ask for a change to the tenant: from what was asked for to a preview, and by its button to a request.

The button carries what was asked for and the digest of what was shown. On the press the plan is worked out again: only
when it is the same to the last byte is it filed, and what is stored then is the bot's own plan.
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.approvals.card import sections
from bot.approvals.commands import working
from bot.approvals.freeze import halt_notices
from bot.approvals.kind import ChangeArguments, Kind, brief
from bot.approvals.plan import Plan
from bot.approvals.policy import Who, same_id
from bot.approvals.refusals import Reason, Refused
from bot.changes.groups import Ambiguous, UnknownGroup, members, names
from bot.changes.services import ChangeServices
from bot.chat.command import Answer, Asked, Bound, Command, For, reading
from bot.chat.notices import WORKING, failed_with, refused, sentences, shortened, status, told_apart
from bot.chat.people import name, people
from bot.chat.turn import PlaceKind
from bot.errors import BotError, Declined
from bot.teams.drawing import is_fitting
from bot.tenant import MOST_COUNTED
from dialogs.words.replies import Ask, Button, Choice, Details, Field, Names, Reply, Say, Section, Text, Value

FILE = "change.file"


async def show(asked: Asked, wanted: ChangeArguments, services: ChangeServices) -> Answer:
    """What exactly would be done. A press can't wait for the tenant: its card comes a moment later, in place."""
    if wanted.request and asked.turn.place.kind is PlaceKind.PERSONAL:  # on the card of one that is void
        shown = await working(asked, wanted.request, services.requests)
        return shown if shown.passing else replace(shown, later=lambda: _shown(asked, wanted, services), sent=None)
    if asked.pressed:
        return Answer(WORKING, later=lambda: _shown(asked, wanted, services))
    return Answer(await _shown(asked, wanted, services))


async def file(asked: Asked, wanted: ChangeArguments, services: ChangeServices) -> Answer:
    """File what was shown, if it is still the same."""
    return Answer(WORKING, later=lambda: _filed(asked, wanted, services))


async def plan(kind: Kind, wanted: ChangeArguments) -> Plan:
    """Work it out from the tenant as it is now. Raises Declined, Ambiguous and the errors of bot.tenant."""
    found = await kind.plan(wanted)
    if not is_fitting(preview(kind, found, wanted)):
        raise Refused(Reason.TOO_LARGE)
    return found


def preview(kind: Kind, found: Plan, wanted: ChangeArguments) -> Details:
    """The effect, the requests in full, a reason to give."""
    shown = wanted.model_copy(
        update={"reason": "", "request": None, "when": "", "kind": kind.name, "digest": found.digest()}
    )
    return Details(
        title=Text("change.plan", {"what": brief(kind, found)}),
        status=Text("change.nothing_yet"),
        sections=(*sections(kind, found), _details(found)),
        fields=(Field("reason", Text("change.reason"), required=True, preset=wanted.reason, long=True),),
        buttons=(shown.button(Text("button.request_approval"), FILE, main=True),),
        footnotes=(Text("change.second_person"),),
    )


def _details(found: Plan) -> Section:
    return Section(Text("request.details"), (Text("change.digest", {"digest": found.digest()}),), folded=True)


def pick(question: Ambiguous, verb: str, wanted: ChangeArguments) -> Ask:
    """Which of the groups of one name? The choice takes the name's place."""
    picking = wanted.model_copy(update={"name": question.name, "marker": "", "request": None})
    shown = question.groups[:MOST_COUNTED]
    left_out = len(question.groups) - len(shown)
    return Ask(
        title=Text("change.pick"),
        paragraphs=(
            Text("change.pick_text", {"name": shortened(question.name)}),
            *((Text("change.pick_more", {"count": left_out}),) if left_out > 0 else ()),
        ),
        label=Text("change.pick_label"),
        choices=tuple(
            Choice(
                Text(
                    "change.pick_choice",
                    {"group": shortened(group.name), "members": members(group), "end": group.id[-12:]},
                ),
                group.id,
            )
            for group in shown
        ),
        send=picking.button(Text("button.show_change"), verb, main=True),
    )


def meant(error: UnknownGroup, verb: str, wanted: ChangeArguments) -> Say:
    """The groups that are called nearly so, a button each: it takes the name's place, and shows the change."""
    taken = [wanted.model_copy(update={"name": error.name, "choice": group.id, "marker": ""}) for group in error.alike]
    names = told_apart({group.id: group.name for group in error.alike})
    buttons = tuple(
        one.button(Text("button.did_you_mean", {"group": names[group.id]}), verb, main=number == 0)
        for number, (one, group) in enumerate(zip(taken, error.alike, strict=True))
    )
    return replace(refused(error), buttons=buttons) if buttons else refused(error)


def chosen(wanted: ChangeArguments) -> ChangeArguments:
    """What was asked for, with a group that was picked in its name's place."""

    def picked(side: str) -> str:
        if not (wanted.choice and wanted.name):
            return side
        return "\n".join(wanted.choice if one == wanted.name else one for one in names(side))

    include = "\n".join(side for side in (wanted.include, wanted.also) if side)
    sides = {"also": "", "include": picked(include), "exclude": picked(wanted.exclude), "name": "", "choice": ""}
    return wanted.model_copy(update={**sides, "marker": wanted.marker or str(uuid.uuid4())})


def unchanged(error: BotError, kind: Kind, wanted: ChangeArguments) -> Say:
    """What an error of planning means; where nothing is to change, what is so already."""
    buttons = (status(), Button(Text("button.verify_consent"), "consent.verify"))
    if isinstance(error, Refused) and error.reason is Reason.APP_DISABLED:
        return replace(failed_with(error), buttons=buttons)
    if not isinstance(error, Refused) or error.reason is not Reason.NOTHING_TO_CHANGE:
        return failed_with(error)
    return Say(
        Text("change.unchanged.title"),
        (Text(f"change.unchanged.{kind.name}", kind.subject(wanted)), *error.notes),
        buttons=buttons,
    )


async def _shown(asked: Asked, wanted: ChangeArguments, services: ChangeServices) -> Reply:
    kind = next(one for one in services.requests.kinds.values() if asked.key in (*one.verbs, *one.intents))
    change = chosen(wanted)
    try:
        change = await _in_full(change, services)
        found = await plan(kind, change)
        shown = preview(kind, found, change)
        return replace(shown, notices=(*_unscheduled(change), *await halt_notices(services.requests, asked.zone)))
    except Ambiguous as question:
        return pick(question, asked.key, change)
    except UnknownGroup as error:
        return meant(error, asked.key, change)
    except Declined as error:
        return unchanged(error, kind, change)


async def _in_full(wanted: ChangeArguments, services: ChangeServices) -> ChangeArguments:
    """A group may be called "Sites in May": where there is such a one, as much of what looks like a moment as it has is
    part of its name. Which side was named last is not known here."""
    words = wanted.when.split()
    ends = {side: names(getattr(wanted, side))[-1] for side in ("exclude", "include") if getattr(wanted, side).strip()}
    tries = [(side, count) for count in range(len(words), 0, -1) for side in ends]
    wholes = [" ".join((ends[side], *words[:count])) for side, count in tries]
    matches = await asyncio.gather(*map(services.planning.groups.find, wholes))
    for (side, count), whole, groups in zip(tries, wholes, matches, strict=True):
        if groups:
            listed = "\n".join((*names(getattr(wanted, side))[:-1], whole))
            return wanted.model_copy(update={side: listed, "when": " ".join(words[count:])})
    return wanted


def _unscheduled(wanted: ChangeArguments) -> tuple[Text, ...]:
    """Nothing is done at a moment of one's own: that is said, and the rest is kept."""
    return (Text("change.unscheduled", {"when": shortened(wanted.when)}),) if wanted.when else ()


async def _filed(asked: Asked, wanted: ChangeArguments, services: ChangeServices) -> Reply:
    try:
        return await _file(asked, wanted, services)
    except Ambiguous:
        return refused(Refused(Reason.STALE_CARD))
    except Declined as error:
        return refused(error)


async def _file(asked: Asked, wanted: ChangeArguments, services: ChangeServices) -> Reply:
    person, approvals = asked.turn.person, services.requests.approvals
    kind = services.requests.kinds.get(wanted.kind)
    if kind is None:
        raise Refused(Reason.STALE_CARD)
    found = await plan(kind, wanted)
    if found.digest() != wanted.digest:
        return differs(kind, found, wanted)
    who = Who(person.tenant_id, person.object_id)
    if asked.turn.place.kind is PlaceKind.PERSONAL:
        with suppress(BotError):
            await services.conversations.learn(person, asked.turn.place)  # the request's card has to find them
    try:
        request = await approvals.file(who, found, wanted.reason)
    except Refused as no:
        if no.reason is Reason.OBJECT_BUSY and await _filed_already(str(no.values["request"]), found, who, services):
            return await _told(int(str(no.values["request"])), asked, services)
        return replace(preview(kind, found, wanted), outcome=sentences(no))  # with what was typed: mended there
    return await _told(request.number, asked, services)


async def _filed_already(number: str, found: Plan, who: Who, services: ChangeServices) -> bool:
    """Was it this very press that filed the request, delivered before? A double click is no mistake."""
    request = await services.requests.approvals.request(int(number))
    return request is not None and request.digest == found.digest() and same_id(request.requester, who.object_id)


def differs(kind: Kind, found: Plan, wanted: ChangeArguments) -> Details:
    """The tenant has changed since the preview: the plan as of now, to be looked at again."""
    return replace(preview(kind, found, wanted), notices=(Text("change.differs"),))


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
    values: Mapping[str, Value] = {"number": str(number), "who": Names(tuple(missed))}
    paragraphs = (
        Text("change.filed.text" if card else "change.filed.no_card", {"number": str(number)}),
        *((Text("change.filed.nobody" if nobody else "change.filed.missed", values),) if missed else ()),
    )
    return Say(Text("change.filed.title", {"number": str(number)}), paragraphs)


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """A preview of each kind of change, and the button on all of them."""
    previews = (
        Command(reading(kind.arguments, show, services), kind.intents, kind.verbs, For.ADMINS, private=True)
        for kind in services.requests.kinds.values()
    )
    return (*previews, Command(_filing(services), verbs=(FILE,), audience=For.ADMINS, private=True, once=True))


def _filing(services: ChangeServices) -> Bound:
    """Read by the class of the kind that it says; file() looks at that again."""

    async def act(asked: Asked, values: Mapping[str, str]) -> Answer:
        kind = services.requests.kinds.get(values.get("kind", ""))
        return await file(asked, (kind.arguments if kind else ChangeArguments).read(values), services)

    return Bound(ChangeArguments, act)
