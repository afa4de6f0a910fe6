"""The clients that the tests call the simulated tenant with: the bot's real ones, and a bare one."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.chat.deadlines import Deadlines
from bot.simulation import World
from bot.tenant.credentials import Credential
from bot.tenant.graph import Graph
from bot.tenant.login import Login, sign_in
from tests.deadlines import GENEROUS

GRAPH = "https://graph.microsoft.com"
CONNECTOR = "https://api.botframework.com"


async def signed_in(world: World, credential: Credential | None = None, deadlines: Deadlines = GENEROUS) -> Login:
    """The real MSAL, signed in with the app's secret unless another credential is given."""
    return sign_in(
        world.login.app_id,
        world.tenant.id,
        credential or Credential(world.login.secret),
        login_url=world.login.url,
        login_ca=world.ca,
        deadlines=deadlines,
    )


@asynccontextmanager
async def real_graph(
    world: World, clock: Callable[[], float] = time.monotonic, deadlines: Deadlines = GENEROUS
) -> AsyncIterator[Graph]:
    """The real Graph client with a token of this moment's permissions."""
    token = world.login.issue(GRAPH)

    async def bearer() -> str:
        return token

    graph = Graph(bearer, world.url, clock, deadlines)
    try:
        yield graph
    finally:
        await graph.close()


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, read."""

    status: int
    body: bytes
    json: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """Graph's and Teams' error code."""
        return str(self.json["error"]["code"])


async def call(
    world: World,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One call with a good Graph token unless another is given; "" for none."""
    bearer = world.login.issue(GRAPH) if token is None else token
    sent = {**({"Authorization": f"Bearer {bearer}"} if bearer else {}), **(headers or {})}
    url = path if path.startswith("http") else f"{world.url}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body, headers=sent) as answer:
        read = await answer.read()
        is_json = answer.content_type == "application/json" and bool(read)
        return Reply(answer.status, read, await answer.json() if is_json else None, answer.headers)
