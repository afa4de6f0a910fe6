"""The shared questions through the real door, graded as they are graded outside."""

import importlib.util
import io
import json
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from bot import ask, trial

QA = Path(__file__).parents[3] / "shared" / "qa"
KINDS = ("forgot", "secret", "ambiguous")
GOAL_ENGLISH, GOAL_OTHERS = 0.95, 0.90


@pytest.fixture
def grade() -> ModuleType:
    if not QA.is_dir():
        pytest.skip("the shared questions are not here")
    spec = importlib.util.spec_from_file_location("grade", QA / "grade.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_who_forgot_a_pin_typed_a_secret_or_was_vague_gets_the_right_answer(
    grade: ModuleType,
) -> None:
    out = io.StringIO()
    async with trial.running("rollout", PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="100000") as world:
        await ask.answer_all(world, ask.read(QA / "dev.jsonl"), out)
    answers = {row["id"]: row["answer_text"] for row in map(json.loads, out.getvalue().splitlines())}
    right, total = Counter[tuple[str, bool]](), Counter[tuple[str, bool]]()
    for row in map(json.loads, (QA / "dev.jsonl").read_text(encoding="utf-8").splitlines()):
        group = (row["kind"], row["lang"] == "en")
        total[group] += 1
        right[group] += not grade.check(row, answers[row["id"]])
    for kind in KINDS:
        assert right[kind, True] >= GOAL_ENGLISH * total[kind, True], kind
    others = [group for group in total if group[0] in KINDS and not group[1]]
    assert sum(right[group] for group in others) >= GOAL_OTHERS * sum(total[group] for group in others)
