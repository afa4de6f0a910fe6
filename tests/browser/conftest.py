"""A browser in front of the bot in front of the simulated tenant; without Chromium these tests are skipped.

One browser serves all tests, so that all run in one loop.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock

import pytest
import pytest_asyncio

from bot.demo import gallery, run
from bot.simulation import World
from tests.browser import windows
from tests.deadlines import GENEROUS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

Open = Callable[..., "Awaitable[Page]"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cards() -> dict[str, Any]:
    """The gallery, drawn once."""
    return await gallery.drawn()


@pytest_asyncio.fixture(loop_scope="session")
async def world(cards: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """As make demo shows it, with everybody greeted."""
    monkeypatch.setattr(gallery, "drawn", AsyncMock(return_value=cards))
    async with run.showing("rollout", 0, None, deadlines=GENEROUS, PINBOT_PORT="0") as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> "AsyncIterator[Browser]":
    if lacking := windows.missing():
        pytest.skip(f"needs {lacking}")
    async with windows.chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: "Browser", world: World) -> AsyncIterator[Open]:
    """Opens windows at a path of the page; a script that fails in one fails the test."""
    failures: list[str] = []

    async def show(path: str = "/", width: int = 1280, height: int = 800, **more: Any) -> "Page":
        page = await browser.new_page(viewport={"width": width, "height": height}, **more)
        page.set_default_timeout(windows.PATIENCE_MS)
        page.on("pageerror", lambda error: failures.append(str(error)))
        await page.goto(f"{world.url}{path}")
        return page

    yield show
    for context in browser.contexts:
        await context.close()
    assert failures == []
