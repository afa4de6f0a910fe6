"""One file a command; this list is all there is."""

from bot.commands import (
    change,
    consent,
    export,
    failed,
    forgot,
    freeze,
    hello,
    near_miss,
    requests,
    status,
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
)
