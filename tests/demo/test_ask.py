"""Questions from the command line: what is wrong with them is told by its place."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.demo import ask, run
from tests.deadlines import GENEROUS

GOOD = '{"id": "1", "persona": "admin", "text": "status", "kind": "ignored"}'


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ('{"id": "2"}', "line 3: text: Field required"),
        ('{"id": "2", "text": "help", "persona": "boss"}', "line 3: persona: Input should be 'user'"),
        ("what?", "line 3: Invalid JSON"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_its_field(tmp_path: Path, bad: str, told: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f"{GOOD}\n\n{bad}\n")
    with pytest.raises(ValueError, match="a line looks like") as refusal:
        ask.read(file)
    assert str(refusal.value).startswith(told)


def test_good_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f"{GOOD}\n")
    assert ask.read(file) == [ask.AskedQuestion(id="1", persona="admin", text="status")]


@pytest.mark.parametrize("port", ["99999", "-1", "page"])
def test_a_port_that_is_none_is_refused_in_words(port: str) -> None:
    command = [sys.executable, "-m", "bot", "simulate", f"--port={port}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert ended.returncode == 2
    assert "argument --port: a port is a number from 0" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wählen Sie auf dem Anmeldebildschirm die Anmeldeoptionen.\nPIN (Windows Hello)\nhttps://example.com", "de"),
        ("サインイン画面で [サインイン オプション] を選びます。\nPIN (Windows Hello)", "ja"),
        ("On the sign-in screen, select Sign-in options.\nIch habe meine PIN vergessen", "en"),
        ("", "other"),
    ],
)
def test_the_language_of_an_answer_is_that_of_most_of_it(text: str, language: str) -> None:
    assert ask.language_of(text) == language


def test_answers_in_the_language_asked_are_counted_by_language() -> None:
    counts = Counter({("de", True): 3, ("de", False): 1, ("ja", True): 2})
    assert [*ask.sums(counts)] == [
        "de: 3 of 4 answers are in the language asked",
        "ja: 2 of 2 answers are in the language asked",
    ]


async def test_what_an_image_says_about_where_to_listen_does_not_stop_a_simulated_tenant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PINBOT_HOST", "0.0.0.0")
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        assert world.teams.bot_url.startswith("http://127.0.0.1:")
