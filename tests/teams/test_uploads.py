"""A file goes to SharePoint only, whatever address a client sends (T5 in SECURITY.md), and whole however long it is."""

import io
from types import SimpleNamespace

import aiohttp
import pytest

from bot.errors import NotSent
from bot.simulation import simulate
from bot.teams.uploads import PIECE, Uploads

SIMULATED = "http://127.0.0.1:4000"


async def _asked(url: str, extra: str | None = None) -> list[str]:
    """The hosts that the client set out for; no test leaves this machine, so that every upload fails."""
    asked: list[str] = []

    async def note(_session: aiohttp.ClientSession, _: SimpleNamespace, start: aiohttp.TraceRequestStartParams) -> None:
        asked.append(str(start.url.host))
        assert "Authorization" not in start.headers

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        with pytest.raises(NotSent):
            await Uploads(session, extra).put(url, b"rows")
    return asked


async def test_a_persons_own_drive_is_written_to_without_a_token() -> None:
    assert await _asked("https://contoso-my.sharepoint.com/personal/ada/up?x=1") == ["contoso-my.sharepoint.com"]


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso.sharepoint.com/up",
        "https://contoso.sharepoint.com.evil.example/up",
        "https://evil.example/contoso.sharepoint.com/up",
        "https://contoso.sharepoint.com@evil.example/up",
        "https://user@contoso.sharepoint.com/up",
        "https://contoso.sharepoint.com:8443/up",
        "https://contoso.sharepoint.com\\@evil.example/up",
        "https://a.b.sharepoint.com/up",
        "https://contoso.ſharepoint.com/up",  # a long s, which some would fold
        "https://contoso.sharepoint.com/up\r\nHost: evil.example",
        f"{SIMULATED}/up",
        "",
    ],
)
async def test_nobody_else_is_called(url: str) -> None:
    assert await _asked(url) == []


@pytest.mark.parametrize("url", [f"{SIMULATED}@evil.example/up", f"{SIMULATED}1/up", "http://127.0.0.1/up"])
async def test_what_looks_like_the_simulated_tenant_is_not_called(url: str) -> None:
    assert await _asked(url, SIMULATED) == []


async def test_a_long_file_comes_in_pieces_and_is_whole_in_the_end() -> None:
    long = b"row\n" * (PIECE // 3)  # two pieces
    async with simulate() as world, aiohttp.ClientSession() as session:
        address = world.teams.service_url
        await Uploads(session, address.rstrip("/")).put(f"{address}upload/1", io.BytesIO(long))
    assert world.teams.chats.files["1"] == long
