"""The harnesses run in processes of their own."""

from collections.abc import Iterator

import pytest

from tests.approvals.crashes.preloaded import Run, preloaded


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """Runs one of them."""
    with preloaded() as running:
        yield running
