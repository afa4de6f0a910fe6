"""A file for a spreadsheet: no cell runs, whatever somebody wrote, and what is no formula stays as it is."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.files import harmless, table

BEFORE = ["", " ", "\n", "\r", "\t", "\r\n", " \n ", "\u00a0", "\u2003", "\u200b", "\ufeff", "\u202e", "\x00", "\x0b"]
SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_what_begins_like_a_formula_is_made_text(before: str, sign: str) -> None:
    cell = f"{before}{sign}HYPERLINK(evil)"
    _, row = csv.reader(io.StringIO(table(["one"], [[cell]]).decode("utf-8-sig"), newline=""))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["\tx", "\rx", "\nx"])
def test_what_begins_with_a_control_character_is_made_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "CHG-1", "a=b", "  two blanks", "ä", "12", "'=1", "2026-11-23"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.text(st.characters(codec="utf-8"), max_size=6))
def test_nothing_that_is_left_as_it_is_begins_like_a_formula_for_any_reader(cell: str) -> None:
    if harmless(cell) == cell:
        plain = unicodedata.normalize("NFKC", cell).lstrip()
        assert not plain.startswith(("=", "+", "-", "@"))
