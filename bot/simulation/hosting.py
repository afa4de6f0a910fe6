"""What the host of a bot offers it: the address on the internet with TLS, and a managed identity's tokens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from bot.simulation.faults import Faults
from bot.simulation.login import LoginService

PATH = "/msi/token"
HEADER = "00000000-1111-2222-3333-444444444444"  # the host's own secret


class Front:
    """Hands on what comes to the bot, only what Teams and a monitor call; 502 while there is none. `bot_url`: where it
    is by now."""

    def __init__(self, session: aiohttp.ClientSession, bot_url: Callable[[], str]) -> None:
        self._session = session
        self._bot_url = bot_url

    def app(self, faults: Faults) -> web.Application:
        """The proxy, to be served over https."""
        app = web.Application()
        app.router.add_get("/healthz", faults.over("front", self._hand_on, _no_answer))
        app.router.add_post("/api/messages", faults.over("front", self._hand_on, _no_answer))
        return app

    async def _hand_on(self, request: web.Request) -> web.Response:
        url = self._bot_url().removesuffix("/api/messages") + request.path
        headers = {name: value for name, value in request.headers.items() if name in {"Content-Type", "Authorization"}}
        try:
            async with self._session.request(request.method, url, data=await request.read(), headers=headers) as answer:
                return web.Response(status=answer.status, body=await answer.read())
        except (aiohttp.ClientError, ValueError):  # the latter: there is no address yet
            return web.Response(status=502)


def _no_answer(_request: web.Request, status: int) -> web.Response:
    return web.Response(status=status)


@dataclass
class IdentityEndpoint:
    """As App Service and Container Apps have it (IDENTITY_ENDPOINT). `assigned`: client ids of the identities that this
    host has."""

    login: LoginService
    assigned: set[str] = field(default_factory=set)

    def add_to(self, app: web.Application, faults: Faults) -> None:
        """Serve as part of an application."""
        app.router.add_get(PATH, faults.over("identity", self._token, _unwell))

    async def _token(self, request: web.Request) -> web.Response:
        if request.headers.get("X-IDENTITY-HEADER") != HEADER or request.query.get("api-version") != "2019-08-01":
            return _refusal(401, "Unauthorized")
        client_id, resource = request.query.get("client_id", ""), request.query.get("resource", "")
        if client_id not in self.assigned:
            return _refusal(400, "No User Assigned or Delegated Managed Identity found for specified ClientId.")
        token, ends = self.login.issue(resource), int(time.time()) + self.login.life
        return web.json_response(
            {
                "access_token": token,
                "expires_on": str(ends),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": client_id,
            }
        )


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)


def _unwell(_request: web.Request, status: int) -> web.Response:
    return _refusal(status, "ManagedIdentityIsUnwell")
