"""The echo of the Microsoft 365 Agents SDK, as its samples build it.

Run as `python -m tests.bench.peers.agents_sdk PORT OPENID_URL APP_ID TENANT_ID` in the environment of the peers.
"""

import json
import sys
import urllib.request
from typing import Any

from aiohttp import web
from microsoft_agents.activity import Activity
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware
from microsoft_agents.hosting.core import ActivityHandler, AgentAuthConfiguration, TurnContext
from microsoft_agents.hosting.core.authorization import _entra_issuers


class Echo(ActivityHandler):  # type: ignore[misc]  # of the environment of the peers
    """Says what was said."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """One message in, one message out."""
        await turn_context.send_activity(f"Echo: {turn_context.activity.text}")


class Constant:
    """One connection, whose token is a constant."""

    def __init__(self, configuration: AgentAuthConfiguration) -> None:
        self.configuration = configuration

    async def get_access_token(self, *_args: Any, **_kwargs: Any) -> str:
        """Without asking anybody."""
        return "constant"

    def get_connection(self, _name: str) -> "Constant":
        """The one."""
        return self

    def get_default_connection(self) -> "Constant":
        """The one."""
        return self

    def get_token_provider(self, *_args: Any) -> "Constant":
        """The one."""
        return self

    def get_token_provider_from_activity(self, _claims: Any, _activity: Activity) -> "Constant":
        """The one."""
        return self

    def get_default_connection_configuration(self) -> AgentAuthConfiguration:
        """Its settings."""
        return self.configuration


def main() -> None:
    """Serve until stopped."""
    port, openid_url, app_id, tenant_id = sys.argv[1:5]
    with urllib.request.urlopen(openid_url) as document:
        keys = json.load(document)["jwks_uri"]
    _entra_issuers.BOTFRAMEWORK_JWKS_URIS["https://api.botframework.com"] = keys
    configuration = AgentAuthConfiguration(client_id=app_id, tenant_id=tenant_id)
    adapter, echo = CloudAdapter(connection_manager=Constant(configuration)), Echo()

    async def messages(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = await adapter.process(request, echo)
        return response or web.Response(status=201)

    app = web.Application(middlewares=[jwt_authorization_middleware])
    app["agent_configuration"] = configuration
    app.router.add_post("/api/messages", messages)
    web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
