"""Files that a person agreed to take: put where Teams says, on SharePoint's hosts only, without the bot's token."""

import asyncio
import io
import re
from typing import IO

import aiohttp

from bot.errors import NotSent

# A person's OneDrive; Teams' file consent exists in the public cloud only. Nothing before the host, no other port.
_SHAREPOINT = re.compile(r"https://[a-z0-9-]+\.sharepoint\.com/[^\s]*", re.IGNORECASE | re.ASCII)
PIECE = 32 * 320 * 1024  # bytes: SharePoint takes multiples of 320 KiB, and less than 60 MiB at once


class Uploads:
    """`extra`: the simulated tenant's address, where one is set."""

    def __init__(self, session: aiohttp.ClientSession, extra: str | None = None) -> None:
        self._session = session
        self._extra = extra

    async def put(self, url: str, content: bytes | IO[bytes]) -> None:
        """The file, a long one in pieces. Raises errors.NotSent."""
        simulated = self._extra is not None and url.startswith(f"{self._extra}/")
        if not simulated and not _SHAREPOINT.fullmatch(url):
            raise NotSent("upload address is not on the allow-list")
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        try:
            for start in range(0, size, PIECE):
                await self._put(url, await asyncio.to_thread(file.read, PIECE), start, size)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotSent(type(error).__name__) from None

    async def _put(self, url: str, piece: bytes, start: int, size: int) -> None:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{size}",
        }
        async with self._session.put(url, data=io.BytesIO(piece), headers=headers, allow_redirects=False) as response:
            if response.status >= 300:
                raise NotSent(str(response.status))
