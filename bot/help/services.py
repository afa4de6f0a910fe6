"""What the commands of this room are given by bot.app."""

from dataclasses import dataclass

from bot.chat.notices import GapNotes, HelpDesk
from bot.tenant import People, Roles


@dataclass(frozen=True, slots=True)
class HelpServices:
    """Roles say what help may offer."""

    roles: Roles
    people: People
    help_desk: HelpDesk
    gaps: GapNotes
