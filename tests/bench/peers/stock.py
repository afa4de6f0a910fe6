"""The SDK's own echo bot, as its samples build it: what ours is measured against.

Run as `python -m tests.bench.peers.stock PORT OPENID_URL APP_ID TENANT_ID`. In its favour: the outbound token is a
constant, where the stock credentials would ask the login service twice a turn.
"""

import sys

from aiohttp import web
from botbuilder.core import ActivityHandler, MessageFactory, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botframework.connector.auth import ChannelValidation, MicrosoftAppCredentials


class Echo(ActivityHandler):  # type: ignore[misc]  # the SDK is untyped
    """Says what was said."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """One message in, one message out."""
        await turn_context.send_activity(MessageFactory.text(f"Echo: {turn_context.activity.text}"))


class Config:
    """The attributes that the SDK's configuration looks for."""

    def __init__(self, app_id: str, tenant_id: str) -> None:
        self.APP_ID = app_id
        self.APP_PASSWORD = "not used, see below"
        self.APP_TYPE = "SingleTenant"
        self.APP_TENANTID = tenant_id


def main() -> None:
    """Serve until stopped."""
    port, openid_url, app_id, tenant_id = sys.argv[1:5]
    ChannelValidation.open_id_metadata_endpoint = openid_url
    MicrosoftAppCredentials.get_access_token = lambda *_args, **_kwargs: "constant"
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Config(app_id, tenant_id)))
    bot = Echo()

    async def messages(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = await adapter.process(request, bot)
        return response or web.Response(status=201)

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    web.run_app(app, host="127.0.0.1", port=int(port), print=None)


if __name__ == "__main__":
    main()
