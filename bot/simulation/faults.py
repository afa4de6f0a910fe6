"""Trouble on demand: what a real network and a busy cloud do, for some calls or until it is cleared."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

SEEN = 10_000  # calls remembered

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refusal = Callable[[web.Request, int], web.Response]


@dataclass
class Fault:
    """Trouble for the calls whose place starts with `place`, e.g. `graph/v1.0/users` or `connector`; "" is all."""

    place: str = ""
    method: str = ""  # "" is all
    status: int = 0  # answer with this instead
    retry_after: str = ""
    delay: float = 0.0  # seconds, before whatever comes
    reset: bool = False  # cut the connection
    hang: bool = False  # no answer until the faults are cleared
    carried_out: bool = False  # the refusal or the cut hides that the call was carried out
    calls: int | None = None  # how many are left; None: until cleared


@dataclass
class SeenCall:
    """One call. `depth` counts it and the calls that had to end, one after another, before it began."""

    service: str
    method: str
    path: str
    query: str
    depth: int
    status: int = 0  # 0: no answer yet, or none at all

    @property
    def place(self) -> str:
        """What a Spell's place is compared with."""
        return f"{self.service}{self.path}"


@dataclass
class Faults:
    """What goes wrong in one simulated tenant: nothing unless told otherwise."""

    active: list[Fault] = field(default_factory=list)
    seen: deque[SeenCall] = field(default_factory=lambda: deque(maxlen=SEEN))
    _clear: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _deepest: dict[str, int] = field(default_factory=dict)

    def throttle(self, place: str = "", *, retry_after: str = "", calls: int | None = None) -> None:
        """429, with Retry-After where one is given."""
        self.add(Fault(place, status=429, retry_after=retry_after, calls=calls))

    def fail(self, place: str = "", status: int = 503, *, calls: int | None = None, carried_out: bool = False) -> None:
        """503, 504 or whatever status."""
        self.add(Fault(place, status=status, calls=calls, carried_out=carried_out))

    def slow(self, place: str = "", seconds: float = 0.1, *, calls: int | None = None) -> None:
        """An answer, but late."""
        self.add(Fault(place, delay=seconds, calls=calls))

    def reset(self, place: str = "", *, calls: int | None = None, carried_out: bool = False) -> None:
        """The connection is cut before the answer."""
        self.add(Fault(place, reset=True, calls=calls, carried_out=carried_out))

    def hang(self, place: str = "", *, calls: int | None = None) -> None:
        """No answer until `clear`."""
        self.add(Fault(place, hang=True, calls=calls))

    def add(self, fault: Fault) -> None:
        """Any mixture."""
        self.active.append(fault)

    def clear(self) -> None:
        """Fair again; whatever hangs goes on."""
        self.active.clear()
        self._clear.set()
        self._clear = asyncio.Event()

    def forget(self) -> None:
        """Forget the calls seen so far."""
        self.seen.clear()
        self._deepest.clear()

    def count(self, place: str = "", method: str = "") -> int:
        """How many calls began at this place."""
        return sum(one.place.startswith(place) and method in {"", one.method} for one in self.seen)

    async def wait(self, until: Callable[[], bool]) -> None:
        """Return once a call that began or ended has made it true; time limits are the caller's."""
        while not until():
            await self._news.wait()

    def over(self, service: str, handle: Handler, refuse: Refusal) -> Handler:
        """The handler with these faults; `refuse` words a refusal as the service does."""

        async def under(request: web.Request) -> web.StreamResponse:
            seen = self._begin(service, request)
            try:
                answer = await self._answer(seen.place, request, handle, refuse)
            except ConnectionResetError:  # the caller went away in the middle of its call
                return refuse(request, 400)
            else:
                seen.status = answer.status if request.transport and not request.transport.is_closing() else 0
                return answer
            finally:
                self._deepest[service] = max(self._deepest.get(service, 0), seen.depth)
                self._tell()

        return under

    async def strike(self, service: str, method: str, path: str) -> int:
        """The same for one call in a batch, which takes part in the batch's own time: the status to refuse it with, or
        0. A call that is cut there is one that the service could not answer."""
        seen = SeenCall(service, method, path, "", self._deepest.get(service, 0) + 1)
        self.seen.append(seen)
        self._tell()
        active, clear = self._taken(seen.place, method), self._clear
        await self._wait(active, clear)
        return next((fault.status or 503 for fault in active if fault.reset or fault.status), 0)

    def _begin(self, service: str, request: web.Request) -> SeenCall:
        depth = self._deepest.get(service, 0) + 1
        seen = SeenCall(service, request.method, request.path, request.query_string, depth)
        self.seen.append(seen)
        self._tell()
        return seen

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _answer(self, place: str, request: web.Request, handle: Handler, refuse: Refusal) -> web.StreamResponse:
        active, clear = self._taken(place, request.method), self._clear
        await self._wait(active, clear)
        bad = next((fault for fault in active if fault.reset or fault.status), None)
        if bad is None:
            return await handle(request)
        if bad.carried_out:
            await handle(request)
        if bad.reset:
            _cut(request)
        return _later(refuse(request, bad.status or 503), bad.retry_after)

    async def _wait(self, active: list[Fault], clear: asyncio.Event) -> None:
        for fault in active:
            await asyncio.sleep(fault.delay)
            if fault.hang:
                await clear.wait()

    def _taken(self, place: str, method: str) -> list[Fault]:
        """The faults that strike this call; each of them counts it."""
        meant = [fault for fault in self.active if place.startswith(fault.place) and fault.method in {"", method}]
        struck = [fault for fault in meant if fault.calls != 0]
        for fault in struck:
            if fault.calls is not None:
                fault.calls -= 1
        return struck


def _later(answer: web.Response, retry_after: str) -> web.Response:
    if retry_after:
        answer.headers["Retry-After"] = retry_after
    return answer


def _cut(request: web.Request) -> None:
    """A reset as the other end sees it: without the lingering goodbye of a normal close."""
    if request.transport:
        request.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        request.transport.abort()
