"""What stops all writing: any approver's word, the operator's, or a clock that is behind; and how it goes on."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.approvals.policy import Who
from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer, Arguments, Asked, Command, For, bound, reading
from bot.chat.notices import at, status
from bot.chat.people import name, people
from bot.errors import BotError
from dialogs.words.replies import Say, Text, Value

FROZEN = Say(Text("freeze.done.title"), (Text("freeze.done.text"),))
UNFROZEN = Say(Text("unfreeze.done.title"), (Text("unfreeze.done.text"),))


class FreezeArguments(Arguments):
    """Why all is stopped: for everybody to read, and in the audit."""

    reason: str = ""


async def freeze(asked: Asked, wanted: FreezeArguments, services: ApprovalServices) -> Answer:
    """Running work stops before its next write; everybody waiting is told."""
    await services.approvals.freeze(_who(asked), wanted.reason)
    return Answer(FROZEN)


async def unfreeze(asked: Asked, services: ApprovalServices) -> Answer:
    """An approver lets writes go on. Raises Refused, StoreUnavailable."""
    await services.approvals.unfreeze(_who(asked))
    return Answer(UNFROZEN)


async def set_clock_right(asked: Asked, services: ApprovalServices) -> Answer:
    """An approver compared the machine's clock and vouches for it: time counts from it again. Nothing is carried out by
    that alone."""
    was = await services.approvals.set_clock_right(_who(asked))
    moments = {"shown": at(was.shown, asked.zone), "seen": at(was.seen, asked.zone)}
    return Answer(Say(Text("clock.done.title"), (Text("clock.done.text", moments),), buttons=(status(),)))


async def halt_notices(services: ApprovalServices, zone: ZoneInfo | None) -> tuple[Text, ...]:
    """Why nothing is written right now: frozen (by whom, since when, why), read only, or a clock behind; none while
    everything goes on. A store that can't be asked is said too, and stops no look."""
    try:
        freeze, behind = await services.approvals.frozen(), await services.approvals.clock_behind()
    except BotError:
        return (Text("status.frozen_unknown"),)
    notices: tuple[Text, ...] = (Text("approvals.refused.read_only"),) if services.approvals.read_only else ()
    if behind:
        notices += (Text("status.clock_behind", {"shown": at(behind.shown, zone), "seen": at(behind.seen, zone)}),)
    if not freeze.frozen or freeze.at is None:
        return notices
    who = name(freeze.actor, await people({freeze.actor}, services.people, services.deadlines.name))
    said: Mapping[str, Value] = {"who": who, "time": at(freeze.at, zone), "reason": freeze.reason or "–"}
    return (*notices, Text("status.frozen", said))


def _who(asked: Asked) -> Who:
    return Who(asked.turn.person.tenant_id, asked.turn.person.object_id)


def commands(services: ApprovalServices) -> tuple[Command, ...]:
    """Freeze and unfreeze, for approvers, bound to the approvals' services."""
    runs = {
        "freeze": reading(FreezeArguments, freeze, services),
        "unfreeze": bound(unfreeze, services),
        "clock_right": bound(set_clock_right, services),
    }
    return tuple(
        Command(run, intents=(intent,), audience=For.APPROVERS, private=True, once=True) for intent, run in runs.items()
    )
