"""Texts that look alike have one form, whatever the case, accents, marks that nobody sees and writing system."""

import pytest

from dialogs.understanding.folding import fold, plain


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("J’ai OUBLIÉ l'écran", "j ai oublie l ecran"),
        ("don't", "dont"),
        ("Weiß", "weiss"),
        ("ＰＩＮ", "pin"),
        ("P.I.N.", "pin"),
        ("heyyyyy", "hey"),
        ("p\u200bi\u202en", "pin"),
        ("Maria's", "maria s"),
        ("<b>pin</b> &amp; code", " pin  & code"),
    ],
)
def test_texts_are_folded_to_one_form(text: str, same: str) -> None:
    assert fold(text) == same


def test_a_mention_of_the_bot_is_no_part_of_the_text() -> None:
    assert plain("<at>PIN Reset Bot</at> hello").strip() == "hello"
