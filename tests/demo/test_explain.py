"""How a text is understood can be looked into."""

import logging

import pytest

from bot import __main__ as bot
from bot.demo.explain import explained
from bot.operator import arguments


def test_the_candidates_and_what_spoke_for_them_are_shown() -> None:
    said = "\n".join(explained("what is the minimum windows version", "en"))
    assert "answer.minimum_version" in said
    assert "word 'minimum'" in said
    assert "decided   answered: answer (answer='minimum_version'" in said
    assert "because   likely" in said


def test_a_typed_secret_is_not_shown() -> None:
    said = "\n".join(explained("my password is Blue-Kayak-19, what licence do I need", "en"))
    assert "typed" in said
    assert "kayak" not in said.casefold()


def test_what_is_exact_says_so() -> None:
    assert "because   exact" in "\n".join(explained("status", "de"))


async def test_the_answer_is_in_the_language_that_was_given(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    options = arguments.parser().parse_args(["explain", "--as", "admin", "--lang", "de", "status"])
    with caplog.at_level(logging.ERROR):  # as it sets it itself, for the whole process
        await bot._explain(options)
    assert "Einwilligung" in capsys.readouterr().out
