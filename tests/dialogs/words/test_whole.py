"""Six languages are whole: nothing is missing in one, and no card has an English sentence in another."""

import asyncio
import re
from collections.abc import Iterator, Mapping

import pytest

import cards
from bot.demo import gallery
from cards.plain import plain
from dialogs.words import faults, texts
from dialogs.words.answers import answers
from dialogs.words.replies import Reply, Text, Tile

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
