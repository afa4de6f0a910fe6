"""Why a PC is covered or not: for the help desk and admins. Read in a constant number of calls; nothing is changed."""

from bot.chat.command import Answer, Asked, Command, For, reading
from bot.helpdesk import why_card
from bot.helpdesk.look import MOST_LETTERS, audited, in_time
from bot.helpdesk.services import LookupServices
from bot.helpdesk.why_card import WhyArguments
from dialogs.words.replies import Reply


async def run(asked: Asked, wanted: WhyArguments, services: LookupServices) -> Answer:
    """One PC is told of at once; of several one has to be chosen."""

    async def look() -> Reply:
        name, reference = wanted.wanted
        name = name.strip(" \"'“”„")[:MOST_LETTERS]
        pcs = await services.lookup.pcs(name, reference)
        if pcs.evidence is None:
            return why_card.choose(pcs, name, asked.zone) if pcs.choices else why_card.nothing(name)
        await audited(asked, services, pcs.evidence.owner, pcs.evidence.device.reference)
        return why_card.told(pcs, pcs.evidence, services.now(), asked.zone)

    return await in_time(asked, look)


def commands(services: LookupServices) -> tuple[Command, ...]:
    """Of this file. Admins have it without a group of the help desk too."""
    audience = For.HELPERS if services.has_group else For.ADMINS
    return (
        Command(
            reading(WhyArguments, run, services),
            intents=("why",),
            verbs=(why_card.WHY,),
            audience=audience,
            private=True,
        ),
    )
