"""A change on a card: what it is comes first, then what to do, and all the rest is one tap away in the same card."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.demo import gallery
from cards.plain import plain

DRAWN = asyncio.run(gallery.drawn())
OPEN = "request, for an approver"


def _all(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from _all(inner)
    if isinstance(part, list):
        for inner in part:
            yield from _all(inner)


def _shown(card: dict[str, Any]) -> str:
    """What stands there before anything is tapped."""
    return plain({**card, "body": [one for one in card["body"] if one.get("isVisible") is not False]})


def _button(card: dict[str, Any], title: str) -> dict[str, Any]:
    return next(one for one in _all(card) if one.get("title") == title and one["type"].startswith("Action."))


def test_the_title_the_toast_and_the_voice_say_who_asks_for_what() -> None:
    card = DRAWN[OPEN]
    said = "Ada Brandt asks: cover Finance Laptops"
    assert (card["body"][0]["text"], card["speak"], card["fallbackText"]) == (said, said, said)
    assert "Request #12" in _shown(card)


def test_an_approver_decides_before_they_read_ids_and_json_and_can_read_all_of_it() -> None:
    card = DRAWN[OPEN]
    before, whole = _shown(card), plain(card)
    for part in ("POST /v1.0/", "Digest of the plan", "admin@contoso.example"):
        assert part not in before
        assert part in whole
    assert "The exact requests to Microsoft Graph (1)" in before
    assert len(whole.partition("Digest of the plan: ")[2].split()[0]) == 64


@pytest.mark.parametrize("name", sorted(name for name in DRAWN if name.startswith(("request,", "preview:"))))
def test_what_is_folded_has_a_tap_that_shows_it(name: str) -> None:
    card = DRAWN[name]
    hidden = {one["id"] for one in _all(card) if one.get("isVisible") is False}
    taps = [one for one in _all(card) if one.get("type") == "Action.ToggleVisibility"]
    assert {target["elementId"] for one in taps for target in one["targetElements"]} >= hidden


def test_only_who_rejects_is_asked_for_a_reason() -> None:
    card = DRAWN[OPEN]
    assert "Why not?" not in _shown(card)
    assert _button(card, "Approve")["associatedInputs"] == "none"
    (field,) = (one for one in _all(card) if one.get("type") == "Input.Text")
    assert (field["id"], field["isRequired"]) == ("reason", True)
    assert "associatedInputs" not in _button(card, "Reject")
    assert _button(card, "Reject…")["targetElements"] == [{"elementId": "objection"}]


def test_the_links_of_consent_come_before_the_press_that_looks_at_it() -> None:
    shown = _shown(DRAWN["request, consent to give"])
    assert shown.index("Consent 1: service") < shown.index("Consent 2: client") < shown.index("Verify consent")


@pytest.mark.parametrize(
    ("name", "sign", "style"),
    [("request, done", "✅ Done", "good"), ("request, rejected", "⛔ Rejected", "attention")],
)
def test_a_state_is_told_by_words_a_sign_and_the_style_of_its_box(name: str, sign: str, style: str) -> None:
    (box,) = (one for one in DRAWN[name]["body"] if one.get("style") == style)
    assert plain(box) == sign
