"""Stop all writing, and go on again: any approver, at once."""

from bot.approvals.policy import Who
from bot.chat.command import Answer, Asked, Command, For, Neighbours
from dialogs.words.replies import Say, Text

FROZEN = Say(Text("freeze.done.title"), (Text("freeze.done.text"),))
UNFROZEN = Say(Text("unfreeze.done.title"), (Text("unfreeze.done.text"),))


async def freeze(asked: Asked, neighbours: Neighbours) -> Answer:
    """Running work stops before its next write; everybody waiting is told."""
    await neighbours.changing.approvals.freeze(_who(asked), asked.values.get("reason", ""))
    return Answer(FROZEN)


async def unfreeze(asked: Asked, neighbours: Neighbours) -> Answer:
    """Go on."""
    await neighbours.changing.approvals.unfreeze(_who(asked))
    return Answer(UNFROZEN)


def _who(asked: Asked) -> Who:
    return Who(asked.turn.person.tenant_id, asked.turn.person.object_id)


COMMANDS = (
    Command(freeze, intents=("freeze",), audience=For.APPROVERS, private=True),
    Command(unfreeze, intents=("unfreeze",), audience=For.APPROVERS, private=True),
)
