"""The words: none missing, none left over, the same placeholders in every language."""

import asyncio
import string
from collections.abc import Mapping

import pytest

import cards
from bot.demo import gallery
from bot.reset_rules.advice import Caveat, Flow, Need, Next
from bot.reset_rules.advice import ResetSteps as Clicks
from bot.reset_rules.facts import Join
from bot.reset_rules.failures import Failure
from bot.reset_rules.why import Remedy
from dialogs.understanding.ranking.labels import kind
from dialogs.understanding.ranking.model import INTENT, model
from dialogs.words import texts
from dialogs.words.replies import Text

ENGLISH = texts.own("en")


def is_offered_by_name(label: str) -> bool:
    """Answers and the reset's steps unfold on the card itself; what is not ours and small talk are no choice."""
    return kind(label) not in {"answer", "near_miss", "talk"} and not label.startswith("forgot.")


# Every value that the rules can answer has its sentence, whether an example shows it or not.
BY_VALUE = {
    *(f"rollout.caveat.{value}" for value in Caveat),
    *(f"rollout.need.{value}" for value in Need),
    *(f"rollout.next.{value}" for value in Next if value is not Next.NOTHING),
    *(f"rollout.steps.{value}.1" for value in Clicks if value is not Clicks.NONE),
    *(f"rollout.join.{value}" for value in Join),
    *(f"desk.flow.{value}" for value in Flow),
    *(f"why.change.{value}" for value in Remedy),
    *(f"failed.answer.{value}" for value in Failure),
    *(f"wish.{label}" for label in model().heads[INTENT].labels if is_offered_by_name(label)),
}


class Noting(dict[str, str]):
    """Remembers which sentences were asked for."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(sentences)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # only strings here
        if key in self:
            self.asked.add(key)
        return super().get(key, default)


def test_every_value_of_the_rules_has_its_sentence() -> None:
    assert BY_VALUE - ENGLISH.keys() == set()


def test_no_sentence_is_left_over() -> None:
    words = texts.Words("en", ENGLISH, ENGLISH)
    noting = Noting(ENGLISH)
    words._sentences = noting
    for reply in asyncio.run(gallery.replies()).values():
        cards.render(reply, words)
    lists = {f"{value.rpartition('.')[0]}." for value in BY_VALUE if value.startswith("rollout.steps.")}
    unused = {
        key for key in ENGLISH.keys() - noting.asked - BY_VALUE if not key.startswith((*lists, "errors.", "card."))
    }
    assert unused == set()


@pytest.mark.parametrize("language", sorted(texts.languages()))
def test_a_language_has_no_key_and_no_placeholder_of_its_own(language: str) -> None:
    for key, sentence in texts.own(language).items():
        assert _names(sentence) == _names(ENGLISH[key]), key
        assert sentence.count("**") % 2 == 0, key


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_what_a_language_lacks_is_said_in_english_after_one_sentence_of_its_own() -> None:
    german = texts.words("de-AT")
    assert german.partial
    assert german.plain(Text("card.partly_english")) != ENGLISH["card.partly_english"]
    assert german.plain(Text("button.forgot")) == ENGLISH["button.forgot"]


def test_a_language_that_nobody_wrote_is_english_without_further_ado() -> None:
    assert texts.words("xx-YY").language == "en"
    assert not texts.words("xx-YY").partial


def test_a_value_can_not_become_markdown_or_another_placeholder() -> None:
    words = texts.words("en")
    runs = words.runs(Text("failed.answer.help_desk", {"help_desk": "**x** {help_desk}"}))
    assert runs[-1] == texts.Run("**x** {help_desk}")
    assert words.markdown(Text("failed.answer.help_desk", {"help_desk": "x"})) is None
