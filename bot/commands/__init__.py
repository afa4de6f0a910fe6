"""One file a command; this list is all there is."""

from bot.commands import (
    change,
    consent,
    export,
    failed,
    forgot,
    freeze,
    gaps,
    hello,
    near_miss,
    question,
    requests,
    status,
    vote,
    whoami,
    worked,
)

COMMANDS = (
    *hello.COMMANDS,
    *forgot.COMMANDS,
    *failed.COMMANDS,
    *worked.COMMANDS,
    *near_miss.COMMANDS,
    *status.COMMANDS,
    *consent.COMMANDS,
    *change.COMMANDS,
    *requests.COMMANDS,
    *freeze.COMMANDS,
    *question.COMMANDS,
    *vote.COMMANDS,
    *gaps.COMMANDS,
    *export.COMMANDS,
    *whoami.COMMANDS,
)
