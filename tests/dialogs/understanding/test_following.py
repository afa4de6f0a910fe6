"""A few words may answer to the card before, and to nothing else."""

import pytest

from dialogs.understanding.understand import understand

CHOICE = ("answer.licence", "live.consent", "forgot.plain")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("the second one", "live"),
        ("2", "live"),
        ("yes", "answer"),
        ("das dritte", "forgot"),
        ("la première", "answer"),
        ("el segundo", "live"),
        ("最後の", "forgot"),
    ],
)
def test_a_choice_in_words_is_taken_from_the_card_before(text: str, intent: str) -> None:
    assert understand(text, "en", CHOICE).intent == intent


def test_a_kind_of_pc_goes_on_with_the_answer_before() -> None:
    understood = understand("and for Pro?", "en", ("answer.minimum_version",))
    assert (understood.intent, understood.values["answer"]) == ("answer", "pro_edition")


@pytest.mark.parametrize("text", ["the second one", "yes", "third"])
def test_without_a_card_before_they_choose_nothing(text: str) -> None:
    assert understand(text, "en").intent not in {"live", "answer", "forgot"}


def test_a_whole_sentence_is_understood_by_itself_whatever_was_shown() -> None:
    assert understand("I forgot my PIN", "en", CHOICE) == understand("I forgot my PIN", "en")
