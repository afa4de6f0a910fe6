"""Whole stories in a real browser, by what a person reads and presses."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo import run
from bot.simulation import World
from bot.simulation.chats import BOT, CARD
from tests.browser.windows import PATIENCE_MS, PICTURES, column, too_wide, violations, write
from tests.deadlines import GENEROUS

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.conftest import Open


pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (320, 640)])
async def test_from_a_forgotten_pin_to_the_help_desk(window: "Open", width: int, height: int) -> None:
    page = await window("/?as=user", width, height)
    chat = column(page)
    await chat.get_by_role("heading", name="Hi, I'm the PIN reset bot").wait_for()
    await write(chat, "I forgot my PIN")
    await chat.get_by_text("CON-LT-0142").first.wait_for()
    steps = chat.get_by_text("choose one of the methods that are offered").first
    assert not await steps.is_visible()
    await chat.get_by_role("button", name="I'm locked out").click()
    assert await steps.is_visible()
    await chat.get_by_role("button", name="It didn't work").last.click()
    await chat.get_by_role("heading", name="What happened?").wait_for()
    await chat.locator(".card").get_by_role("button", name="Send").click()
    assert await chat.get_by_text("Choose one of the answers.").is_visible()
    await chat.get_by_role("radio", name="Something else").check()
    await chat.get_by_role("textbox", name="Code or message").fill("CAA20004")
    assert await violations(page) == []
    await chat.locator(".card").get_by_role("button", name="Send").click()
    await chat.get_by_text("an admin has to do that first").wait_for()
    assert await chat.get_by_text(run.HELP_DESK).last.is_visible()
    assert await chat.get_by_text("Ready to send to your help desk").is_visible()
    assert await too_wide(page) == []
    assert await violations(page) == []
    await page.screenshot(path=PICTURES / f"help-desk-{width}.png")


async def test_the_same_with_the_keyboard_alone(window: "Open") -> None:
    page = await window("/?as=user")
    chat = column(page)
    await chat.get_by_role("heading", name="Hi, I'm the PIN reset bot").wait_for()

    async def tab_to(name: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate(_FOCUSED) == name:
                return
        pytest.fail(f"the tabulator does not lead to {name}")

    await tab_to("I forgot my PIN")
    assert await page.evaluate(_RING) != "none"
    await page.keyboard.press("Enter")
    await chat.get_by_text("CON-LT-0142").first.wait_for()
    await tab_to("I'm still signed in")
    await page.keyboard.press("Space")
    await chat.get_by_text("Under PIN (Windows Hello)").wait_for()
    await tab_to("Message from Uma Keller")
    await page.keyboard.type("it worked")
    await page.keyboard.press("Enter")
    await chat.get_by_role("heading", name="Good to hear").wait_for()


_FOCUSED = """() => {
    let one = document.activeElement;
    while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    return one.getAttribute("aria-label") ?? one.textContent;
}"""
_RING = "() => getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle"


async def test_two_people_at_once_see_their_own_devices_only(window: "Open") -> None:
    pages = [await window(f"/?as={person}&as=guest") for person in ("user", "admin")]
    await asyncio.gather(*(write(column(page), "I forgot my PIN") for page in pages))
    for page, own, other in ((pages[0], "CON-LT-0142", "CON-LT-0007"), (pages[1], "CON-LT-0007", "CON-LT-0142")):
        await column(page).get_by_text(own).first.wait_for()
        assert await page.get_by_text(other).count() == 0


async def test_a_question_in_the_channel_is_answered_in_private(window: "Open") -> None:
    page = await window("/?as=user:channel&as=admin:channel")
    asking, reading = column(page, 0), column(page, 1)
    await write(asking, "I forgot my PIN")
    await reading.get_by_text("@PIN Reset I forgot my PIN").wait_for()
    await reading.get_by_role("heading", name="I answer in private").wait_for()
    assert await reading.get_by_text("CON-LT-0142").count() == 0
    await asking.get_by_role("radio", name="Chat 1 new").check(force=True)
    await asking.get_by_text("CON-LT-0142").first.wait_for()


async def test_the_bot_hears_the_channel_only_when_it_is_mentioned(window: "Open", world: World) -> None:
    page = await window("/?as=user:channel&as=admin:channel")
    asking, reading = column(page, 0), column(page, 1)
    await asking.get_by_role("checkbox", name="Mention @PIN Reset").uncheck()
    await write(asking, "who is in today?")
    await reading.get_by_text("who is in today?").wait_for()
    await write(asking, "@PIN Reset help")
    await reading.get_by_role("heading", name="What I can do").wait_for()
    threads = [one for one in world.chats.conversations.values() if one.where == "channel"]
    assert [len(one.said) for one in threads] == [1, 2]


async def test_a_card_is_updated_while_another_person_looks_at_it(window: "Open", world: World) -> None:
    first = await window("/?as=admin:group")
    second = await window("/?as=user:group")
    said = world.chats.keep(world.chats.place("group", "admin", ""), BOT, _message("Waiting for approval"))
    for page in (first, second):
        await page.get_by_text("Waiting for approval").wait_for()
    await first.get_by_role("button", name="Approve").focus()
    world.chats.update(said.id, _message("Approved"))
    for page in (first, second):
        await page.get_by_text("Approved", exact=True).wait_for()
        assert await page.get_by_text("Waiting for approval").count() == 0
        assert await page.locator("article").count() == 1
    assert await first.evaluate("document.activeElement.dataset.id") == said.id  # the keyboard stays where it was


def _message(state: str) -> dict[str, object]:
    press = {"type": "Action.Execute", "title": "Approve", "verb": "none"}
    text = {"type": "TextBlock", "text": state, "wrap": True}
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [text], "actions": [press]}
    return {"attachments": [{"contentType": CARD, "content": card}]}


async def test_a_slow_tenant_answers_in_the_place_of_the_first_answer(browser: "Browser") -> None:
    page = await browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    soon = replace(GENEROUS, answer=0.05)  # a slow tenant tells nothing by then
    async with run.showing("rollout", 0, None, deadlines=soon, PINBOT_PORT="0") as world:
        await page.goto(f"{world.url}/?as=user")
        await page.get_by_text("The tenant", exact=True).click()
        await page.get_by_role("radio", name="is slow").check()
        await write(column(page), "I forgot my PIN")
        await column(page).get_by_text("CON-LT-0142").first.wait_for(timeout=30_000)
        await column(page).get_by_text("updated").first.wait_for()
        assert await column(page).locator("article").count() == 3  # greeting, question, answer
    await page.close()


async def test_a_restart_of_the_server_is_told_and_shows_nothing_twice(
    browser: "Browser", tmp_path: Path, unused_tcp_port: int
) -> None:
    page = await browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    async with run.showing("rollout", unused_tcp_port, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        await page.goto(world.url)
        await write(column(page), "I forgot my PIN")
        await column(page).get_by_text("CON-LT-0142").first.wait_for()
        before = await page.locator("article").all_text_contents()
    await page.get_by_text("The connection to the simulated tenant is lost").wait_for()
    await write(column(page), "are you there?")
    await column(page).get_by_role("alert").filter(has_text="That was not sent").wait_for()
    assert await column(page).get_by_role("textbox").input_value() == "are you there?"
    async with run.showing("rollout", unused_tcp_port, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0"):
        await page.get_by_text("The connection to the simulated tenant is lost").wait_for(state="hidden")
        assert await page.locator("article").all_text_contents() == before
        await column(page).get_by_role("button", name="I'm locked out").click()
        await column(page).get_by_role("button", name="It didn't work").last.click()
        await column(page).get_by_role("heading", name="What happened?").wait_for()
        await page.reload()
        await column(page).get_by_role("heading", name="What happened?").wait_for()
        assert await page.locator("article").count() == len(before)
