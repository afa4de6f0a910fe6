"""The words: none missing, none left over, the same placeholders in every language."""

import asyncio
import re
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
from dialogs.words import cldr, faults, texts
from dialogs.words.replies import Text

ENGLISH = texts.own("en")
NOUNS = {"devices", "users", "groups", "PCs", "hours", "days", "minutes", "times", "requests", "answers"}


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


def test_no_key_stands_in_two_files() -> None:
    """The later file would win without a word."""
    keys = [key for name in texts.FILES for key in texts._flat(texts._table(texts.LOCALES / "en" / name))]
    assert len({key for key, _ in keys}) == len(keys)


def test_no_sentence_is_left_over() -> None:
    words = texts.Words("en", ENGLISH, ENGLISH)
    noting = Noting(ENGLISH)
    words._sentences = noting
    for reply in asyncio.run(gallery.replies()).values():
        cards.render(reply, words)
    lists = {f"{value.rpartition('.')[0]}." for value in BY_VALUE if value.startswith("rollout.steps.")}
    unused = {
        key
        for key in ENGLISH.keys() - noting.asked - BY_VALUE
        if not key.startswith((*lists, "errors.", "card.", texts.COUNT))
    }
    assert unused == set()


@pytest.mark.parametrize(("count", "said"), [(0, "0 devices"), (1, "1 device"), (2, "2 devices")])
def test_a_number_has_the_form_of_its_noun_that_goes_with_it(count: int, said: str) -> None:
    words = texts.words("en")
    assert words.plain(Text("status.devices.error", {"count": count})) == f"Error: {said}."
    more = {0: "There are 0 more.", 1: "There is 1 more.", 2: "There are 2 more."}
    assert words.plain(Text("questions.more", {"count": count})) == more[count]


def test_every_noun_that_is_counted_has_a_form_for_each_category_and_none_is_left_over() -> None:
    specs = {spec for one in ENGLISH.values() for _, _, spec, _ in string.Formatter().parse(one) if spec}
    forms = {f"{texts.COUNT}{noun}.{form}" for noun in specs for form in cldr.forms("en")}
    assert forms == {key for key in ENGLISH if key.startswith(texts.COUNT)}


def test_no_number_stands_before_a_noun_that_never_changes() -> None:
    """A sentence that says "1 devices": numbers that can be one have their noun in the placeholder."""
    fixed = {"included", "excluded", "most"}  # more than one whenever they are said
    never_one = "approvals.refused.too_many_groups"  # more than the most in one request
    found = [
        (key, name)
        for key, sentence in ENGLISH.items()
        for name, noun in re.findall(r"\{(\w+)\} (?:more |open )?([a-z]+s)\b", sentence)
        if noun in NOUNS and name not in fixed and not key.startswith((texts.COUNT, never_one))
    ]
    assert found == []


def test_no_language_has_a_key_a_placeholder_or_a_form_of_its_own() -> None:
    assert [*faults.faults()] == []


def test_what_a_language_lacks_is_said_in_english_after_one_sentence_of_its_own() -> None:
    dutch = texts.Words("nl", {"card.partly_english": "Een deel is in het Engels."}, ENGLISH)
    assert dutch.partial
    assert dutch.plain(Text("card.partly_english")) == "Een deel is in het Engels."
    assert dutch.plain(Text("button.forgot")) == ENGLISH["button.forgot"]


def test_a_language_that_nobody_wrote_is_english_without_further_ado() -> None:
    assert texts.words("xx-YY").language == "en"
    assert not texts.words("xx-YY").partial


def test_a_value_can_not_become_markdown_or_another_placeholder() -> None:
    words = texts.words("en")
    runs = words.runs(Text("failed.answer.help_desk", {"help_desk": "**x** {help_desk}"}))
    assert runs[-1] == texts.Run("**x** {help_desk}")
    assert words.markdown(Text("failed.answer.help_desk", {"help_desk": "x"})) is None
