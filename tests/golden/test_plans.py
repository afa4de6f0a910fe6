"""Plans, digests and seals are those that are stored already: else nothing that waits could be approved or done."""

import asyncio
import json
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.golden import files
from tests.golden.plans import stored
from tests.golden.product import KINDS, Plan


def _made() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(stored(Path(folder)))


GOLDEN: dict[str, Any] = files.read("plans")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return _made()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_plan_its_digest_and_its_seals_are_as_they_always_were(name: str, made: dict[str, Any]) -> None:
    now, golden = made[name], GOLDEN[name]
    assert json.loads(now["plan"]) == json.loads(golden["plan"])  # a difference is read more easily here
    assert now == golden, files.HOW


@pytest.mark.parametrize("name", GOLDEN)
def test_a_plan_of_before_is_read_and_written_the_same(name: str) -> None:
    golden = GOLDEN[name]
    assert sha256(golden["plan"].encode()).hexdigest() == golden["digest"]
    found = Plan.filed(golden["plan"], golden["digest"])
    assert found is not None
    assert (found.canonical(), found.digest()) == (golden["plan"], golden["digest"])


def test_every_kind_of_change_has_a_plan_and_none_is_left_over(made: dict[str, Any]) -> None:
    assert {one["kind"] for one in GOLDEN.values()} == {*KINDS}
    assert files.text(made) == files.path("plans").read_text("ascii"), files.HOW
