"""Every kind of card in a real browser: as narrow as a phone and wider, light and dark, with all that a tap unfolds."""

from typing import TYPE_CHECKING

import pytest

from bot.demo import gallery
from bot.simulation import World
from tests.browser.windows import DRAWN, too_wide, violations

if TYPE_CHECKING:
    from tests.browser.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHARTS = {
    "bars": {
        "type": "Chart.HorizontalBar.Stacked",
        "title": "PCs by wave",
        "data": [
            {
                "title": "Wave 1",
                "data": [
                    {"legend": "Done", "value": 118, "color": "good"},
                    {"legend": "Failed", "value": 2, "color": "attention"},
                    {"legend": "Not started", "value": 0, "color": "neutral"},
                ],
            }
        ],
    },
    "donut": {
        "type": "Chart.Donut",
        "data": [
            {"legend": "Done", "value": 7, "color": "good"},
            {"legend": "Failed", "value": 3, "color": "attention"},
        ],
    },
}


# German has the longest words, Japanese none that a line could break at.
LOOKED_AT = (("en", 320, "light"), ("de", 320, "dark"), ("ja", 320, "light"), ("en", 640, "dark"), ("ja", 640, "light"))


@pytest.mark.parametrize(("language", "width", "theme"), LOOKED_AT)
async def test_every_card_fits_and_axe_finds_nothing(
    window: "Open", world: World, language: str, width: int, theme: str
) -> None:
    world.gallery.update(await gallery.drawn(language))
    for name, chart in CHARTS.items():
        world.gallery[name] = {"type": "AdaptiveCard", "version": "1.5", "body": [chart]}
    page = await window(f"/gallery?theme={theme}&unfolded=yes", width=width)
    await page.wait_for_selector(DRAWN)
    assert await page.locator("h2").all_text_contents() == [*world.gallery]
    assert await page.locator(".broken").all_text_contents() == []
    assert await too_wide(page) == []
    assert await violations(page) == []


async def test_charts_say_their_numbers(window: "Open", world: World) -> None:
    world.gallery.clear()
    world.gallery.update(
        {name: {"type": "AdaptiveCard", "version": "1.5", "body": [one]} for name, one in CHARTS.items()}
    )
    page = await window("/gallery")
    await page.get_by_role("img", name="Wave 1: Done 118, Failed 2, Not started 0").wait_for()
    await page.get_by_role("img", name="Done 7, Failed 3").wait_for()
    shares = await page.locator(".bar span").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert len(shares) == 2
    assert shares[0] > 10 * shares[1] > 0


async def test_cards_that_are_broken_say_so_and_the_others_are_drawn(window: "Open", world: World) -> None:
    world.gallery.clear()
    text = {"type": "TextBlock", "text": "still here"}
    world.gallery["partly"] = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "Hologram"}, text]}
    world.gallery["empty"] = {"type": "AdaptiveCard", "version": "1.5", "body": []}
    world.gallery["shapeless"] = {"type": "AdaptiveCard", "version": "1.5", "body": 7}
    world.gallery["no card"] = {"type": "Letter"}
    world.gallery["replaced"] = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [{"type": "Badge", "text": "new", "fallback": {"type": "TextBlock", "text": "as words"}}],
    }
    page = await window("/gallery")
    await page.get_by_text("still here").wait_for()
    await page.get_by_text("as words").wait_for()
    broken = await page.locator(".broken > p").all_text_contents()
    assert broken == ["Parts of this card can't be drawn:", *["This card can't be drawn:"] * 3]
    assert await violations(page) == []


async def test_nothing_is_sent_from_the_gallery_and_links_say_where_they_go(window: "Open", world: World) -> None:
    page = await window("/gallery")
    card = page.get_by_role("article").filter(has=page.get_by_role("heading", name="welcome", exact=True))
    await card.get_by_role("button", name="I forgot my PIN").click()
    assert "Nothing is sent from here" in await card.get_by_role("status").inner_text()
    covered = page.get_by_role("article").filter(
        has=page.get_by_role("heading", name="Entra joined, covered", exact=True)
    )
    await covered.get_by_role("button", name="About this PC").click()
    await covered.get_by_role("link").click()
    leaving = page.get_by_role("dialog").get_by_role("link", name="Open")
    assert str(await leaving.get_attribute("href")).startswith("https://learn.microsoft.com/")
    assert await leaving.get_attribute("rel") == "noopener noreferrer"
    await page.keyboard.press("Escape")
    assert await page.get_by_role("dialog").count() == 0
