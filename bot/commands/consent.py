"""Is consent given? The check alone: both service principals by app id, and the grant."""

from bot.approvals import looks
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from bot.commands._standing import Standing, confirmation
from bot.commands._words import WORKING, at, failed_with
from bot.commands.status import consent
from bot.errors import BotError
from dialogs.replies import Button, Reply, Section, Sheet, Text


async def verify(asked: Asked, neighbours: Neighbours) -> Answer:
    """A press is answered at once, the look comes after."""
    if asked.values.get("verb"):
        return Answer(WORKING, later=lambda: _verified(neighbours))
    return Answer(await _verified(neighbours))


async def _verified(neighbours: Neighbours) -> Reply:
    changing = neighbours.changing
    try:
        found = await looks.situation(changing.tenant, changing.tenant_id)
        standing = Standing(found, await confirmation(changing, found), {}, None, neighbours.now())
    except BotError as error:
        return failed_with(error)
    return Sheet(
        title=Text("consent.title"),
        sections=(Section(Text("status.consent.title"), consent(standing)),),
        buttons=(Button(Text("button.verify_consent"), "consent.verify"), Button(Text("button.status"), "status")),
        footnotes=(Text("status.as_of", {"time": at(standing.at)}),),
    )


COMMANDS = (Command(verify, intents=("verify_consent",), verbs=("consent.verify",), audience=For.STAFF, private=True),)
