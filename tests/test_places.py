"""Where the bot may speak unasked: learnt at install, erased at removal."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.places import Places
from bot.store.database import open_database
from bot.turn import Person, Place, PlaceKind

ANA = Person(tenant_id="t", object_id="ana", chat_id="29:ana", name="Ana")
CHAT = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[Places]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    yield Places(engine, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    await engine.dispose()


async def test_a_person_is_met_for_the_first_time_only_once(places: Places) -> None:
    assert await places.learn(ANA, CHAT)
    assert not await places.learn(ANA, CHAT)
    assert await places.personal(ANA) == CHAT


async def test_the_newest_address_counts(places: Places) -> None:
    moved = replace(CHAT, service_url="https://smba.trafficmanager.net/emea")
    await places.learn(ANA, CHAT)
    await places.learn(ANA, moved)
    assert await places.personal(ANA) == moved


async def test_removal_erases_the_person_and_nobody_else(places: Places) -> None:
    ben = replace(ANA, object_id="ben")
    await places.learn(ANA, CHAT)
    await places.learn(ben, CHAT)
    await places.forget(ANA)
    assert await places.personal(ANA) is None
    assert await places.personal(ben) == CHAT


async def test_somebody_of_another_tenant_is_not_the_same_person(places: Places) -> None:
    await places.learn(ANA, CHAT)
    assert await places.personal(replace(ANA, tenant_id="other")) is None
