"""The language of the answer is that of the text, or of the person's Teams where the text does not tell."""

import pytest

from dialogs.understanding.understand import understand
from dialogs.words.texts import of_locale


@pytest.mark.parametrize(
    ("locale", "language"),
    [("pt-BR", "pt"), ("en_GB", "en"), ("DE", "de"), ("ja-JP", "ja"), ("zh-CN", "en"), ("", "en"), ("nonsense", "en")],
)
def test_a_locale_names_a_language_that_has_a_folder(locale: str, language: str) -> None:
    assert of_locale(locale) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I forgot my PIN", "en"),
        ("wo finde ich den link wenn ich die PIN nicht mehr weiß?", "de"),
        ("J'ai perdu mon PIN, impossible d'ouvrir ma session", "fr"),
        ("Necesito un PIN nuevo, el anterior ya no lo sé", "es"),
        ("perdi o pin, socorro", "pt"),
        ("暗証番号をリセットしたいです", "ja"),
        ("PINのリセット", "ja"),
        ("aide moi", "fr"),
    ],
)
def test_a_clear_text_decides_against_the_locale(text: str, language: str) -> None:
    assert {understand(text, locale).language for locale in ("en-US", "de-DE", "ja-JP")} == {language}


@pytest.mark.parametrize("text", ["PIN", "???", "PIN reset", "0x80090033", "👍", ""])
def test_a_text_of_no_language_leaves_it_to_the_locale(text: str) -> None:
    assert [understand(text, locale).language for locale in ("de-DE", "pt-PT", "ko-KR")] == ["de", "pt", "en"]


@pytest.mark.parametrize(
    "text",
    [
        "status",
        "ask a person",
        "clock is right",
        "unassign Finance Laptops",
        "assign Finance Laptops exclude Kiosks",
        "freeze something is wrong with the groups",
        "close 12 it was done by hand in the portal",
        "AzureAdJoined : YES\nDomainJoined : NO\nDeviceAuthStatus : SUCCESS\nCanReset : DestructiveOnly",
    ],
)
def test_a_typed_command_and_an_output_are_english_to_everybody_and_leave_it_to_the_locale(text: str) -> None:
    assert [understand(text, locale).language for locale in ("de-DE", "ja-JP", "en-GB")] == ["de", "ja", "en"]


def test_who_goes_on_in_a_language_after_a_command_or_beside_an_output_speaks_it() -> None:
    assert understand("freeze etwas stimmt mit den Gruppen nicht", "en-US").language == "de"
    assert understand("Warum kann dieser PC keine PIN zurücksetzen?\nCanReset : No", "en-US").language == "de"
    assert understand("Why is the PIN gone on this PC after a reset?\nCanReset : No", "de-DE").language == "en"
