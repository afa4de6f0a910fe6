"""What failed because somebody did not answer is asked once more by a button, whether it was typed or pressed."""

import pytest

from bot.chat.notices import AGAIN
from bot.demo import run
from bot.simulation import World
from bot.simulation.teams import actions
from tests.deadlines import GENEROUS
from tests.journeys.test_forgotten_pin import press, shown, texts

ASKED = [
    ("user", "I forgot my PIN", "CON-LT-0142"),
    ("several", "forgot my pin on CON-DT-0402", "Reset the PIN of CON-DT-0402"),
    ("user", "is my PC covered?", "Covered"),
    ("user", "whoami", "Uma Keller"),
    ("admin", "status", "Consent"),
    ("admin", "assign Finance Laptops", "Nothing has changed yet"),
    ("admin", "why CON-LT-0142", "CON-LT-0142"),
]


@pytest.mark.parametrize(("person", "text", "words"), ASKED)
async def test_what_was_typed_while_graph_was_away_is_answered_in_place_once_it_is_back(
    person: str, text: str, words: str
) -> None:
    async with run._both("rollout", {"PINBOT_PORT": "0"}, remember=False, deadlines=GENEROUS) as world:
        world.faults.reset("graph")
        await world.teams.say(person, text)
        assert words not in texts(world, person)[-1]
        count = len(texts(world, person))
        world.faults.clear()
        assert words in await press(world, person, "Try again")
        assert len(texts(world, person)) == count


async def test_it_can_be_tried_again_and_again(world: World) -> None:
    world.faults.reset("graph")
    await world.teams.say("user", "I forgot my PIN")
    for _ in range(2):
        assert "couldn't read your device" in await press(world, "user", "Try again")


async def test_a_typed_secret_is_carried_by_no_button(world: World) -> None:
    world.faults.reset("graph")
    await world.teams.say("user", "I forgot my PIN, it was 471188")
    (button,) = (one for one in _buttons(world, "user") if one["title"] == "Try again")
    assert (button["verb"], button.get("data", {})) == ("pin.forgot", {})


async def test_a_button_that_was_made_up_does_what_typing_would_and_no_more(world: World) -> None:
    await world.teams.say("user", "what can you do?")
    said = world.chats.personal("user").by_bot()[-1]
    await world.teams.press("user", said.id, AGAIN, {"question": "freeze"})
    assert "That needs a role" in shown(said, "user")
    await world.teams.press("user", said.id, AGAIN, {"question": "my pin is 471188"})
    assert "looked like a PIN" in shown(said, "user") or "typed a PIN" in shown(said, "user")
    assert "471188" not in shown(said, "user")


def _buttons(world: World, person: str) -> list[dict[str, object]]:
    return [*actions(world.chats.personal(person).by_bot()[-1].card_of(person))]
