"""What somebody who forgot a PIN would see: for the help desk, which is asked that on every call. Changes nothing."""

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, reading
from bot.errors import NotSent, TenantUnreachable
from bot.helpdesk import person_card
from bot.helpdesk.look import MOST_LETTERS, audited, in_time
from bot.helpdesk.person_card import ChosenArguments, PersonArguments, StepsArguments
from bot.helpdesk.services import LookupServices
from bot.pin_reset import card
from bot.pin_reset.card import Context
from bot.reset_rules.facts import Account, Device, Inventory
from bot.store.records import Event
from dialogs.words.replies import Reply, Steps, Text


async def find(asked: Asked, wanted: PersonArguments, services: LookupServices) -> Answer:
    """Exactly, then nearly; one person is shown at once, of several one has to be chosen."""

    async def look() -> Reply:
        name = wanted.person.strip(" \"'“”„")[:MOST_LETTERS]
        people = await services.lookup.people(name)
        if people.exact and len(people.people) == 1:
            return await _shown(asked, ChosenArguments(choice=people.people[0].object_id), services)
        return person_card.choose(people, name) if people.people else person_card.nobody(name)

    return await in_time(asked, look)


async def show(asked: Asked, wanted: ChosenArguments, services: LookupServices) -> Answer:
    """The PCs of who was chosen."""
    return await in_time(asked, lambda: _shown(asked, wanted, services))


async def _shown(asked: Asked, wanted: ChosenArguments, services: LookupServices) -> Reply:
    owned = await services.lookup.person(wanted.choice, wanted.page)
    await audited(asked, services, owned.account.object_id)
    return person_card.overview(owned, wanted.page, services.trust, services.now(), asked.zone)


async def steps(asked: Asked, wanted: StepsArguments, services: LookupServices) -> Answer:
    """The card as that person would get it, and a button that sends it to them."""

    async def look() -> Reply:
        inventory, device = await _read(wanted, services)
        await audited(asked, services, inventory.account.object_id, device.reference if device else "")
        return person_card.preview(_theirs(inventory, device, services), inventory.account, device)

    return await in_time(asked, look)


async def send(asked: Asked, wanted: StepsArguments, services: LookupServices) -> Answer:
    """Into their own chat, if there is one; the role is looked up anew, as it reaches somebody else."""
    return Answer(notices.WORKING, later=lambda: _sent(asked, wanted, services))


async def _sent(asked: Asked, wanted: StepsArguments, services: LookupServices) -> Reply:
    actor = asked.turn.person.object_id
    if not await services.roles.is_help_desk(actor, fresh=True):
        return notices.no_role(For.HELP_DESK, services.help_desk, await services.roles.standing(actor))
    inventory, device = await _read(wanted, services)
    drawn, account = _theirs(inventory, device, services, Text("desk.from_help_desk")), inventory.account
    outcome = "guest" if account.guest else await _delivered(account, drawn, services)
    about = {"person": account.object_id, "device": device.reference if device else "", "outcome": outcome}
    await services.audit(Event.STEPS_SENT, actor, {name: value for name, value in about.items() if value})
    return person_card.sent(outcome, account)


async def _delivered(account: Account, drawn: Steps, services: LookupServices) -> str:
    """What came of it; a word of person_card.sent."""
    try:
        place = await services.chat_of(account.object_id)
    except TenantUnreachable:  # there will be one soon: the app was given to them just now
        return "refused"
    if place is None:
        return "unknown_chat"
    try:
        language = await services.languages.of(place.tenant_id, account.object_id)
        said = await services.chats.send(place, drawn, language)
    except NotSent as error:
        if error.blocked:
            await services.conversations.lost(account.object_id, place)
        return "blocked" if error.blocked else "refused"
    return "refused" if said.instead else "sent"


async def _read(wanted: StepsArguments, services: LookupServices) -> tuple[Inventory, Device | None]:
    """The person and the one PC, as the tenant has them now: a card is never believed."""
    inventory = await services.devices.inventory(wanted.who, {wanted.device} - {""})
    return inventory, next((one for one in inventory.windows if one.reference == wanted.device), None)


def _theirs(found: Inventory, device: Device | None, services: LookupServices, *said: Text) -> Steps:
    moment = Context(services.trust, services.now(), services.help_desk.words, notices=said, picked=True)
    if device is None:
        return card.general(Text("forgot.general"), moment)
    return card.for_device(device, found, moment)


def commands(services: LookupServices) -> tuple[Command, ...]:
    """Of this file; none where no group is set."""
    if not services.has_group:
        return ()
    runs = (
        (reading(PersonArguments, find, services), ("user",), ()),
        (reading(ChosenArguments, show, services), (), (person_card.SHOW,)),
        (reading(StepsArguments, steps, services), (), (person_card.STEPS,)),
    )
    return (
        *(Command(run, intents, verbs, audience=For.HELP_DESK, private=True) for run, intents, verbs in runs),
        Command(
            reading(StepsArguments, send, services),
            verbs=(person_card.SEND,),
            audience=For.HELP_DESK,
            private=True,
            once=True,
        ),
    )
