"""What no bot can go below: one check of the token, JSON in, one call with a card of 4 KB out. Or less, if `bare`.

Run as `python -m tests.bench.peers.floor PORT OPENID_URL APP_ID floor|bare`. Bare is aiohttp alone: no token, an echo.
"""

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
from aiohttp import web

CARD_BYTES = 4096
ROW = {"type": "TextBlock", "text": "One of the lines of a card, about as long as they are. ", "wrap": True}
SESSION = web.AppKey("session", aiohttp.ClientSession)
KEYS = web.AppKey("keys", dict[str, jwt.PyJWK])


def _card() -> dict[str, Any]:
    rows = [ROW] * (CARD_BYTES // len(json.dumps(ROW)))
    card = {"type": "AdaptiveCard", "version": "1.5", "body": rows}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


CARD = _card()


def main() -> None:
    """Serve until stopped."""
    port, openid_url, app_id, kind = sys.argv[1:5]

    async def outbound(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session:
            app[SESSION] = session
            async with session.get(openid_url) as document, session.get((await document.json())["jwks_uri"]) as keys:
                app[KEYS] = {key["kid"]: jwt.PyJWK(key) for key in (await keys.json())["keys"]}
            yield

    async def messages(request: web.Request) -> web.Response:
        activity = json.loads(await request.read())
        if kind == "bare":
            out: dict[str, Any] = {"type": "message", "text": f"Echo: {activity['text']}"}
        else:
            token = request.headers["Authorization"].removeprefix("Bearer ")
            key = request.app[KEYS][jwt.get_unverified_header(token)["kid"]]
            jwt.decode(token, key, algorithms=["RS256"], audience=app_id, issuer="https://api.botframework.com")
            out = CARD
        url = f"{activity['serviceUrl']}/v3/conversations/{activity['conversation']['id']}/activities/{activity['id']}"
        headers = {"Authorization": "Bearer constant"}
        async with request.app[SESSION].post(url, json=out, headers=headers) as response:
            await response.read()
        return web.Response()

    app = web.Application()
    app.cleanup_ctx.append(outbound)
    app.router.add_post("/api/messages", messages)
    web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
