"""What a card says at a glance: a PC's state in a box with its sign, a title with what and who, a way to go on."""

import pytest

from bot.demo import gallery
from dialogs.words import texts
from dialogs.words.replies import Button, Details, Reply, Say, Tone

WORDS = texts.words("en")


@pytest.fixture
async def shown() -> dict[str, Reply]:
    return await gallery.replies()


def _sheets(shown: dict[str, Reply], *beginnings: str) -> dict[str, Details]:
    found = {name: one for name, one in shown.items() if name.startswith(beginnings) and isinstance(one, Details)}
    assert found
    return found


def _titles(buttons: tuple[Button, ...]) -> list[str]:
    return [WORDS.plain(one.title) for one in buttons]


async def test_whether_a_pc_is_covered_stands_in_a_box_of_its_own(shown: dict[str, Reply]) -> None:
    for name, sheet in _sheets(shown, "covered: ", "user: one", "user: several", "why: ").items():
        told = [(part.status, part.tone) for part in sheet.sections] + [(sheet.status, sheet.tone)]
        tones = [tone for status, tone in told if status]
        assert Tone.PLAIN not in tones, name
        assert tones or name in {"covered: only a phone", "covered: no device"}, name


async def test_who_is_looked_up_and_which_pc_is_told_of_stand_in_the_title(shown: dict[str, Reply]) -> None:
    assert "What Nora Castillo would see" in {WORDS.plain(one.title) for one in _sheets(shown, "user: ").values()}
    assert all("CON-LT-0201" in WORDS.plain(one.title) for one in _sheets(shown, "why: ").values())


async def test_the_steps_of_each_pc_are_a_button_beside_that_pc(shown: dict[str, Reply]) -> None:
    several = shown["user: several"]
    assert isinstance(several, Details)
    for section in several.sections:
        assert _titles(section.buttons) == [f"Steps for {WORDS.plain(section.title)}"]
    assert several.buttons == ()


async def test_what_a_verdict_follows_from_is_one_tap_away_and_what_would_change_it_is_not(
    shown: dict[str, Reply],
) -> None:
    for name, sheet in _sheets(shown, "why: ").items():
        open_ones = {section.title.key for section in sheet.sections if not section.folded}
        assert open_ones <= {"why.changes", "why.conflicts"}, name
        assert sheet.rest, name


async def test_news_of_a_request_say_of_what_and_bring_its_card(shown: dict[str, Reply]) -> None:
    news = {name: one for name, one in shown.items() if name.startswith("news: ") and isinstance(one, Say)}
    of_requests = {name: one for name, one in news.items() if "#12" in WORDS.plain(one.title)}
    assert len(of_requests) > 10
    for name, one in of_requests.items():
        assert WORDS.plain(one.title).endswith(": cover Finance Laptops"), name
        assert _titles(one.buttons)[0] == "Show", name


async def test_a_question_in_the_channel_says_who_asks_what_and_folds_the_pc(shown: dict[str, Reply]) -> None:
    asked = shown["question in the channel, open"]
    assert isinstance(asked, Details)
    assert WORDS.plain(asked.title) == "Uma Keller asks: The page stays white when I confirm."
    assert [section.folded for section in asked.sections] == [True]
    taken = shown["question in the channel, taken"]
    assert isinstance(taken, Details)
    assert taken.status
    assert WORDS.plain(taken.status) == "Priya Nair has taken it."
