"""Ask for a change to the tenant: a preview first, and a request only by its button."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.approvals import commands
from bot.approvals.card import name
from bot.approvals.commands import people
from bot.approvals.halt_notice import halt_notices
from bot.approvals.plan import Kind, Plan
from bot.approvals.policy import Who, same_id
from bot.approvals.refusals import Reason, Refused
from bot.changes import preview, unchanged
from bot.changes.preview import Ambiguous
from bot.chat.command import Answer, Asked, Command, For, Neighbours
from bot.chat.notices import WORKING, refused, sentences
from bot.chat.turn import PlaceKind
from bot.errors import BotError
from dialogs.words.replies import Details, Reply, Say, Text

_VERBS = {
    "onboard_consent": Kind.CONSENT,
    "consent.preview": Kind.CONSENT,
    "create_profile": Kind.PROFILE,
    "profile.preview": Kind.PROFILE,
    "assign": Kind.ASSIGN,
    "unassign": Kind.UNASSIGN,
    "undo": Kind.UNDO,
}


async def show_preview(asked: Asked, neighbours: Neighbours) -> Answer:
    """What exactly would be done. A press can't wait for the tenant: its card comes a moment later, in place."""
    if asked.values.get("request") and asked.turn.place.kind is PlaceKind.PERSONAL:  # on the card of one that is void
        shown = await commands.working(asked, neighbours)
        return shown if shown.passing else replace(shown, later=lambda: _preview_of(asked, neighbours), sent=None)
    if asked.values.get("verb"):
        return Answer(WORKING, later=lambda: _preview_of(asked, neighbours))
    return Answer(await _preview_of(asked, neighbours))


async def file(asked: Asked, neighbours: Neighbours) -> Answer:
    """File what was shown, if it is still the same."""
    return Answer(WORKING, later=lambda: _filed(asked, neighbours))


async def _preview_of(asked: Asked, neighbours: Neighbours) -> Reply:
    verb = asked.values.get("verb") or asked.values["intent"]
    values = preview.chosen(asked)
    try:
        found = await preview.plan(_VERBS[verb], values, neighbours.changing)
        return replace(preview.sheet(found, values), notices=await halt_notices(neighbours.changing))
    except Ambiguous as question:
        return preview.pick(question, verb, values)
    except Refused as error:
        return unchanged.unchanged(error, _VERBS[verb], values)


async def _filed(asked: Asked, neighbours: Neighbours) -> Reply:
    try:
        return await _file(asked, neighbours)
    except Ambiguous:
        return refused(Refused(Reason.STALE_CARD))
    except Refused as error:
        return refused(error)


async def _file(asked: Asked, neighbours: Neighbours) -> Reply:
    person, values = asked.turn.person, asked.values
    if values.get("kind") not in set(Kind):
        raise Refused(Reason.STALE_CARD)
    found = await preview.plan(Kind(values["kind"]), values, neighbours.changing)
    if found.digest() != values.get("digest"):
        return differs(found, values)
    who = Who(person.tenant_id, person.object_id)
    if asked.turn.place.kind is PlaceKind.PERSONAL:
        with suppress(BotError):
            await neighbours.asking.places.learn(person, asked.turn.place)  # the request's card has to find them
    try:
        request = await neighbours.changing.approvals.file(who, found, values.get("reason", ""))
    except Refused as no:
        if no.reason is Reason.OBJECT_BUSY and await _filed_already(no.values["request"], found, who, neighbours):
            return await _told(int(no.values["request"]), asked, neighbours)
        return replace(
            preview.sheet(found, values), outcome=sentences(no)
        )  # with what was typed: it may be mended there
    return await _told(request.number, asked, neighbours)


async def _filed_already(number: str, found: Plan, who: Who, neighbours: Neighbours) -> bool:
    """Was it this very press that filed the request, delivered before? A double click is no mistake."""
    request = await neighbours.changing.approvals.request(int(number))
    return request is not None and request.digest == found.digest() and same_id(request.requester, who.object_id)


def differs(found: Plan, values: Mapping[str, str]) -> Details:
    """The tenant has changed since the preview: the plan as of now, to be looked at again."""
    return replace(preview.sheet(found, values), notices=(Text("change.differs"),))


async def _told(number: int, asked: Asked, neighbours: Neighbours) -> Say:
    """It is filed, whatever can't be found out about whom its cards reach."""
    changing, person = neighbours.changing, asked.turn.person
    try:
        card = bool(await neighbours.asking.places.reachable(person.tenant_id, [person.object_id]))
        request = await changing.approvals.request(number)
        missed = await changing.unreached(request) if request else frozenset[str]()
        nobody = bool(missed) and missed >= await neighbours.roles.approvers() - {person.object_id}
        known = await people(missed, changing)
    except BotError:
        return filed(number)
    return filed(number, tuple(name(one, known) for one in sorted(missed)), nobody=nobody, card=card)


def filed(number: int, missed: Sequence[str] = (), *, nobody: bool = False, card: bool = True) -> Say:
    """What takes the preview's place; the request's own card comes by the courier. `missed`: approvers who can't be
    reached; `nobody`: no other is left; `card`: the requester can be written to."""
    values = {"number": str(number), "who": ", ".join(missed)}
    paragraphs = (
        Text("change.filed.text" if card else "change.filed.no_card", {"number": str(number)}),
        *((Text("change.filed.nobody" if nobody else "change.filed.missed", values),) if missed else ()),
    )
    return Say(Text("change.filed.title", {"number": str(number)}), paragraphs)


COMMANDS = (
    Command(
        show_preview,
        intents=("onboard_consent", "create_profile", "assign", "unassign", "undo"),
        verbs=tuple(_VERBS),
        audience=For.ADMINS,
        private=True,
    ),
    Command(file, verbs=(preview.FILE,), audience=For.ADMINS, private=True),
)
