"""Which of the six languages a text is in, and which one a person's Teams is set to."""

from collections.abc import Mapping

from dialogs.concepts import LANGUAGES, phrases

CLEARLY = 0.34  # by how many words of its own a language must lead
FALLBACK = "en"


def of_locale(locale: str) -> str:
    """ "pt-BR" → "pt"; English for a language that is not spoken here."""
    language = locale.replace("_", "-").partition("-")[0].casefold()
    return language if language in LANGUAGES else FALLBACK


def of_text(text: str, heard: Mapping[str, float], locale: str) -> str:
    """The language that most words belong to (`heard`: how many for each), else the one of the locale."""
    letters = {
        language: sum(letter in text for letter in spoken.letters.split()) for language, spoken in phrases().items()
    }
    scores = {language: heard.get(language, 0.0) + letters[language] for language in LANGUAGES}
    first, second = sorted(scores, key=lambda language: -scores[language])[:2]
    return first if scores[first] - scores[second] >= CLEARLY else of_locale(locale)
