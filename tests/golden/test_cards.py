"""Every card of the gallery goes out as it always did, to the last byte."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.golden import files
from tests.golden.product import sent_cards

GOLDEN = sorted(files.CARDS.iterdir())


@pytest.fixture(scope="module")
def cards() -> list[tuple[Path, Any]]:
    return [(files.card_path(name), card) for name, card in asyncio.run(sent_cards()).items()]


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_card_is_sent_as_it_always_was(file: Path, cards: list[tuple[Path, Any]]) -> None:
    assert files.text(dict(cards)[file]) == file.read_text("ascii"), files.HOW


def test_every_card_has_one_file_and_every_file_its_card(cards: list[tuple[Path, Any]]) -> None:
    assert sorted(path for path, _ in cards) == GOLDEN, files.HOW
