"""What the model is trained on: well formed, no sentence with two labels, and a part that is kept aside."""

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from dialogs.understanding.folding import fold
from dialogs.understanding.ranking.utterances import PARTS, Utterance, fingerprint, utterances
from dialogs.words.answers import answers
from tests.conftest import BESIDE

QA = Path(__file__).parents[5] / "shared" / "qa"
NEAR, SHORT = 90.0, 20  # of 100 how alike; letters up to which anybody may write the same


@cache
def _all() -> tuple[Utterance, ...]:
    return tuple(utterances())


def test_no_sentence_has_two_labels() -> None:
    labels = defaultdict(set)
    for one in _all():
        labels[one.text.casefold()].add(one.label)
    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


def test_every_answer_has_utterances_and_no_label_names_an_answer_that_is_gone() -> None:
    named = {one.label.removeprefix("answer.") for one in _all() if one.label.startswith("answer.")}
    assert named == answers().keys()


def test_no_sentence_of_the_question_sets_was_copied() -> None:
    if not QA.is_dir():
        pytest.skip(f"shared/qa {BESIDE}")
    rows = [json.loads(line) for line in (QA / "field.jsonl").read_text("utf-8").splitlines()]
    asked = [fold(row["text"]) for row in rows]
    written = [fold(one.text) for one in _all() if "/own/" not in one.group]
    near = [(text, process.extractOne(text, written, scorer=fuzz.ratio, score_cutoff=NEAR)) for text in asked]
    assert [(text, found[0]) for text, found in near if found and len(text) > SHORT] == []


def test_about_a_tenth_is_kept_aside_and_a_group_is_never_torn_apart() -> None:
    parts = defaultdict(set)
    for one in _all():
        parts[one.group].add(one.part)
    assert all(len(found) == 1 for found in parts.values())
    aside = sum(one.part == 0 for one in _all())
    assert 0.5 / PARTS < aside / len(_all()) < 1.5 / PARTS


def test_no_label_is_left_without_what_it_is_trained_on() -> None:
    kept = Counter(one.label for one in _all() if one.part)
    assert kept.keys() == {one.label for one in _all()}


@pytest.mark.parametrize("text", ["[status]\nplain = [\n", "status = 1\n", '[status]\nplain = "one"\n'])
def test_a_malformed_file_is_named(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "en" / "utterances"
    folder.mkdir(parents=True)
    (folder / "live.toml").write_text(text)
    with pytest.raises(ValueError, match=r"en/live\.toml"):
        list(utterances(tmp_path))


def test_a_changed_sentence_changes_the_fingerprint(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "utterances"
    folder.mkdir(parents=True)
    seen = set()
    for text in ("how far are we", "how far are we now"):
        (folder / "live.toml").write_text(f'[status]\nplain = ["{text}"]\n')
        seen.add(fingerprint(tmp_path))
    assert len(seen) == 2
