"""What the commands of this room are given by bot.app."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.store.gaps import Gaps


@dataclass(frozen=True, slots=True)
class AnswerServices:
    """`filling`: what the placeholders of answers stand for, `tenant_id` among them."""

    filling: Mapping[str, str]
    gaps: Gaps
    help_desk: HelpDesk
    files: Files
    now: Callable[[], datetime]
