"""One tenant that is ready for the bot, and one bot, for all tests of a file: each leaves both as they were."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.check.harness import Ready, ready


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """The tenant, and the bot that serves it."""
    async with ready(tmp_path_factory.mktemp("served")) as it:
        yield it


@pytest.fixture
def it(served: Ready) -> Iterator[Ready]:
    """The same, to be changed."""
    with served.put_back():
        yield served
