"""What the commands of this room are given by bot.app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.notices import HelpDesk
from bot.store.conversations import Conversations
from bot.store.questions import Questions
from bot.tenant import Devices, People


@dataclass(frozen=True, slots=True)
class HelpDeskServices:
    """`channel`: its id; empty where nobody takes questions. `days`: how long a question is kept."""

    tenant_id: str
    channel: str
    days: int
    questions: Questions
    conversations: Conversations
    devices: Devices
    people: People
    help_desk: HelpDesk
    now: Callable[[], datetime]
    deadlines: Deadlines = STANDARD
