"""On a phone: who forgot a PIN sees the first step on the first screen after one tap at most, and who approves sees the
change and the decision without any."""

from typing import TYPE_CHECKING

import pytest

from bot.simulation import World
from tests.browser.windows import PICTURES, column, write
from tests.journeys.test_ask_a_person import newest, press

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.browser.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"width": 390, "height": 844}
PERSONAS = [
    *("user", "not-covered", "kiosk", "federated", "ltsc", "pro-1809", "unknown-build", "hybrid", "hybrid-not-covered"),
    *("registered", "unmanaged", "not-in-entra", "stale", "disabled-pc", "several", "phone", "nothing", "cloud-pc"),
    *("renamed-pc", "many-pcs", "old-account"),
]
INSTEAD = "Use I forgot my PIN on the lock screen with that private account"  # where nothing else can be clicked


@pytest.mark.parametrize("who", [PERSONAS[first::3] for first in range(3)], ids=lambda who: who[0])
async def test_the_first_step_stands_on_the_first_screen_after_one_tap(window: "Open", who: list[str]) -> None:
    too_low = {}
    for person in who:
        page = await window(f"/?as={person}", **PHONE)
        chat = column(page)
        await write(chat, "I forgot my PIN")
        await chat.get_by_role("button", name="I'm locked out").last.click()
        card = page.locator("article").last
        step = card.locator("ol > li").or_(card.get_by_text(INSTEAD)).filter(visible=True).first
        await step.wait_for()
        assert await card.get_by_text("Windows:").filter(visible=True).count() == 0
        await page.screenshot(path=PICTURES / f"reset-{person}.png")
        if (over := await _below_the_first_screen(chat, card, step)) > 0:
            too_low[person] = over
        await page.close()
    assert too_low == {}


async def test_an_approver_decides_on_the_first_screen_below_the_change(window: "Open", world: World) -> None:
    await world.teams.say("admin", "assign Finance Laptops exclude Kiosk Devices")
    await press(world, "admin", newest(world, "admin"), "Request approval", reason="CHG-1, wave 2")
    page = await window("/?as=approver", **PHONE)
    chat = column(page)
    card = chat.locator("article").filter(has_text="CHG-1, wave 2")
    for title in ("Approve", "Reject…"):
        button = card.get_by_role("button", name=title, exact=True)
        await button.wait_for()
        assert await _below_the_first_screen(chat, card, button) <= 0
        above = await _bottom(card.get_by_text("Finance Laptops").filter(visible=True).first)
        assert above <= await _bottom(button)
    await page.screenshot(path=PICTURES / "approver-phone.png")


async def test_how_it_went_is_asked_with_the_steps_and_the_facts_are_one_tap_away(window: "Open") -> None:
    page = await window("/?as=user", **PHONE)
    chat = column(page)
    await write(chat, "I forgot my PIN")
    card = page.locator("article").last
    await card.get_by_role("button", name="I'm locked out").wait_for()
    assert await card.get_by_role("button", name="It worked").count() == 0
    await card.get_by_role("button", name="I'm still signed in").click()
    await card.get_by_role("button", name="It worked").wait_for()
    await card.get_by_role("button", name="About this PC").click()
    await card.get_by_text("Windows 11 24H2").wait_for()
    await card.get_by_role("button", name="About this PC").click()
    await card.get_by_text("Windows 11 24H2").wait_for(state="hidden")


async def _below_the_first_screen(chat: "Locator", card: "Locator", part: "Locator") -> float:
    """By how much the end of a part of a card is out of sight while the card's head stands at the top of the chat."""
    room = await chat.get_by_role("log").evaluate("(one) => one.clientHeight")
    top = await card.bounding_box()
    assert top is not None
    return await _bottom(part) - top["y"] - float(room)


async def _bottom(part: "Locator") -> float:
    box = await part.bounding_box()
    assert box is not None
    return box["y"] + box["height"]
