"""Chromium as the tests use it: what it needs, how it starts, what axe finds in it, and where pictures go."""

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.simulation.pages import FOLDER, LIBRARIES

if TYPE_CHECKING:  # one of the things that may be missing
    from playwright.async_api import Browser, Locator, Page

CHROMIUM = Path("/usr/bin/chromium")
AXE = FOLDER / "node_modules/axe-core/axe.min.js"
PICTURES = Path(__file__).parents[2] / ".screenshots"
PATIENCE_MS = 30_000
SETTLED_AFTER_MS = 3_000
DRAWN = "#cards[aria-busy=false]"  # the gallery, when all its cards are there
WIDTHS, THEMES = (320, 640), ("light", "dark")  # in which every card is looked at
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Only what is wrong is told, and by its HTML: over all cards of the gallery the rest costs axe a quarter of its time.
_FIND = """axe.run({ resultTypes: ["violations"], selectors: false })
    .then((found) => found.violations.map((one) => [one.id, ...one.nodes.map((node) => node.html)]))"""
# An element that is wider than its box, in the page and in the trees of the cards, but for those that may scroll.
_WIDE = """() => {
    const wide = [];
    const mayScroll = (one, { overflowX, display }) =>
        one.matches("select, textarea, input, .unseen") || overflowX === "auto" || display === "inline";
    const look = (root) => root.querySelectorAll("*").forEach((one) => {
        if (one.shadowRoot) look(one.shadowRoot);
        const isWide = one.clientWidth && one.scrollWidth > one.clientWidth + 1;
        if (isWide && !mayScroll(one, getComputedStyle(one))) wide.push(one.outerHTML.slice(0, 200));
    });
    look(document);
    return document.documentElement.scrollWidth > innerWidth ? ["the page", ...wide] : wide;
}"""
# The cards as wide as they are, side by side.
_SHEET = """(columns) => {
    const width = document.querySelector("article").clientWidth;
    const place = document.querySelector("main");
    place.style.cssText = `display: block; columns: ${columns}; width: ${columns * (width + 12)}px; column-gap: 12px`;
    const apart = "break-inside: avoid; margin-bottom: 16px";
    document.querySelectorAll("article").forEach((one) => (one.style.cssText = apart));
}"""
_SHEET_WIDTH, _SHEET_HEIGHT = 2000, 2000  # one picture of everything would be too large to draw and to look at


def missing() -> str:
    """What these tests need and this machine lacks; empty when nothing."""
    if importlib.util.find_spec("playwright") is None:
        return "the Python package playwright"
    if not CHROMIUM.exists():
        return "Debian's package chromium"
    if not all(file.exists() for file in (AXE, *LIBRARIES.values())):
        return "the page's npm packages: install npm, then make demo"
    return ""


@asynccontextmanager
async def chromium() -> "AsyncIterator[Browser]":
    """A browser without windows."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def violations(page: "Page") -> list[Any]:
    """What axe finds wrong: the rule and the elements."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = await page.evaluate(_FIND)
    return found


async def too_wide(page: "Page") -> list[str]:
    """What is wider than its place, and stays so: a card that has just come is laid out in several steps."""
    found: list[str] = await page.evaluate(_WIDE)
    for _ in range(SETTLED_AFTER_MS // 100):
        if not found:
            break
        await page.wait_for_timeout(100)
        found = await page.evaluate(_WIDE)
    return found


async def sheets(page: "Page", name: str, width: int) -> None:
    """Pictures of all cards, each as wide as it is in a window of this width, for people to look at."""
    await page.evaluate(_SHEET, _SHEET_WIDTH // width)
    await page.set_viewport_size({"width": _SHEET_WIDTH, "height": _SHEET_HEIGHT})
    height = await page.evaluate("document.documentElement.scrollHeight")
    for number in range(-(-height // _SHEET_HEIGHT)):
        await page.evaluate("(y) => scrollTo(0, y)", number * _SHEET_HEIGHT)
        await page.screenshot(path=PICTURES / f"{name}-{number + 1}.png")


def column(page: "Page", number: int = 0) -> "Locator":
    """One person's window, from the left."""
    return page.locator("section.column").nth(number)


async def write(of: "Locator", text: str) -> None:
    """Write and send."""
    box = of.get_by_role("textbox", name="Message from")
    await box.fill(text)
    await box.press("Enter")
