"""What a card or an answer proposes to type is understood, in each language, as what it stands for."""

import re
from collections.abc import Iterator

import pytest

from dialogs.understanding import typed
from dialogs.understanding.understand import Understood, understand
from dialogs.words import texts

LANGUAGES = ("en", "de", "es", "fr", "ja", "pt")
# Sentences that end in, or quote, what to write, and what that means.
WRITE = {
    "near_miss.other_person.text": "forgot",
    "awaited.too_many.text": "covered",
    "failed.text": "failed",
    "answers.why_not_covered.text": "covered",
}
ASK = ("live consent", "live assignment", "live devices")  # the questions at the end of the menu of staff
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_QUOTED = re.compile('[\u201e\u201c\u00ab\u300c"]\\s?([^\u201c\u201d\u00bb\u300d"]+?)\\s?[\u201c\u201d\u00bb\u300d"]')
_LAST = re.compile(r".*[:：]\s*([^.。]+)")
_ASKED = re.compile("[^?？。]+[?？。]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_to_write_is_understood(language: str) -> None:
    read = {key: understand(_to_write(_sentence(key, language)), language) for key in WRITE}
    assert {key: one.intent for key, one in read.items()} == WRITE
    assert {one.language for one in read.values()} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_questions_of_the_menu_are_understood(language: str) -> None:
    asked = re.split(r"[:：]", _sentence("help.staff", language).splitlines()[-1], maxsplit=1)[1]
    read = [understand(one.strip(), language) for one in _ASKED.findall(asked)]
    assert tuple(_meaning(one) for one in read) == ASK
    assert {one.language for one in read} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_of_the_menu_are_understood(language: str) -> None:
    shown = [_commands(key, language) for key in ("help.admin", "help.approver", "help.staff")]
    assert shown == [_commands(key, "en") for key in ("help.admin", "help.approver", "help.staff")]
    assert all(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", sorted(texts.below("usage.how.")))
def test_the_example_of_how_to_write_a_command_is_understood(command: str, language: str) -> None:
    for example in _examples(command, language):
        read = understand(example, language)
        assert read.intent == command
        assert read.language == language
    assert len([*_examples(command, language)]) == len([*_examples(command, "en")])


def _examples(command: str, language: str) -> Iterator[str]:
    """The command with something after it, quoted or after a colon."""
    sentence = _BOLD.sub("", _sentence(f"usage.how.{command}", language))
    yield from (one.strip() for one in re.findall(rf"[:：,„«「]\s?({command} [^.。」»“]+)", sentence))


def _commands(key: str, language: str) -> list[str]:
    read = [understand(one, language) for one in _BOLD.findall(_sentence(key, language)) if _is_command(one)]
    assert {one.language for one in read} == {language}
    return [one.intent for one in read]


def _is_command(shown: str) -> bool:
    return bool(typed.read(shown) or typed.order(shown))


def _to_write(sentence: str) -> str:
    found = _QUOTED.findall(sentence) or _LAST.findall(sentence)
    return str(found[-1])


def _meaning(read: Understood) -> str:
    return " ".join((read.intent, read.values.get("topic", "")))


def _sentence(key: str, language: str) -> str:
    words = texts.words(language)
    if not key.startswith(texts.ANSWERS):
        return words.sentence(key)
    known = (f"{key}.{number}" for number in range(9, 0, -1))
    return next(words.sentence(one) for one in known if one in words._answers).splitlines()[-1]
