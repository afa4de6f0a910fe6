"""The shared questions through the real door, graded as they are graded outside."""

import importlib.util
import io
import json
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from bot import ask, trial
from tests.conftest import BESIDE
from tests.deadlines import GENEROUS

QA = Path(__file__).parents[3] / "shared" / "qa"
OVERALL, EACH = 0.95, 0.90


@pytest.fixture
def grade() -> ModuleType:
    if not QA.is_dir():
        pytest.skip(f"shared/qa {BESIDE}")
    spec = importlib.util.spec_from_file_location("grade", QA / "grade.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_every_kind_of_question_gets_the_right_answer(grade: ModuleType) -> None:
    out = io.StringIO()
    async with trial.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="100000") as world:
        await ask.answer_all(world, ask.read(QA / "dev.jsonl"), out)
    answers = {row["id"]: row["answer_text"] for row in map(json.loads, out.getvalue().splitlines())}
    rows = [json.loads(line) for line in (QA / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = [row for row in rows if grade.check(row, answers[row["id"]])]
    total, missed = Counter(row["kind"] for row in rows), Counter(row["kind"] for row in wrong)
    texts = "\n".join(f"{row['kind']}: {row['text']}" for row in wrong)
    assert 1 - len(wrong) / len(rows) >= OVERALL, texts
    assert {kind: missed[kind] for kind in total if missed[kind] > (1 - EACH) * total[kind]} == {}, texts
