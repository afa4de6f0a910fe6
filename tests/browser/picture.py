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
        page = await browser.new_page(viewport={"width": 1200, "height": 800}, color_scheme="light")
        await page.goto(f"{world.url}/?as=user&as=admin&as=approver")
        user, admin, approver = (column(page, number) for number in range(3))
        await write(user, "I forgot my PIN")
        await user.get_by_role("button", name="I'm locked out").click()
        await user.get_by_text("Enter a new PIN twice").first.wait_for()
        await write(admin, "assign Finance Laptops")
        await admin.get_by_role("textbox", name="Reason").fill("CHG-2291: second wave")
        await admin.get_by_role("button", name="Request approval").click()
        await admin.get_by_text("Request #1 is filed").wait_for()
        await admin.get_by_role("button", name="Cancel the request").wait_for()
        await approver.get_by_role("button", name="Approve", exact=True).scroll_into_view_if_needed()
        drawn = await page.screenshot()
    assert len(drawn) < MOST_BYTES, "the picture is too large for the README"
    await asyncio.to_thread(PICTURE.write_bytes, drawn)


if __name__ == "__main__":
    asyncio.run(main())
