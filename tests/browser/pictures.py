"""Pictures of every card, light and dark, 320 and 640 pixels wide, into .screenshots/: for people to look at.

Of one language, English unless another is named.
"""

import asyncio
import sys

from bot.demo import gallery, run
from tests.browser.windows import DRAWN, PICTURES, THEMES, WIDTHS, chromium, missing, sheets


async def main(language: str) -> None:
    """One window for each width and colour, with all that a tap unfolds."""
    if lacking := missing():
        sys.exit(f"Pictures need {lacking}.")
    async with run.showing("rollout", 0, None, PINBOT_PORT="0") as world, chromium() as browser:
        world.gallery.update(await gallery.drawn(language))
        for width in WIDTHS:
            for theme in THEMES:
                page = await browser.new_page(viewport={"width": width, "height": 800})
                await page.goto(f"{world.url}/gallery?theme={theme}&unfolded=yes")
                await page.wait_for_selector(DRAWN)
                await sheets(page, f"cards-{language}-{theme}-{width}", width)
                await page.close()
    print(f"{len([*PICTURES.glob('cards-*.png')])} pictures in {PICTURES}", flush=True)  # noqa: T201 - what was asked for


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:] or ["en"]))
