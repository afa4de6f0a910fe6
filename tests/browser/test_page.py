"""The page itself: who is shown where, what cards can do on it, and what it says when something is wrong."""

from typing import TYPE_CHECKING, Any

import pytest

from bot.simulation import World
from bot.simulation.chats import BOT, CARD, ChatEvent, Said
from dialogs.words import texts
from tests.browser.windows import PICTURES, column, too_wide, violations, write

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

    from tests.browser.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

MENTIONS = '<b>bold</b> **bold** <img src=x onerror="alert(1)"> [x](https://evil.example)'


def _say(world: World, person: str, *body: dict[str, Any], **more: Any) -> Said:
    """A card of the bot in a person's own chat."""
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [*body], **more}
    return world.chats.keep(world.chats.personal(person), BOT, _with_card(card))


def _with_card(card: object) -> dict[str, Any]:
    return {"attachments": [{"contentType": CARD, "content": card}]}


def _text(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


async def _names(page: "Page") -> list[str]:
    return await page.locator("section.column h2").all_text_contents()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_three_people_side_by_side_can_be_read_by_everybody(
    window: "Open", world: World, width: int, theme: str
) -> None:
    await world.teams.say("admin", "what can you do?", where="channel")
    await world.teams.say("user", "I forgot my PIN")
    page = await window(f"/?as=user&as=admin:channel&as=not-installed&theme={theme}", width=width)
    await column(page, 0).get_by_text("CON-LT-0142").first.wait_for()
    await column(page, 1).get_by_role("heading", name="What I can do").wait_for()
    await column(page, 2).get_by_text("PIN Reset is not added for this person.").wait_for()
    assert await page.locator("[tabindex]").evaluate_all("all => all.filter((one) => one.tabIndex > 0).length") == 0
    assert await too_wide(page) == []
    assert await violations(page) == []
    await page.get_by_text("The tenant", exact=True).click()
    assert await violations(page) == []
    await page.screenshot(path=PICTURES / f"page-{theme}-{width}.png", full_page=True)


async def test_columns_are_three_at_first_and_stay_as_they_were_chosen(window: "Open") -> None:
    page = await window()
    await column(page, 2).get_by_role("heading", name="Hi, I'm").wait_for()
    assert await _names(page) == ["Uma Keller, Chat", "Ada Brandt, Chat", "Priya Nair, Chat"]
    await page.get_by_role("button", name="Add a person").click()
    await column(page, 3).get_by_role("combobox", name="Person").select_option("hybrid")
    await column(page, 0).get_by_role("radio", name="Group chat").check(force=True)
    await page.get_by_role("button", name="Close the column of Ada Brandt").click()
    expected = ["Uma Keller, Group chat", "Priya Nair, Chat", "Hanna Berg, Chat"]
    assert await _names(page) == expected
    await page.reload()
    await column(page, 2).get_by_role("heading", name="Hi, I'm").wait_for()
    assert await _names(page) == expected


async def test_colours_follow_the_machine_and_the_switch(window: "Open") -> None:
    page = await window("/?as=user", color_scheme="dark")
    await column(page).get_by_role("heading", name="Hi, I'm").wait_for()
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    await page.get_by_role("button", name="Light").click()
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.theme") == "light"


async def test_names_that_are_markup_are_shown_letter_by_letter(window: "Open", world: World) -> None:
    page = await window("/?as=hostile")
    await write(column(page), MENTIONS)
    await page.get_by_text(MENTIONS).wait_for()
    await write(column(page), "I forgot my PIN")
    await page.get_by_text("**CON** [tap](https://evil.example)").first.wait_for()
    assert world.company.people["hostile"].name in await page.locator("article.own b").first.inner_text()
    assert await page.locator("a[href*=evil], img").count() == 0


async def test_markdown_in_a_text_block_would_show(window: "Open", world: World) -> None:
    """The check above can fail: what stands unescaped in a text block becomes a link."""
    _say(world, "user", _text("**CON** [tap](https://evil.example)"))
    page = await window("/?as=user")
    await page.locator("a[href*=evil]").click()
    await page.get_by_role("dialog").get_by_text("https://evil.example").wait_for()
    await page.get_by_role("button", name="Stay here").click()
    assert len(page.context.pages) == 1


@pytest.mark.parametrize(("url", "opens"), [("https://learn.microsoft.com/x", True), ("javascript:alert(1)", False)])
async def test_a_button_that_leaves_says_where_to(window: "Open", world: World, url: str, opens: bool) -> None:
    _say(world, "user", _text("Read on"), actions=[{"type": "Action.OpenUrl", "title": "More", "url": url}])
    page = await window("/?as=user")
    await page.get_by_role("button", name="More").or_(page.get_by_role("link", name="More")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text(url).wait_for()
    assert await violations(page) == []
    assert await dialog.get_by_role("link", name="Open").count() == opens
    await dialog.get_by_role("button", name="Stay here").click()
    assert await page.get_by_role("dialog").count() == 0


async def test_cards_unfold_submit_and_check_their_inputs(window: "Open", world: World) -> None:
    name = {"type": "Input.Text", "id": "detail", "label": "Why?", "isRequired": True, "errorMessage": "Say why."}
    inner = {"type": "AdaptiveCard", "body": [name], "actions": [_submit("Go on", "pin.worked")]}
    hidden = {**_text("behind it"), "id": "more", "isVisible": False}
    show = {"type": "Action.ShowCard", "title": "Unfold", "card": inner}
    toggle = {"type": "Action.ToggleVisibility", "title": "Lift", "targetElements": ["more"]}
    said = _say(world, "user", _text("What now?"), hidden, actions=[show, toggle])
    page = await window("/?as=user")
    await page.get_by_role("button", name="Lift").click()
    assert await page.get_by_text("behind it").is_visible()
    await page.get_by_role("button", name="Unfold").click()
    await page.get_by_role("button", name="Go on").click()
    assert await page.get_by_text("Say why.").is_visible()
    assert await violations(page) == []
    await page.get_by_role("textbox", name="Why?").fill("because")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("heading", name="Good to hear").wait_for()
    assert said.views == {}  # an old client's answer is a message of its own


def _submit(title: str, verb: str) -> dict[str, Any]:
    return {"type": "Action.Submit", "title": title, "data": {"verb": verb}}


async def test_a_view_of_their_own_is_fetched_for_those_whom_the_card_names(window: "Open", world: World) -> None:
    group = world.chats.place("group", "user", "")
    refresh = {
        "action": {"type": "Action.Execute", "verb": "pin.worked", "data": {}},
        "userIds": [world.company.people["admin"].chat_id],
    }
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [_text("for everybody")], "refresh": refresh}
    page = await window("/?as=user:group&as=admin:group")
    said = world.chats.keep(group, BOT, _with_card(card))
    await column(page, 1).get_by_role("heading", name="Good to hear").wait_for()
    await column(page, 1).get_by_text("only Ada Brandt sees this").wait_for()
    assert await column(page, 0).get_by_text("for everybody").is_visible()
    assert [*said.views] == ["admin"]
    world.chats.update(said.id, _with_card({**card, "body": [_text("changed")]}))
    await column(page, 0).get_by_text("changed").wait_for()
    await column(page, 1).get_by_role("heading", name="Good to hear").wait_for()  # fetched again


async def test_what_comes_unasked_is_counted_where_nobody_looks(window: "Open", world: World) -> None:
    page = await window("/?as=user:channel")
    await column(page).get_by_text("Nothing here yet.").wait_for()
    _say(world, "user", _text("Please approve"))
    await column(page).get_by_role("radio", name="Chat 1 new").check(force=True)
    await page.get_by_text("Please approve").wait_for()
    assert await column(page).get_by_role("radio", name="Chat 1 new").count() == 0


async def test_typing_is_shown_until_something_is_said(window: "Open", world: World) -> None:
    page = await window("/?as=user")
    await column(page).get_by_role("heading", name="Hi, I'm").wait_for()
    world.chats.tell(ChatEvent("typing", world.chats.personal("user")))
    typing = page.get_by_text("PIN Reset is typing…")
    await typing.wait_for()
    _say(world, "user", _text("done"))
    await typing.wait_for(state="hidden")


async def test_a_deleted_message_goes(window: "Open", world: World) -> None:
    page = await window("/?as=user")
    said = _say(world, "user", _text("a slip"))
    await page.get_by_text("a slip").wait_for()
    world.chats.delete(said.id)
    await page.get_by_text("a slip").wait_for(state="hidden")


async def test_a_press_is_answered_with_a_note(window: "Open", world: World) -> None:
    page = await window("/?as=user")
    said = _say(world, "user", _text("press"))
    await page.get_by_text("press", exact=True).wait_for()
    world.chats.tell(ChatEvent("notice", world.chats.personal("user"), said, "user", "Noted."))
    await column(page).get_by_role("status").get_by_text("Noted.").wait_for()


async def test_the_app_is_removed_and_added(window: "Open", world: World) -> None:
    page = await window("/?as=user")
    await page.get_by_role("button", name="Remove", exact=True).click()
    await page.get_by_text("PIN Reset is not added for this person.").wait_for()
    assert "user" not in world.chats.installed
    assert await page.get_by_role("button", name="Send").is_disabled()
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_text("PIN Reset is added.").wait_for()
    await page.get_by_role("heading", name="Hi, I'm the PIN reset bot").nth(1).wait_for()


async def test_the_trouble_and_the_consent_show_in_the_next_answer(window: "Open") -> None:
    page = await window("/?as=user")
    await page.get_by_text("The tenant", exact=True).click()
    await page.get_by_role("radio", name="is down").check()
    await write(column(page), "I forgot my PIN")
    await column(page).get_by_text("device list").wait_for()  # slow, or does not answer

    await page.get_by_role("radio", name="works").check()
    await page.get_by_role("checkbox", name="The PIN reset apps have consent").uncheck()
    said = column(page).get_by_text("your organisation has not finished setting it up")
    while not await said.count():  # after it was down Graph is left in peace for a moment
        await write(column(page), "I forgot my PIN")
        await page.wait_for_timeout(2_000)


async def test_an_unknown_person_or_place_is_said_and_can_be_mended(window: "Open") -> None:
    page = await window("/?as=nobody&as=user:nowhere")
    await column(page, 0).get_by_text("Nobody is called “nobody” here.").wait_for()
    await column(page, 1).get_by_text("There is no place called “nowhere”.").wait_for()
    assert await violations(page) == []
    await column(page, 0).get_by_role("combobox", name="Person").select_option("user")
    await column(page, 1).get_by_role("radio", name="Chat", exact=True).check(force=True)
    for number in (0, 1):
        await column(page, number).get_by_role("heading", name="Hi, I'm").wait_for()


@pytest.mark.parametrize("card", [7, [], {"type": "Letter"}, {"type": "AdaptiveCard", "body": [{"type": "Hologram"}]}])
async def test_a_malformed_card_is_said_and_the_chat_goes_on(window: "Open", world: World, card: object) -> None:
    world.chats.keep(world.chats.personal("user"), BOT, _with_card(card))
    page = await window("/?as=user")
    await page.get_by_text("can't be drawn").wait_for()
    await write(column(page), "I forgot my PIN")
    await column(page).get_by_text("CON-LT-0142").first.wait_for()


async def test_a_bot_that_is_gone_or_refuses_is_said(window: "Open", world: World) -> None:
    page = await window("/?as=user")
    await column(page).get_by_role("heading", name="Hi, I'm").wait_for()
    address = world.teams.bot_url
    for wrong, told in (("http://127.0.0.1:1/", "The bot does not answer."), (f"{address}/x", "(status 404)")):
        world.teams.bot_url = wrong
        await write(column(page), "hello?")
        await column(page).get_by_role("alert").filter(has_text=told).wait_for()
    world.teams.bot_url = address
    await write(column(page), "help")
    await column(page).get_by_role("heading", name="What I can do").wait_for()
    assert await column(page).get_by_role("alert").inner_text() == ""


@pytest.mark.parametrize("path", ["/?as=user", "/gallery"])
async def test_without_the_card_library_the_page_says_what_to_install(window: "Open", path: str) -> None:
    page = await window("/page/words.js")

    async def miss(route: "Route") -> None:
        await route.fulfill(status=404)

    await page.route("**/page/lib/*", miss)
    await page.goto(page.url.replace("/page/words.js", path))
    await page.get_by_text("Install Node.js").wait_for()
    assert await violations(page) == []


async def test_each_person_has_a_language_and_a_phone_of_their_own(window: "Open", world: World) -> None:
    page = await window("/?as=user&as=hybrid")
    await column(page, 1).get_by_role("combobox", name="Language of Teams").select_option("de-DE")
    await column(page, 1).get_by_role("combobox", name="Teams runs on").select_option("iOS")
    for number in (0, 1):
        await write(column(page, number), "I forgot my PIN")
    await column(page, 1).get_by_text("You need:").first.wait_for()  # the steps of who is locked out are open
    await column(page, 0).get_by_role("button", name="I'm locked out").click()
    for number, language in enumerate(("en", "de")):  # the text was English; a press has only the client's language
        await column(page, number).get_by_role("button", name="It didn't work").last.click()
        await column(page, number).get_by_role("heading", name=texts.own(language)["failed.title"]).wait_for()
    assert world.teams.client("hybrid").platform == "iOS"
    await page.reload()
    await column(page, 1).get_by_role("heading", name="Hi, I'm").wait_for()
    assert await column(page, 1).get_by_role("combobox", name="Language of Teams").input_value() == "de-DE"
    assert await column(page, 0).get_by_role("combobox", name="Teams runs on").input_value() == "Windows"


async def test_a_file_that_is_offered_is_drawn_and_taken(window: "Open", world: World) -> None:
    page = await window("/?as=admin")
    await write(column(page), "export audit")
    await column(page).locator(".file").get_by_text(".csv (").or_(column(page).locator(".file p")).first.wait_for()
    assert await violations(page) == []
    await column(page).get_by_role("button", name="Accept").click()
    await column(page).get_by_text("OneDrive").last.wait_for()
    await column(page).get_by_role("heading", name="is in your OneDrive").wait_for()
