"""Every card that the product can show, by Teams' strict schema and by the rules for phones and screen readers."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cards
from bot import gallery
from cards.plain import plain
from dialogs import texts
from dialogs.replies import Ask as AskReply
from dialogs.replies import Button, Choice, Fact, Foreign, Reply, Say, Text
from tests.cards.schema import validator

MOST_BYTES = 80 * 1024  # in UTF-16, as Teams counts
MOST_ACTIONS = 6
EXTENDED = ("Chart.", "Badge", "ProgressBar", "ProgressRing", "Icon", "CodeBlock", "Rating", "Carousel", "Accordion")
Card = dict[str, Any]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Card]:
    return asyncio.run(gallery.drawn())


def _elements(found: object) -> Iterator[Card]:
    if isinstance(found, dict):
        yield found
        for name, value in found.items():
            if name not in {"data", "fallback"}:
                yield from _elements(value)
    elif isinstance(found, list):
        for item in found:
            yield from _elements(item)


@pytest.mark.parametrize("name", [*gallery.EXAMPLES, *gallery.NOTES])
def test_a_card_is_one_that_teams_accepts_and_a_phone_can_show(drawn: dict[str, Card], name: str) -> None:
    card = drawn[name]
    problems = [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(card)]
    assert problems == []
    assert card["version"] == "1.5"
    assert len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) < MOST_BYTES
    found = list(_elements(card))
    actions = [one for one in found if str(one.get("type", "")).startswith("Action.")]
    assert len(actions) <= MOST_ACTIONS
    assert all(one.get("wrap") for one in found if one.get("type") == "TextBlock")
    assert not any(one.get("color") for one in found)
    assert all(one.get("label") for one in found if str(one.get("type", "")).startswith("Input."))
    assert all(one.get("errorMessage") for one in found if one.get("isRequired"))
    assert all(one.get("fallback") for one in found if str(one.get("type", "")).startswith(EXTENDED))
    assert len({one["id"] for one in found if "id" in one}) == len([one for one in found if "id" in one])


def test_the_schema_does_refuse_what_it_should(drawn: dict[str, Card]) -> None:
    card = drawn["welcome"]
    misspelt = {**card, "body": [{**card["body"][0], "wrp": True}]}
    unknown = {**card, "body": [{"type": "TextBlok", "text": "x"}]}
    assert not validator().is_valid(misspelt)
    assert not validator().is_valid(unknown)


def test_every_button_can_be_pressed_by_an_old_client_too(drawn: dict[str, Card]) -> None:
    for card in drawn.values():
        for action in (one for one in _elements(card) if one.get("type") == "Action.Execute"):
            assert action["fallback"]["data"] == {**action.get("data", {}), "verb": action["verb"]}


HOSTILE = "**bold** [link](https://evil.example) <at>all</at> # title\n- item `code` \u202e\u200b{pc}"


def _replies(foreign: str) -> list[Reply]:
    """Every place where foreign text can stand."""
    said = Text("failed.answer.help_desk", {"help_desk": foreign})
    return [
        Say(Text("forgot.title"), (said,), facts=(Fact(Text("fact.pc"), Foreign(foreign)),), footnotes=(said,)),
        AskReply(
            Text("forgot.pick"),
            Text("forgot.pick_label"),
            (Choice(Foreign(foreign), "a"),),
            Button(Text("button.show"), "x"),
        ),
    ]


@given(st.one_of(st.just(HOSTILE), st.text(max_size=500)))
def test_foreign_text_is_shown_letter_by_letter(foreign: str) -> None:
    """Text blocks and fact sets read markdown, so no foreign letter may stand in one (threats T21, T23)."""
    for reply in _replies(f"zq{foreign}zq"):
        card = cards.render(reply, texts.words("en"))
        assert validator().is_valid(card)
        assert "msteams" not in card
        read_as_markdown = [one for one in _elements(card) if one.get("type") in {"TextBlock", "FactSet"}]
        assert not any("zq" in json.dumps(one) for one in read_as_markdown)
        assert f"zq{texts.literal(f'x{foreign}x')[1:-1]}zq" in plain(card)


def test_invisible_and_turning_characters_become_visible() -> None:
    assert texts.literal("a\u202eb\u200bc") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    assert len(texts.literal("a" + "\u0335" * 500)) <= 1 + texts.MOST_COMBINING
