"""Which language a text is in, and which one to answer in: those that have a folder in dialogs/locales."""

from dialogs.understanding.ranking.model import LANGUAGE, Model, Weighed
from dialogs.words.texts import FALLBACK, of_locale

OTHER = "other"  # none that the model has learnt
SHORTEST_ENGLISH = 3  # known words: "PIN reset" is said in every language
CLEARLY = 0.65  # the chance from which on a text says its language


def of_text(model: Model, weighed: Weighed, locale: str) -> str:
    """The language that the model is sure of (perhaps OTHER), else the one of the locale: a text without a known word,
    such as a bare code or number, says nothing about the language."""
    chances = model.chances(weighed, LANGUAGE)
    likeliest = max(chances, key=chances.__getitem__)
    least = SHORTEST_ENGLISH if likeliest == FALLBACK else 1
    return likeliest if weighed.known >= least and chances[likeliest] >= CLEARLY else of_locale(locale)


def of_answer(model: Model, spoken: str, locale: str) -> str:
    """The language of the text; of one that the model has not learnt that of the locale, if it has not learnt that
    either (a folder without utterances, or newer than the model), else English."""
    own = of_locale(locale)
    if spoken != OTHER:
        return spoken
    return FALLBACK if own in model.heads[LANGUAGE].labels else own
