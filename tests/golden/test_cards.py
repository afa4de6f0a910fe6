"""Every card of the gallery goes out as it always did, to the last byte."""

import asyncio
from typing import Any

import pytest

from tests.golden import files
from tests.golden.product import sent_cards

CARDS: dict[str, Any] = asyncio.run(sent_cards())


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_sent_as_it_always_was(name: str) -> None:
    golden = files.card_path(name).read_text("ascii")
    assert files.text(CARDS[name]) == golden, files.HOW


def test_every_card_has_one_file_and_every_file_its_card() -> None:
    named = [files.card_path(name) for name in CARDS]
    assert sorted(named) == sorted(files.CARDS.iterdir()), files.HOW
