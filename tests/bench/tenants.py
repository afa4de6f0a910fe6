"""The tenant's process and our bot's, as the bench starts them."""

import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench.load import OURS, Json, Server, environment, server


@dataclass
class Tenant:
    """The tenant's process."""

    process: asyncio.subprocess.Process
    settings: dict[str, str]
    service_url: str
    token: str
    object_ids: dict[str, str]

    async def order(self, **orders: str) -> dict[str, int]:
        """Set the faults; what the bot has sent since the last order."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(orders).encode() + b"\n")
        answer: dict[str, int] = json.loads(await self.process.stdout.readline())
        return answer

    def message(self, person: str, text: str = "I forgot my PIN") -> Json:
        """What Teams posts when somebody writes."""
        object_id, app_id = self.object_ids[person], self.settings["MICROSOFT_APP_ID"]
        tenant_id = self.settings["MICROSOFT_APP_TENANT_ID"]
        return {
            "type": "message",
            "id": uuid.uuid4().hex,
            "timestamp": "2026-11-24T08:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:{object_id}", "name": person, "aadObjectId": object_id},
            "conversation": {"id": f"a:{object_id}", "conversationType": "personal", "tenantId": tenant_id},
            "recipient": {"id": f"28:{app_id}", "name": "bot"},
            "channelData": {"tenant": {"id": tenant_id}},
            "locale": "en-US",
            "text": text,
        }


@asynccontextmanager
async def tenant(people: int) -> AsyncIterator[Tenant]:
    """Start it and read what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.tenant", str(people), limit=64 * 1024 * 1024,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    told_: dict[str, Any] = json.loads(await process.stdout.readline())
    try:
        yield Tenant(process, told_["settings"], told_["service_url"], told_["token"], told_["object_ids"])
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def ours(world: Tenant) -> AsyncIterator[Server]:
    """A fresh `python -m bot serve`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = environment(world.settings, folder, OURS)
        async with server(OURS, "/readyz", "bot", "serve", **settings) as bot:
            yield bot
