"""Six languages are whole: nothing is missing in one, and no card has an English sentence in another."""

import asyncio
import re
from collections.abc import Iterator, Mapping

import pytest

import cards
from bot.changes.assign_effect import target_of_all
from bot.check.around import part
from bot.demo import gallery
from bot.reset_rules.facts import AppState
from bot.reset_rules.sources import Scope, SourceKind, TargetKind
from bot.store.records import State
from cards.plain import plain
from dialogs.words import faults, texts
from dialogs.words.answers import answers
from dialogs.words.replies import Names, Reply, Text, Tile

WHOLE = ("de", "es", "fr", "ja", "pt")
WORD = re.compile(r"[a-z']+")
# Words of English sentences that no other of the languages has.
ENGLISH = {
    "the",
    "is",
    "of",
    "and",
    "from",
    "that",
    "with",
    "this",
    "are",
    "your",
    "you",
    "which",
    "there",
    "has",
    "been",
}
LISTS = {"names", "groups", "kinds", "parts", "profiles", "apps", "titles", "sets"}  # placeholders of several
FEWEST = 3  # different ones of these make a sentence
# What stays English, and why.
STAYS = {
    "Branch laptops of the northern region": "a name that somebody gave",
    "Your admin has agreed to the app now. Please try again.": "what the help desk wrote",
    "You do not have permission to view this directory or page": "a page that Microsoft shows in English",
    "Your organization has deleted this device": "Microsoft's own words beside the code",
    **{one.source: "documents by the titles that they are found by" for one in answers().values()},
}


@pytest.fixture(scope="module")
def replies() -> Mapping[str, Reply]:
    return asyncio.run(gallery.replies())


@pytest.mark.parametrize("language", WHOLE)
def test_a_language_lacks_no_sentence_and_no_answer(language: str) -> None:
    assert sorted(faults.lacking(language)) == []
    assert not texts.words(language).partial


@pytest.mark.parametrize("language", WHOLE)
def test_no_card_has_an_english_sentence(language: str, replies: Mapping[str, Reply]) -> None:
    words = texts.words(language)
    shown = {line for reply in replies.values() for line in plain(cards.render(reply, words)).splitlines()}
    assert sorted(line for line in shown if _is_english(line)) == []


def test_english_sentences_are_found() -> None:
    shown = ("Sign in with your password, then choose the tile that is there.", "Wählen Sie das: was not with them")
    assert [_is_english(line) for line in shown] == [True, False]


@pytest.mark.parametrize("language", ["en", *WHOLE])
def test_the_label_of_each_windows_is_in_the_steps(language: str) -> None:
    words = texts.words(language)
    for tile in Tile:
        label = words.sentence(f"label.pin_tile.{tile}")
        assert any(label in step for step in words.listed("rollout.steps.settings", tile))
    assert words.sentence("label.pin_tile.windows_10") != words.sentence("label.pin_tile.windows_11")


def test_what_a_sentence_counts_is_a_number_wherever_it_is_said(replies: Mapping[str, Reply]) -> None:
    """Text would have the form of many, also for one."""
    counted = [(text, name) for text in _texts(tuple(replies.values())) for name in _counted(text)]
    assert counted
    assert [(text.key, name) for text, name in counted if not isinstance(text.values[name], int)] == []


def test_no_sentence_says_a_code_that_there_are_words_for(replies: Mapping[str, Reply]) -> None:
    """A value of an enumeration, or the name of a type in Graph: it would be English in every language."""
    coded = [
        *AppState,
        *State,
        *SourceKind,
        *TargetKind,
        *(f"{scope} {on}" for scope in Scope for on in ("true", "false")),
    ]
    said = [(text.key, value) for text in _texts(tuple(replies.values())) for value in _foreign(text)]
    assert [(key, value) for key, value in said if value in coded or "AssignmentTarget" in value] == []


def test_what_of_another_kind_is_assigned_and_what_another_version_says_of_itself_is_said_as_it_is() -> None:
    assert target_of_all("#microsoft.graph.tomorrowTarget") == "tomorrowTarget"
    assert part("tomorrow") == "tomorrow"


def test_names_are_values_of_their_own_and_not_joined_with_a_comma(replies: Mapping[str, Reply]) -> None:
    """A language puts its own sign between them, and its own word before the last."""
    said = [(text.key, name) for text in _texts(tuple(replies.values())) for name in text.values if name in LISTS]
    assert said
    lists = [
        (text.key, name)
        for text in _texts(tuple(replies.values()))
        for name in LISTS & text.values.keys()
        if not isinstance(text.values[name], Names | Text)
    ]
    assert lists == []


def _foreign(text: Text) -> Iterator[str]:
    for value in text.values.values():
        yield from (one for one in (value.names if isinstance(value, Names) else (value,)) if isinstance(one, str))


def _counted(text: Text) -> list[str]:
    return re.findall(r"\{(\w+):\w+\}", texts.words("en").sentence(text.key))


def _texts(value: object) -> Iterator[Text]:
    """All sentences of a reply, wherever they stand in it."""
    if isinstance(value, Text):
        yield value
        yield from _texts(tuple(value.values.values()))
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif hasattr(value, "__dataclass_fields__"):
        yield from _texts(tuple(getattr(value, name) for name in value.__dataclass_fields__))


def _is_english(line: str) -> bool:
    for known in STAYS:
        line = line.replace(known, "")
    return len(ENGLISH & {*WORD.findall(line.casefold())}) >= FEWEST
