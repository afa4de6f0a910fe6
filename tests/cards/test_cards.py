"""Every card that the product can show, by Teams' strict schema and by the rules for phones and screen readers."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from microsoft_teams.cards import AdaptiveCard

import cards
from bot.chat.notices import unreachable
from bot.demo import gallery
from bot.demo.gallery import long
from bot.teams.drawing import MOST_BYTES, size
from cards.plain import plain
from dialogs.words import texts
from dialogs.words.replies import Ask as AskReply
from dialogs.words.replies import Button, Choice, Fact, Literal, Reply, Say, Text
from tests.cards.schema import validator

MOST_ACTIONS = 6
EXTENDED = ("Chart.", "Badge", "ProgressBar", "ProgressRing", "Icon", "CodeBlock", "Rating", "Carousel", "Accordion")
Card = dict[str, Any]


DRAWN: dict[str, Card] = asyncio.run(gallery.drawn())


def _elements(found: object) -> Iterator[Card]:
    if isinstance(found, dict):
        yield found
        for name, value in found.items():
            if name not in {"data", "fallback"}:
                yield from _elements(value)
    elif isinstance(found, list):
        for item in found:
            yield from _elements(item)


# Whose lines have a button each.
LISTS = frozenset({"requests open, many", "history, long", "long: requests open", "long: history", "user: very many"})


def _in_view(card: Card) -> list[Card]:
    """The buttons that are seen before anything is unfolded."""
    shown = [part for part in card["body"] if part.get("isVisible", True)]
    found = _elements([shown, card.get("actions", [])])
    return [one for one in found if str(one.get("type", "")).startswith("Action.")]


@pytest.mark.parametrize("name", DRAWN)
def test_a_card_is_one_that_teams_accepts_and_a_phone_can_show(name: str) -> None:
    card = DRAWN[name]
    problems = [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(card)]
    assert problems == []
    assert card["version"] == "1.5"
    assert len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) < MOST_BYTES
    found = list(_elements(card))
    assert name in LISTS or len(_in_view(card)) <= MOST_ACTIONS
    assert all(len(one["actions"]) <= MOST_ACTIONS for one in found if "actions" in one)
    assert all(one.get("wrap") for one in found if one.get("type") == "TextBlock")
    assert not any(one.get("color") for one in found)
    assert all(one.get("label") for one in found if str(one.get("type", "")).startswith("Input."))
    assert all(one.get("errorMessage") for one in found if one.get("isRequired"))
    assert all(one.get("fallback") for one in found if str(one.get("type", "")).startswith(EXTENDED))
    assert len({one["id"] for one in found if "id" in one}) == len([one for one in found if "id" in one])


def test_the_schema_does_refuse_what_it_should() -> None:
    card = DRAWN["welcome"]
    misspelt = {**card, "body": [{**card["body"][0], "wrp": True}]}
    unknown = {**card, "body": [{"type": "TextBlok", "text": "x"}]}
    assert not validator().is_valid(misspelt)
    assert not validator().is_valid(unknown)


def test_every_button_can_be_pressed_by_an_old_client_too() -> None:
    for card in DRAWN.values():
        for action in (one for one in _elements(card) if one.get("type") == "Action.Execute" and one.get("title")):
            assert action["fallback"]["data"] == {**action.get("data", {}), "verb": action["verb"]}


HOSTILE = "**bold** [link](https://evil.example) <at>all</at> # title\n- item `code` \u202e\u200b{pc}"


def _replies(foreign: str) -> list[Reply]:
    """Every place where foreign text can stand."""
    said = Text("failed.answer.help_desk", {"help_desk": foreign})
    return [
        Say(Text("forgot.title"), (said,), facts=(Fact(Text("fact.pc"), Literal(foreign)),), footnotes=(said,)),
        AskReply(
            Text("forgot.pick"),
            Text("forgot.pick_label"),
            (Choice(Literal(foreign), "a"),),
            Button(Text("button.show"), "x"),
        ),
    ]


@given(st.one_of(st.just(HOSTILE), st.text(max_size=500)))
def test_foreign_text_is_shown_letter_by_letter(foreign: str) -> None:
    """Text blocks and fact sets read markdown, so no foreign letter may stand in one (T21 and T23 in SECURITY.md)."""
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


@pytest.mark.parametrize("name", ["Branch laptops of the northern region", "ü" * 256, "🙂" * 128, "*_[]x" * 51])
@pytest.mark.parametrize("count", [400, 10_000])
def test_whatever_grows_with_the_tenant_stays_small_enough_and_says_how_much_it_left_out(name: str, count: int) -> None:
    for title, reply in asyncio.run(long.longest(name, count)).items():
        card = cards.render(reply, texts.words("en"))
        assert size(card) <= MOST_BYTES, title
        said = plain(card)
        assert re.search(rf"(?i)(and|are) [\d,]+ more|\b{count:,} [\w ]+ in all", said), title


def test_the_status_of_400_groups_counts_them() -> None:
    said = plain(cards.render(asyncio.run(long.longest("Ring", 400))["long: status"], texts.words("en")))
    assert "In all 355 groups are included and 45 excluded" in said
    assert "And 380 more" in said


PHONE = 25  # letters of a button's title that a phone shows whole


def test_the_titles_of_buttons_are_short_enough_to_be_told_apart_on_a_phone() -> None:
    words = texts.words("en")
    keys = [kind + name for kind in ("button.", "wish.") for name in texts.below(kind)]
    filled = dict.fromkeys(("number", "first", "last", "count", "group"), "12") | {"pc": "CON-LT-0142"}
    titles = {key: words.plain(Text(key, filled)) for key in keys}
    assert len(titles) > 50
    assert {key: title for key, title in titles.items() if len(title) > PHONE} == {}
    assert (titles["button.consent.service"], titles["button.consent.client"]) == (
        "Consent 1: service",
        "Consent 2: client",
    )


def test_a_form_says_what_to_do_where_its_buttons_do_nothing() -> None:
    forms = [card for card in DRAWN.values() if any(one.get("type") == "Input.Text" for one in _elements(card))]
    ways = ("press it in Teams on a PC", "Or write it to me")
    assert len(forms) > 5
    assert [card for card in forms if not any(way in plain(card) for way in ways)] == []


# Below the press of one line stands the next line.
LINES = LISTS | {"requests open", "history"}
TEXTS = frozenset({"TextBlock", "RichTextBlock"})
HOW_IT_WENT = frozenset({"pin.worked", "pin.failed"})


def _in_order(part: object) -> Iterator[Card]:
    """What is seen before anything is unfolded, from top to bottom."""
    if isinstance(part, list):
        for one in part:
            yield from _in_order(one)
    elif isinstance(part, dict) and part.get("isVisible", True):
        yield part
        for held in ("body", "items", "actions"):
            yield from _in_order(part.get(held, []))


BESIDE_ITS_PC = ("pin.", "desk.steps")


def _too_early(card: Card) -> list[str]:
    """The verbs of presses above which something is missing: the heading; what they send; of a decision, anything that
    can be read; and of how it went, the steps."""
    parts = list(_in_order(card))[1:]
    found = []
    for at, one in enumerate(parts):
        if one["type"] != "Action.Execute":
            continue
        below = [part for part in parts[at:] if part["type"] in TEXTS or part["type"].startswith("Input.")]
        sent = [part for part in below if part["type"].startswith("Input.") and one.get("associatedInputs") != "none"]
        steps = [part for part in below if part.get("text", "").startswith("1. ")]
        unread = below if not one["verb"].startswith(BESIDE_ITS_PC) else steps if one["verb"] in HOW_IT_WENT else []
        if sent or unread or not any(part["type"] in TEXTS for part in parts[:at]):
            found.append(one["verb"])
    return found


@pytest.mark.parametrize("name", sorted(set(DRAWN) - LINES))
def test_no_button_stands_before_what_it_is_about(name: str) -> None:
    assert _too_early(DRAWN[name]) == []


@pytest.mark.parametrize("name", ["request, for an approver", "it worked", "Entra joined, said to be locked out"])
def test_a_button_before_what_it_is_about_is_seen(name: str) -> None:
    card = DRAWN[name]
    press = {"type": "Action.Execute", "verb": "pin.worked" if name.startswith("Entra") else "status", "title": "x"}
    heading, *rest = card["body"]
    first = [{"type": "ActionSet", "actions": [press]}, heading] if len(rest) < 2 else [heading, press]
    assert _too_early({**card, "body": [*first, *rest]})[0] == press["verb"]


FILES = frozenset({"gaps, as a file", "gaps, put"})  # beside the list that they came from
WAYS_ON = frozenset({"status", "help"})
ENDS = ("who ", "whoami", "gaps", "questions", "history", "requests open", "long: history", "long: requests open")


@pytest.mark.parametrize("name", [name for name in DRAWN if name.startswith(ENDS) and name not in FILES])
def test_no_list_is_a_dead_end(name: str) -> None:
    verbs = {one["verb"] for one in _in_view(DRAWN[name]) if one["type"] == "Action.Execute"}
    assert verbs & WAYS_ON


@pytest.mark.parametrize(
    "bot_id", ["", "28:x", "29:somebody", "28:00000000-0000-4000-8000-0000000000b0&x=https://evil"]
)
def test_an_address_of_a_chat_is_made_of_the_bots_id_alone(bot_id: str) -> None:
    assert unreachable(bot_id).links == ()


@pytest.mark.parametrize("name", DRAWN)
def test_a_card_is_written_as_microsofts_models_would_write_it(name: str) -> None:
    written = AdaptiveCard.model_validate(DRAWN[name]).model_dump(by_alias=True, exclude_none=True)
    assert written == DRAWN[name]
