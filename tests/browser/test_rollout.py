"""The rollout in a real browser: an admin asks, an approver decides, everybody sees how it ended."""

import re
from typing import TYPE_CHECKING

import pytest

from bot.demo import run
from bot.simulation import World, state
from tests.browser.windows import PATIENCE_MS, PICTURES, column, too_wide, violations, write
from tests.changes.test_groups import new_group
from tests.deadlines import GENEROUS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator

    from tests.browser.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

THREE = "/?as=admin&as=approver&as=user"


async def test_a_newcomer_goes_from_a_forgotten_pin_to_a_finished_assignment_and_undoes_it(browser: "Browser") -> None:
    async with run.showing("fresh", 0, None, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{world.url}{THREE}")
        admin, approver, user = (column(page, number) for number in range(3))
        await write(user, "I forgot my PIN")
        await user.get_by_text("This reset deletes the keys").first.wait_for()
        await write(admin, "status")
        await admin.get_by_text("Next step: consent").wait_for()
        await write(admin, "assign Pilot Ring")
        await admin.get_by_text("Consent comes first").wait_for()
        await _asked_and_approved(admin, approver, "onboard consent", 1)
        await (
            admin.get_by_role("link", name="Consent 1: service")
            .or_(admin.get_by_role("button", name="Consent 1: service"))
            .first.wait_for()
        )
        state.consent(world.tenant)  # what an administrator does in the browser
        await _open(admin, "Verify consent")
        await admin.get_by_role("button", name="Verify consent").last.click()
        await admin.get_by_text("Request #1 is done").wait_for()
        await _asked_and_approved(admin, approver, "create profile", 2)
        await admin.get_by_text("Request #2 is done").wait_for()
        await _asked_and_approved(admin, approver, "assign Pilot Ring exclude Kiosk Devices", 3)
        await admin.get_by_text("Request #3 is done").wait_for()
        await write(admin, "status")
        await admin.get_by_text("Nothing is missing").wait_for()
        await admin.get_by_role("button", name="All the details").last.click()
        await admin.get_by_text("Included group: Pilot Ring").last.wait_for()
        await write(user, "I forgot my PIN")
        await user.get_by_text("should keep what is stored").wait_for()
        assert await too_wide(page) == []
        assert await violations(page) == []
        await page.screenshot(path=PICTURES / "rollout-1280.png")
        await _asked_and_approved(admin, approver, "undo 3", 4)
        await admin.get_by_text("Request #4 is done").wait_for()
        await write(user, "I forgot my PIN")
        await user.get_by_text("This reset deletes the keys").nth(1).wait_for()
        await page.close()


async def _asked_and_approved(admin: "Locator", approver: "Locator", text: str, number: int) -> None:
    """Ask, look at the preview, give a reason; the approver sees all of it and approves."""
    await write(admin, text)
    await admin.get_by_role("textbox", name="Reason").last.fill(f"CHG-{number}")
    await admin.get_by_role("button", name="Request approval").last.click()
    await admin.get_by_text(f"Request #{number} is filed").wait_for()
    card = approver.locator("article").filter(has_text=f"CHG-{number}")
    await card.get_by_text("The exact requests to Microsoft Graph").first.wait_for()
    await _open(card, "Approve")
    await card.get_by_role("button", name="Approve", exact=True).click()
    await card.get_by_text("Approved by Priya Nair").wait_for()
    await admin.get_by_text(re.compile(rf"Request #{number}(?: is done|: give consent)")).last.wait_for()


async def _open(card: "Locator", title: str) -> None:
    """The client fetches the own view by itself, also after each time that the card is drawn anew."""
    await card.get_by_role("button", name=title, exact=True).last.wait_for()


async def test_a_group_beyond_the_first_ones_is_found_as_one_types(window: "Open", world: World) -> None:
    for number in range(40):
        new_group(world, f"Alpha {number:02}")
    page = await window("/?as=admin", width=390, height=844)
    admin = column(page)
    await write(admin, "status")
    await admin.get_by_role("button", name="Assign to a group…").click()
    picker = admin.get_by_role("combobox", name="Group to cover")
    await picker.click()
    listed = admin.locator("datalist option")
    assert await listed.count() == 15
    assert await listed.filter(has_text="Finance Laptops").count() == 0
    await picker.press_sequentially("finan")
    await admin.locator('datalist option[value="Finance Laptops"]').wait_for(state="attached")
    assert await violations(page) == []
    await picker.fill("Finance Nobody")
    await admin.get_by_role("button", name="Show the change").click()
    await admin.get_by_text("Please choose one of the list").wait_for()
    await picker.fill("Finance Laptops")
    await admin.get_by_role("button", name="Show the change").click()
    await admin.get_by_text("Add group Finance Laptops").wait_for()
    await page.close()
