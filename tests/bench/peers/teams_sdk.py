"""The echo of the Teams SDK, as its samples build it.

Run as `python -m tests.bench.peers.teams_sdk PORT OPENID_URL APP_ID TENANT_ID` in the environment of the peers.
"""

import asyncio
import sys
from dataclasses import replace
from typing import Any

import jwt
from microsoft_teams.api import MessageActivity
from microsoft_teams.api.auth.cloud_environment import PUBLIC
from microsoft_teams.apps import ActivityContext, App


def main() -> None:
    """Serve until stopped."""
    port, openid_url, app_id, tenant_id = sys.argv[1:5]

    token = jwt.encode({"appid": app_id, "tid": tenant_id}, "a key that nobody looks at, of 32 bytes")

    async def constant(*_args: Any, **_kwargs: Any) -> str:
        return token

    cloud = replace(PUBLIC, openid_metadata_url=openid_url)
    app = App(client_id=app_id, tenant_id=tenant_id, token=constant, cloud=cloud)

    @app.on_message  # type: ignore[untyped-decorator]  # of the environment of the peers
    async def echo(context: ActivityContext[MessageActivity]) -> None:
        await context.send(f"Echo: {context.activity.text}")

    asyncio.run(app.start(int(port)))


if __name__ == "__main__":
    main()
