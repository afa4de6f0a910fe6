"""What stands in front of the bot on the internet: TLS, and only what Teams and a monitor call."""

from collections.abc import Callable

import aiohttp
from aiohttp import web

from bot.simulation.faults import Faults


class Front:
    """Hands on what comes to the bot; 502 while there is none. `bot_url`: where it is by now."""

    def __init__(self, session: aiohttp.ClientSession, bot_url: Callable[[], str]) -> None:
        self._session = session
        self._bot_url = bot_url

    def app(self, faults: Faults) -> web.Application:
        """The proxy, to be served over https."""
        app = web.Application()
        app.router.add_get("/healthz", faults.over("front", self._hand_on, _unwell))
        app.router.add_post("/api/messages", faults.over("front", self._hand_on, _unwell))
        return app

    async def _hand_on(self, request: web.Request) -> web.Response:
        url = self._bot_url().removesuffix("/api/messages") + request.path
        headers = {name: value for name, value in request.headers.items() if name in {"Content-Type", "Authorization"}}
        try:
            async with self._session.request(request.method, url, data=await request.read(), headers=headers) as answer:
                return web.Response(status=answer.status, body=await answer.read())
        except (aiohttp.ClientError, ValueError):  # the latter: there is no address yet
            return web.Response(status=502)


def _unwell(_request: web.Request, status: int) -> web.Response:
    return web.Response(status=status)
