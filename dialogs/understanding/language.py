"""Which of the six languages a text is in, and which one a person's Teams is set to."""

from dialogs.understanding.ranking.model import LANGUAGE, Model, Weighed

LANGUAGES = ("en", "de", "fr", "es", "pt", "ja")
FALLBACK = "en"
OTHER = "other"  # none of the six
SHORTEST_ENGLISH = 3  # known words: "PIN reset" is said in every language
CLEARLY = 0.65  # the chance from which on a text says its language


def of_locale(locale: str) -> str:
    """ "pt-BR" → "pt"; English for a language that is not spoken here."""
    language = locale.replace("_", "-").partition("-")[0].casefold()
    return language if language in LANGUAGES else FALLBACK


def of_text(model: Model, weighed: Weighed, locale: str) -> str:
    """The language that the model is sure of (perhaps OTHER), else the one of the locale: a text without a known word,
    such as a bare code or number, says nothing about the language."""
    chances = model.chances(weighed, LANGUAGE)
    likeliest = max(chances, key=chances.__getitem__)
    least = SHORTEST_ENGLISH if likeliest == FALLBACK else 1
    return likeliest if weighed.known >= least and chances[likeliest] >= CLEARLY else of_locale(locale)
