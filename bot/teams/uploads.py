"""Files that a person agreed to take: put where Teams says, on SharePoint's hosts only, without the bot's token."""

import re

import aiohttp

from bot.errors import NotSent

# A person's OneDrive; Teams' file consent exists in the public cloud only. Nothing before the host, no other port.
_SHAREPOINT = re.compile(r"https://[a-z0-9-]+\.sharepoint\.com/[^\s]*", re.IGNORECASE | re.ASCII)


class Uploads:
    """`extra`: the simulated tenant's address, where one is set."""

    def __init__(self, session: aiohttp.ClientSession, extra: str | None = None) -> None:
        self._session = session
        self._extra = extra

    async def put(self, url: str, content: bytes) -> None:
        """The whole file in one piece. Raises errors.NotSent."""
        simulated = self._extra is not None and url.startswith(f"{self._extra}/")
        if not simulated and not _SHAREPOINT.fullmatch(url):
            raise NotSent("upload address is not on the allow-list")
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}",
        }
        try:
            async with self._session.put(url, data=content, headers=headers, allow_redirects=False) as response:
                if response.status >= 300:
                    raise NotSent(str(response.status))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotSent(type(error).__name__) from None
