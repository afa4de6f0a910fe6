"""What waits, counted now and then for who looks on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.background.supervision import Heartbeat
from bot.observed import Backlog, Observer
from bot.store.outbox import Outbox
from bot.store.requests import Requests


@dataclass(frozen=True, slots=True)
class Watching:
    """Tells one observer."""

    observer: Observer
    store: Requests
    outbox: Outbox
    now: Callable[[], datetime]

    def ages(self, heartbeats: Mapping[str, Heartbeat], keys_age: Callable[[], float | None]) -> None:
        """Let the observer ask how long ago who beside the chat moved on, and how old the list of keys is that sign
        Teams' calls; None before there is one."""

        def read() -> dict[str, float]:
            ages = {name: heartbeat.age for name, heartbeat in heartbeats.items()}
            return ages if (keys := keys_age()) is None else {**ages, "keys": keys}

        self.observer.ages(read)

    async def round(self) -> None:
        """Count. Raises StoreUnavailable."""
        news, oldest = await self.outbox.size()
        seconds = max(0.0, (self.now() - oldest).total_seconds()) if oldest else 0.0
        self.observer.waiting(Backlog(await self.store.count_by_state(), news, seconds))
