"""Why nothing is written right now: said first, wherever somebody looks at what is or might be changed."""

from bot.approvals import card, commands
from bot.chat.command import Changing
from bot.chat.notices import at
from bot.errors import BotError
from dialogs.words.replies import Text


async def halt_notices(changing: Changing) -> tuple[Text, ...]:
    """Frozen (by whom, since when, why), read only, or a clock behind, as notices; none while everything goes on.

    A store that can't be asked is said too, and stops no look.
    """
    try:
        freeze, behind = await changing.approvals.frozen(), await changing.approvals.clock_behind()
    except BotError:
        return (Text("status.frozen_unknown"),)
    notices: tuple[Text, ...] = (Text("approvals.refused.read_only"),) if changing.approvals.read_only else ()
    if behind:
        notices += (Text("status.clock_behind", {"shown": at(behind.shown), "seen": at(behind.seen)}),)
    if not freeze.frozen or freeze.at is None:
        return notices
    who = card.name(freeze.actor, await commands.people({freeze.actor}, changing))
    said = {"who": who, "time": at(freeze.at), "reason": freeze.reason or "–"}
    return (*notices, Text("status.frozen", said))
