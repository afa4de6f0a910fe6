"""The phrases and rules are data: complete, consistent, and refused with their name when malformed."""

from pathlib import Path

import pytest

from dialogs.concepts import LANGUAGES, Phrases, intents, lexicon, load, phrases
from dialogs.rules import Intents


@pytest.mark.parametrize("text", ["concepts = 1", "[concepts", '[concepts]\npin = "pin"', "[other]"])
def test_a_malformed_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "en" / "phrases.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"en/phrases\.toml"):
        load(path, Phrases)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"intents\.toml"):
        load(tmp_path / "intents.toml", Intents)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_the_same_concepts_as_english(language: str) -> None:
    assert set(phrases()[language].concepts) - set(phrases()["en"].concepts) == set()
    assert {"pin", "forgot", "reset", "password", "greeting", "help"} <= set(phrases()[language].concepts)


def test_every_concept_that_the_rules_need_has_words_and_every_word_is_needed() -> None:
    used = {name for row in intents().together for name in (row.first, row.then, row.across)}
    for rule in (*intents().rule, *intents().state):
        used |= {*rule.all, *rule.any, *rule.also, *rule.none}
    assert {name for spoken in phrases().values() for name in spoken.concepts} - used == set()


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("I don't remember my pin", {"forgot", "pin", "mine"}),
        ("credit card pin", {"bank"}),
        ("pin, not credit card", {"pin", "not_bank"}),
        ("ich weiß die pin nicht mehr", {"forgot", "pin"}),
        ("PINもパスワードもわからない", {"pin", "pin_and_password", "forgot"}),
        ("Tom's devices", {"others_device"}),
    ],
)
def test_texts_are_read_as_concepts(text: str, concepts: set[str]) -> None:
    assert lexicon().read(text).about >= concepts


def test_a_phrase_hides_the_words_in_it() -> None:
    assert "pin" not in lexicon().read("yubikey pin").about
    assert "greeting" not in lexicon().read("Hello for Business").about


def test_two_clauses_are_not_joined() -> None:
    assert "phone_lost" not in lexicon().read("PIN lost. Phone only").about
    assert "phone_lost" in lexicon().read("lost my phone").about
