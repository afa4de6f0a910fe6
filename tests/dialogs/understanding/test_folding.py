"""The nearest phrasing is found by its words, whatever the case, accents, typing slips and writing system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.folding import STOP, Index, Phrasing, Spelling, fold, plain, tokens, words

INDEX = Index(
    [
        Phrasing("consent", "how do I give consent for the PIN reset service"),
        Phrasing("consent", "who has to accept the consent"),
        Phrasing("assign", "assign the profile to a group"),
        Phrasing("assign", "which groups is the profile assigned to"),
        Phrasing("version", "minimum Windows version"),
        Phrasing("japanese", "プロファイルを割り当てる"),
    ]
)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("WHO HAS TO ACCEPT THE CONSENT???", "consent"),
        ("who must acept consnet", "consent"),
        ("assign profile to group please", "assign"),
        ("Windows version, minimum?", "version"),
        ("プロファイルの割り当て", "japanese"),
    ],
)
def test_the_nearest_phrasing_is_found(text: str, nearest: str) -> None:
    assert INDEX.best(text, 1)[0][0] == nearest


def test_each_id_comes_once_and_the_best_first() -> None:
    found = INDEX.best("who accepts the consent for the profile", 5)
    assert len({phrasing for phrasing, _ in found}) == len(found) > 1
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_the_same_words_score_a_hundred_and_no_word_in_common_is_not_found() -> None:
    [(phrasing, score)] = INDEX.best("Minimum WINDOWS version!", 1)
    assert phrasing == "version"
    assert score == pytest.approx(100)
    assert INDEX.best("zebra", 3) == []


def test_a_weight_holds_a_phrasing_back() -> None:
    index = Index([Phrasing("plain", "reset the pin"), Phrasing("held back", "reset the pin", weight=0.5)])
    assert [phrasing for phrasing, _ in index.best("reset the pin")] == ["plain", "held back"]


def test_words_that_stand_everywhere_do_not_hide_the_rare_one() -> None:
    index = Index(
        [*(Phrasing(str(n), f"the pin of row {n} is here") for n in range(3000)), Phrasing("rare", "the pin kiosk")]
    )
    assert index.best("the pin of the kiosk", 1)[0][0] == "rare"


@given(st.text(max_size=200))
def test_any_text_can_be_compared(text: str) -> None:
    assert all(0 <= score <= 100.001 for _, score in INDEX.best(text, 3))
    assert all(words(text))


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


def test_clauses_and_japanese_runs_are_kept_apart() -> None:
    assert tokens("PINを忘れた。Help!") == ["pin", "を忘れた", STOP, "help", STOP]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
     ("fogot", "forgot"), ("frogot", "forgot"), ("fotgot", "forgot"), ("authentcator", "authenticator"),
     ("lsot", "lost"), ("post", None), ("list", None), ("looked", None), ("pim", None), ("x" * 30, None), ("", None)],
)  # fmt: skip
def test_a_slip_is_mended_and_another_word_is_left(written: str, meant: str | None) -> None:
    spelling = Spelling(["forgot", "authenticator", "lost", "locked", "pin"], known={"looked"})
    assert spelling.meant(written) == meant
