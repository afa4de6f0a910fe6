"""What the bot answers to, room by room: this list is all there is."""

from dataclasses import dataclass

from bot.answers import answer, gaps, vote
from bot.answers.services import AnswerServices
from bot.approvals import commands as requests
from bot.approvals import export, freeze, lists
from bot.changes import groups, preview, status, verify
from bot.changes.services import ChangeServices
from bot.chat.command import Command
from bot.check import command as check
from bot.check.services import CheckServices
from bot.help import hello, usage, whoami
from bot.help.services import HelpServices
from bot.helpdesk import commands as questions
from bot.helpdesk import person, why
from bot.helpdesk.services import HelpDeskServices, LookupServices
from bot.pin_reset import awaited, covered, failed, forgot, near_miss
from bot.pin_reset.services import PinResetServices


@dataclass(frozen=True, slots=True)
class Services:
    """Each room's own."""

    help: HelpServices
    pin_reset: PinResetServices
    changes: ChangeServices
    answers: AnswerServices
    helpdesk: HelpDeskServices
    check: CheckServices
    lookup: LookupServices


def commands(services: Services) -> tuple[Command, ...]:
    """Every command, with what its room needs."""
    return (
        *(command for file in (hello, usage, whoami) for command in file.commands(services.help)),
        *(
            command
            for file in (forgot, failed, covered, awaited, near_miss)
            for command in file.commands(services.pin_reset)
        ),
        *(command for file in (preview, status, verify, groups) for command in file.commands(services.changes)),
        *(
            command
            for file in (requests, lists, freeze, export)
            for command in file.commands(services.changes.requests)
        ),
        *(command for file in (answer, vote, gaps) for command in file.commands(services.answers)),
        *questions.commands(services.helpdesk),
        *check.commands(services.check),
        *(command for file in (person, why) for command in file.commands(services.lookup)),
    )
