"""The whole chain of the audit, looked at once after the start and beside everything else."""

import logging

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import audit
from bot.store.requests import Requests
from bot.store.seal import SealKey

log = logging.getLogger(__name__)


class WholeChain:
    """At the start only the newest row is looked at: nobody should wait for years of rows."""

    def __init__(self, engine: AsyncEngine, key: SealKey, store: Requests) -> None:
        self._engine = engine
        self._key = key
        self._store = store
        self._checked = False

    async def round(self) -> None:
        """Where a row is not what the bot wrote, no request leads on until the operator has looked. Raises
        StoreUnavailable; then the next round checks."""
        if self._checked:
            return
        report = await audit.check(self._engine, self._key)
        self._checked = True
        if not report.sound:
            self._store.distrust()
            log.error(
                "row %d of the audit is not what the bot wrote: nothing that is approved is carried out until a sound "
                "backup is restored and the bot started again; python -m bot check audit says more",
                report.broken,
            )
