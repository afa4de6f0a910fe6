"""A door with the SDK's real verifier and keys fetched over real HTTP; what gets in is only written down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from bot.chat.deadlines import Deadlines
from bot.chat.turn import PressAnswer, Turn
from bot.simulation.faults import Faults
from bot.simulation.signing import ChannelService
from bot.teams.botbuilder import Verifier
from bot.teams.door import Door
from bot.teams.keys import SigningKeys
from bot.teams.listen import listening
from bot.teams.outbound import ServiceUrls
from bot.teams.transport import TeamsTransport
from tests.deadlines import GENEROUS
from tests.teams.door import calls
from tests.teams.door.calls import Call


class Clock:
    """Time is given."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Front:
    """`channel` signs and publishes; `faults` strike the place `keys`; `handled` is what got in."""

    url: str
    channel: ChannelService
    faults: Faults
    clock: Clock
    session: aiohttp.ClientSession
    keys: SigningKeys
    handled: list[Turn] = field(default_factory=list)
    not_ready: list[str] = field(default_factory=list)  # what the door is told

    def good(self) -> Call:
        """A call that is let in."""
        return calls.good(self.channel)

    async def send(self, call: Call) -> int:
        """The status of the answer."""
        return (await call.send(self.session, self.url))[0]

    async def get(self, path: str) -> int:
        """The status of a GET."""
        async with self.session.get(f"{self.url}{path}") as answer:
            return answer.status

    def fetches(self) -> int:
        """How often the list of keys was asked for."""
        return self.faults.count("keys/openid")


async def until(true: Callable[[], bool]) -> None:
    """Return once something has happened on the other side of a socket; a test that hangs here has failed."""
    while not true():  # noqa: ASYNC110 - nobody there tells when
        await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(*, government: bool = False, deadlines: Deadlines = GENEROUS) -> AsyncIterator[Front]:
    """The door, listening, and the endpoint of its keys."""
    channel, faults, clock = ChannelService(), Faults(), Clock()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        published = await stack.enter_async_context(listening(_publisher(channel, faults), "127.0.0.1", 0))
        keys = SigningKeys(f"{published}/openid", session, clock, fetch=deadlines.keys, known=deadlines.known_key)
        transport = TeamsTransport(
            Verifier(calls.APP_ID, keys, government=government, now=lambda: datetime.now(UTC)), ServiceUrls()
        )
        front = Front("", channel, faults, clock, session, keys)

        async def handle(turn: Turn) -> PressAnswer | None:
            front.handled.append(turn)
            return None

        async def not_ready() -> list[str]:
            return front.not_ready

        door = Door(transport, handle, not_ready, calls.TENANT_ID, deadlines.body)
        front.url = await stack.enter_async_context(
            listening(door.app(), "127.0.0.1", 0, deadlines.idle, stop_seconds=deadlines.stop)
        )
        stack.callback(faults.clear)
        yield front


def _publisher(channel: ChannelService, faults: Faults) -> web.Application:
    async def metadata(request: web.Request) -> web.Response:
        return web.json_response(channel.metadata(str(request.url.origin())))

    async def keys(_request: web.Request) -> web.Response:
        return web.json_response(channel.keys())

    def refuse(_request: web.Request, status: int) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/openid", faults.over("keys", metadata, refuse))
    app.router.add_get("/keys", faults.over("keys", keys, refuse))
    return app
