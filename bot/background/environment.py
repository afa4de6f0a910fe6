"""What every room is built from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.background.outside import Outside
from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.turn import Channel
from bot.config import Settings
from bot.tenant.devices import GraphDevices


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings, the database and the ways out. `upload`: puts content at an address that Teams has given."""

    settings: Settings
    engine: AsyncEngine
    outside: Outside
    devices: GraphDevices
    channel: Channel
    upload: Callable[[str, bytes | IO[bytes]], Awaitable[None]]
    now: Callable[[], datetime]
    deadlines: Deadlines = STANDARD
