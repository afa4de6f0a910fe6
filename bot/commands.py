"""One file a command; this list is all there is."""

from bot.answers import answer, gaps, vote
from bot.approvals import commands as requests
from bot.approvals import export, freeze, lists, mine, set_clock
from bot.changes import commands as changes
from bot.changes import status, verify
from bot.help import hello, usage, whoami
from bot.helpdesk import commands as questions
from bot.pin_reset import covered, failed, forgot, near_miss, worked

COMMANDS = (
    *hello.COMMANDS,
    *forgot.COMMANDS,
    *failed.COMMANDS,
    *worked.COMMANDS,
    *near_miss.COMMANDS,
    *status.COMMANDS,
    *verify.COMMANDS,
    *changes.COMMANDS,
    *lists.COMMANDS,
    *requests.COMMANDS,
    *freeze.COMMANDS,
    *set_clock.COMMANDS,
    *questions.COMMANDS,
    *vote.COMMANDS,
    *gaps.COMMANDS,
    *export.COMMANDS,
    *whoami.COMMANDS,
    *answer.COMMANDS,
    *covered.COMMANDS,
    *mine.COMMANDS,
    *usage.COMMANDS,
)
