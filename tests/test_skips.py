"""In CI a test may be skipped for want of a file that a plain clone does not have, and for nothing else."""

import pytest

from tests import conftest
from tests.conftest import BESIDE


def _reported(reason: str) -> str:
    report = pytest.TestReport("a test", ("a file", 1, "a test"), {}, "skipped", ("a file", 1, reason), "call")
    conftest._fail_in_ci(report)
    return report.outcome


@pytest.mark.parametrize(
    ("ci", "reason", "outcome"),
    [
        ("true", "Skipped: needs chromium", "failed"),
        ("true", f"Skipped: shared/qa {BESIDE}", "skipped"),
        ("", "Skipped: needs chromium", "skipped"),
    ],
)
def test_a_missing_tool_fails_in_ci_and_a_missing_file_beside_the_project_does_not(
    monkeypatch: pytest.MonkeyPatch, ci: str, reason: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    assert _reported(reason) == outcome
