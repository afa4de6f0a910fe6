"""One file a command; this list is all there is."""

from bot.commands import failed, forgot, hello, near_miss, worked

COMMANDS = (*hello.COMMANDS, *forgot.COMMANDS, *failed.COMMANDS, *worked.COMMANDS, *near_miss.COMMANDS)
