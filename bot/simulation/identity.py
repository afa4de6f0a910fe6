"""The address at which a host of Azure gives an app its managed identity's tokens (IDENTITY_ENDPOINT)."""

import time
from dataclasses import dataclass, field

from aiohttp import web

from bot.simulation.faults import Faults
from bot.simulation.login import LoginService

PATH = "/msi/token"
HEADER = "00000000-1111-2222-3333-444444444444"  # the host's own secret


@dataclass
class IdentityEndpoint:
    """As App Service and Container Apps have it. `assigned`: client ids of the identities that this host has."""

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
