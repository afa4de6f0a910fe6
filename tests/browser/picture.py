"""Pictures for people to look at: three people in the middle of a day for the README, and every card of the gallery."""

import asyncio
from itertools import product
from typing import TYPE_CHECKING

from bot.demo import run
from bot.simulation.pages import FOLDER
from tests.browser.windows import DRAWN, PATIENCE_MS, THEMES, WIDTHS, chromium, column, sheets, write

if TYPE_CHECKING:
    from playwright.async_api import Browser

PICTURE = FOLDER.with_name("page.png")
MOST_BYTES = 200_000


async def main() -> None:
    """Play a little and take the pictures."""
    async with run.showing("rollout", 0, None, PINBOT_PORT="0") as world, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1200, "height": 760}, color_scheme="light")
        await page.goto(f"{world.url}/?as=user&as=admin:channel&as=approver")
        await write(column(page, 0), "I forgot my PIN")
        await column(page, 0).get_by_text("CON-LT-0142").wait_for()
        await write(column(page, 1), "what can you do?")
        await column(page, 1).get_by_role("heading", name="What I can do").wait_for()
        await write(column(page, 2), "It didn't work")
        await column(page, 2).get_by_role("heading", name="What happened?").wait_for()
        drawn = await page.screenshot()
        for theme, width in product(THEMES, WIDTHS):
            await _every_card(browser, world.url, theme, width)
    assert len(drawn) < MOST_BYTES, "the picture is too large for the README"
    await asyncio.to_thread(PICTURE.write_bytes, drawn)


async def _every_card(browser: "Browser", url: str, theme: str, width: int) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{url}/gallery?theme={theme}&unfolded=yes")
    await page.wait_for_selector(DRAWN)
    await sheets(page, f"gallery-{theme}-{width}", width)
    await page.close()


if __name__ == "__main__":
    asyncio.run(main())
