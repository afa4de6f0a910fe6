"""The machine's clock is behind what was seen already: an approver compares it and vouches for it."""

from bot.approvals.policy import Who
from bot.chat.command import Answer, Asked, Command, For, Neighbours
from bot.chat.notices import at, status
from dialogs.words.replies import Say, Text


async def set_right(asked: Asked, neighbours: Neighbours) -> Answer:
    """Time counts from the wall clock again; nothing is carried out by that alone."""
    person = asked.turn.person
    was = await neighbours.changing.approvals.set_clock_right(Who(person.tenant_id, person.object_id))
    moments = {"shown": at(was.shown), "seen": at(was.seen)}
    return Answer(Say(Text("clock.done.title"), (Text("clock.done.text", moments),), buttons=(status(),)))


COMMANDS = (Command(set_right, intents=("clock_right",), audience=For.APPROVERS, private=True),)
