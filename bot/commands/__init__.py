"""One file a command; this list is all there is."""

from bot.commands import (
    answer,
    change,
    consent,
    covered,
    export,
    failed,
    forgot,
    freeze,
    hello,
    mine,
    near_miss,
    requests,
    status,
    usage,
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
    *export.COMMANDS,
    *whoami.COMMANDS,
    *answer.COMMANDS,
    *covered.COMMANDS,
    *mine.COMMANDS,
    *usage.COMMANDS,
)
