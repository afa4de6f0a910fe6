"""Serves an application with limits in time: a connection that sends nothing useful is closed after ten seconds."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.chat.deadlines import STANDARD
from bot.errors import where

SWEEP_SECONDS = 1.0
RETRY_SECONDS = "5"  # the next start takes about as long
LINGER_SECONDS = 1.0  # how long the rest of a refused body is read, so that its sender sees the answer
CLOSE_SECONDS = 1.0  # for an answer to get through, once its call has ended or is given up

log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(
    app: web.Application,
    host: str,
    port: int,
    idle_seconds: float = STANDARD.idle,
    clock: Callable[[], float] = time.monotonic,
    stop_seconds: float = STANDARD.stop,
) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address, e.g. http://127.0.0.1:3978. OSError when the port is taken.

    At the end no new call is taken, and those under way have `stop_seconds`.
    """
    idle = _Idle(idle_seconds, clock)
    app.middlewares.append(idle.middleware)
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=log,
        shutdown_timeout=CLOSE_SECONDS,
        keepalive_timeout=idle_seconds,
        lingering_time=LINGER_SECONDS,
    )
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    sweep = asyncio.create_task(idle.sweep(runner))
    try:
        bound = runner.addresses[0][1]
        yield _url(host, bound)
    finally:
        await idle.drain(stop_seconds)
        sweep.cancel()
        with suppress(asyncio.CancelledError):
            await sweep
        await runner.cleanup()


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _without_content(record: logging.LogRecord) -> bool:
    """aiohttp logs what is no HTTP as an error, with a traceback that shows it; its type and place are enough."""
    error = record.exc_info[1] if record.exc_info else None
    if error:
        record.msg, record.args, record.exc_info = "failed: %s", (where(error),), None
    if isinstance(error, HttpProcessingError | web.RequestPayloadError):
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


log.addFilter(_without_content)


def _elsewhere() -> web.Response:
    """Who balances load sends the next call to another connection, and Teams tells this one again."""
    refused = web.Response(status=503, headers={"Retry-After": RETRY_SECONDS})
    refused.force_close()
    return refused


class _Idle:
    """aiohttp waits for ever for the rest of a request's head; this hangs up on such a client (T29 in SECURITY.md)."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._working: set[object] = set()
        self._stopping = False
        self._none_left = asyncio.Event()
        self._since: dict[object, float] = {}

    @property
    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Marks the connections that have a request under way; refuses all once the bot is being stopped."""

        @web.middleware
        async def mark(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if self._stopping:
                return _elsewhere()
            self._working.add(request.protocol)
            try:
                return await handler(request)
            finally:
                self._working.discard(request.protocol)
                self._since.pop(request.protocol, None)
                if self._stopping and not self._working:
                    self._none_left.set()

        return mark

    async def drain(self, seconds: float) -> None:
        """Take nothing new, and wait for what is under way, but not longer."""
        self._stopping = True
        if self._working:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._none_left.wait()

    async def sweep(self, runner: web.AppRunner) -> None:
        """Look at every connection once a second."""
        while runner.server is not None:
            now = self._clock()
            waiting = [one for one in runner.server.connections if one not in self._working]
            self._since = {one: self._since.get(one, now) for one in waiting}
            for one in waiting:
                if now - self._since[one] > self._seconds and one.transport:
                    one.transport.abort()
            await asyncio.sleep(SWEEP_SECONDS)
