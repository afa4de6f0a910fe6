"""The README's picture: three people in the middle of a day, drawn by the page itself."""

import asyncio

from bot.demo import run
from bot.simulation.pages import FOLDER
from tests.browser.windows import chromium, column, write

PICTURE = FOLDER.with_name("page.png")
MOST_BYTES = 200_000


async def main() -> None:
    """Play a little and take the picture."""
    async with run.showing("rollout", 0, None, PINBOT_PORT="0") as world, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1200, "height": 760}, color_scheme="light")
        await page.goto(f"{world.url}/?as=user&as=admin:channel&as=approver")
        await write(column(page, 0), "I forgot my PIN")
        await column(page, 0).get_by_text("CON-LT-0142").first.wait_for()
        await write(column(page, 1), "what can you do?")
        await column(page, 1).get_by_role("heading", name="What I can do").wait_for()
        await write(column(page, 2), "It didn't work")
        await column(page, 2).get_by_role("heading", name="What happened?").wait_for()
        drawn = await page.screenshot()
    assert len(drawn) < MOST_BYTES, "the picture is too large for the README"
    await asyncio.to_thread(PICTURE.write_bytes, drawn)


if __name__ == "__main__":
    asyncio.run(main())
