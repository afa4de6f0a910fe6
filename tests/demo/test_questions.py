"""The shared questions through the real door, graded as they are graded outside."""

import importlib.util
import io
import json
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from bot.demo import ask, run
from tests.conftest import BESIDE
from tests.deadlines import GENEROUS

QA = Path(__file__).parents[3] / "shared" / "qa"
WRONG_AND_SURE, ASKED_BACK = 0.02, 0.09


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


@pytest.mark.parametrize(("name", "overall", "each"), [("dev", 0.97, 0.85), ("field", 0.95, 0.90)])
async def test_every_kind_of_question_in_every_language_gets_the_right_answer(
    grade: ModuleType, name: str, overall: float, each: float
) -> None:
    out = io.StringIO()
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="100000") as world:
        await ask.answer_all(world, ask.read(QA / f"{name}.jsonl"), out)
    answers = {row["id"]: row for row in map(json.loads, out.getvalue().splitlines())}
    rows = [json.loads(line) for line in (QA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = [row for row in rows if grade.check(row, answers[row["id"]]["answer_text"])]
    texts = "\n".join(f"{row['kind']}: {row['text']}" for row in wrong)
    assert 1 - len(wrong) / len(rows) >= overall, texts
    for by in ("kind", "lang"):
        total, missed = Counter(row[by] for row in rows), Counter(row[by] for row in wrong)
        # One of a handful says nothing about the rest.
        assert {one: missed[one] for one in total if missed[one] > max((1 - each) * total[one], 1)} == {}, texts
    sure = [row["id"] for row in wrong if answers[row["id"]]["outcome"] == "answered"]
    asked = [row["id"] for row in rows if answers[row["id"]]["outcome"] == "asked_back"]
    assert len(sure) <= WRONG_AND_SURE * len(rows), texts
    assert len(asked) <= ASKED_BACK * len(rows)
