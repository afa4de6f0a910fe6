"""Words that mean the same have one name: the longest phrase that stands there, whole words before begun ones."""

from collections.abc import Sequence

import pytest

from dialogs.understanding.ranking.synonyms import Synonyms, Wording


def named(said: str, ignored: str = "", **words: str) -> Sequence[str]:
    """The names of what is said."""
    return list(Synonyms([Wording(words=words, ignored=ignored)]).names(said.split()))


def test_the_longest_phrase_is_meant_and_what_has_no_name_stands_for_itself() -> None:
    words = {"pc": "laptop, my own laptop", "own": "my own"}
    assert named("my own laptop froze", **words) == ["pc", "froze"]
    assert named("my own laptops", **words) == ["own", "laptops"]
    assert named("my laptop", **words) == ["my", "pc"]


def test_a_star_stands_for_any_ending_of_its_word() -> None:
    words = {"enrolment": "enrol* the device*, enrol*"}
    assert named("enrolling the devices again", **words) == ["enrolment", "again"]
    assert named("enro the device", **words) == ["enro", "the", "device"]


def test_of_two_phrases_as_long_the_one_with_more_letters_written_out_is_meant() -> None:
    words = {"assigning": "assign*", "target": "assignm*", "whole": "assignment"}
    assert named("assigned assignments assignment", **words) == ["assigning", "target", "whole"]


def test_words_that_say_nothing_are_left_out_unless_a_phrase_has_them() -> None:
    assert named("please do say please", ignored="please", asked="say please") == ["do", "asked"]


@pytest.mark.parametrize("words", [{"one": "same", "other": "same"}, {"short": "ab*"}])
def test_a_phrase_of_two_names_and_a_stem_too_short_to_say_anything_are_refused(words: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"same|ab"):
        named("", **words)
