"""Giving somebody the app: each answer of Teams, each moment at which the bot may end, and what is never done twice."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.background import installs
from bot.background.installs import ProactiveInstalls
from bot.chat.turn import Person, Place, PlaceKind
from bot.errors import TenantUnreachable
from bot.simulation import World, simulate
from bot.simulation.faults import Fault
from bot.simulation.graph.installed import nothing
from bot.simulation.objects import entra
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.turns.installs import Installs
from bot.tenant.apps.personal import GraphPersonalApps
from tests.approvals.harness import Time
from tests.simulation.clients import real_graph

GRANTED = {"TeamsAppInstallation.ReadWriteSelfForUser.All", "AppCatalog.Read.All"}
PRIYA, OTHERS = "approver", ("approver2", "approver3", "user", "admin2")
INSTALLS = "graph/v1.0/users"


@dataclass
class Post:
    """The real thing before a simulated tenant in which Teams tells nothing by itself."""

    world: World
    time: Time
    conversations: Conversations
    reach: ProactiveInstalls

    def id(self, key: str = PRIYA) -> str:
        return self.world.company.people[key].object_id

    def place(self, key: str = PRIYA) -> Place:
        """As an activity names it."""
        world = self.world
        return Place(
            PlaceKind.PERSONAL,
            world.chats.personal(key).id,
            world.tenant.id,
            world.teams.service_url,
            f"28:{world.login.app_id}",
        )

    async def chat(self, key: str = PRIYA) -> Place | None:
        return await self.reach.chat(self.id(key))

    async def waits(self, key: str = PRIYA) -> None:
        """There will be one in a while."""
        with pytest.raises(TenantUnreachable):
            await self.chat(key)

    async def heard(self, key: str = PRIYA) -> bool:
        """Teams tells of an install; is a welcome due?"""
        return await self.conversations.installed(
            Person(self.world.tenant.id, self.id(key), f"29:{key}", ""), self.place(key)
        )

    def given(self) -> int:
        """Installs that Teams carried out."""
        return sum(one.where.endswith("/installedApps") for one in self.world.tenant.written)

    def asked(self, method: str = "") -> int:
        """Calls that Graph has seen."""
        return sum(one.service == "graph" and method in one.method for one in self.world.faults.seen)


@asynccontextmanager
async def _post(world: World, file: Path, time: Time | None = None, *, allowed: bool = True) -> AsyncIterator[Post]:
    """One life of the bot: what it keeps stands in the file."""
    time = time or Time()
    engine = await open_database(f"sqlite+aiosqlite:///{file}")
    conversations = Conversations(engine, lambda: time.now)

    async def service_url() -> str:
        return world.teams.service_url

    async with real_graph(world, lambda: time.steady) as graph:
        reach = ProactiveInstalls(
            world.tenant.id,
            GraphPersonalApps(graph, str(world.tenant.catalogue[0]["externalId"])),
            conversations,
            Installs(engine, lambda: time.now),
            service_url,
            f"28:{world.login.app_id}",
            lambda: time.now,
            lambda: time.steady,
            time.pause,
            allowed=allowed,
        )
        try:
            yield Post(world, time, conversations, reach)
        finally:
            await engine.dispose()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Nobody has the bot, and Teams tells it nothing by itself."""
    async with simulate("rollout") as running:
        running.tenant.permissions |= GRANTED
        running.chats.installed.clear()
        running.apps.tell = nothing
        yield running


@pytest.fixture
async def post(world: World, tmp_path: Path) -> AsyncIterator[Post]:
    async with _post(world, tmp_path / "bot.sqlite3") as made:
        yield made


async def test_the_app_is_given_and_the_chat_is_the_one_that_teams_tells_of(post: Post) -> None:
    await post.waits()
    assert (post.given(), post.asked("POST")) == (1, 1)
    assert await post.heard() is False
    assert await post.chat() == post.place()


async def test_where_teams_tells_nothing_graph_is_asked_for_the_chat_after_a_minute(post: Post) -> None:
    await post.waits()
    before = post.asked()
    await post.waits()
    assert post.asked() == before
    post.time.pass_by(minutes=1)
    found = await post.chat()
    assert found
    assert found.conversation_id == post.world.chats.unique_id(post.world.company.people[PRIYA])
    assert (found.kind, found.service_url) == (PlaceKind.PERSONAL, post.world.teams.service_url)
    assert await post.chat() == found
    assert post.given() == 1


async def test_a_chat_that_is_not_there_yet_is_looked_for_again(post: Post) -> None:
    post.world.apps.looks_before_chat = 2
    for _ in range(3):
        await post.waits()
        post.time.pass_by(minutes=2)
    assert await post.chat()
    assert post.given() == 1


async def test_who_has_the_app_already_is_not_given_it(post: Post) -> None:
    post.world.chats.installed.add(PRIYA)
    assert await post.chat()
    assert post.asked("POST") == 0


async def test_that_it_is_there_already_is_no_failure(post: Post) -> None:
    """Somebody else was quicker, between the look and the write."""
    post.world.faults.add(Fault(INSTALLS, method="POST", status=409, calls=1))
    await post.waits()
    post.world.chats.installed.add(PRIYA)
    post.time.pass_by(minutes=1)
    assert await post.chat()
    assert post.given() == 0


@pytest.mark.parametrize("fault", [Fault(INSTALLS, "POST", reset=True), Fault(INSTALLS, "POST", status=503)])
@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_write_without_an_answer_is_looked_for_and_sent_again_only_where_it_did_not_arrive(
    post: Post, fault: Fault, carried_out: bool
) -> None:
    post.world.faults.add(Fault(fault.place, "POST", fault.status, reset=fault.reset, carried_out=carried_out, calls=1))
    await post.waits()
    post.time.pass_by(seconds=2)
    if carried_out:
        assert await post.heard() is False  # Teams told of it before anything was known
        await post.conversations.lost(post.id(), post.place())
        assert await post.chat()
    else:
        await post.waits()
    assert post.given() == 1


@pytest.mark.parametrize("ends", ["before the answer", "after the answer"])
async def test_the_bot_may_end_at_any_moment_and_gives_nobody_the_app_twice(
    world: World, tmp_path: Path, ends: str
) -> None:
    time, file = Time(), tmp_path / "bot.sqlite3"
    if ends == "before the answer":
        world.faults.reset(INSTALLS, calls=1, carried_out=True)
        world.faults.active[-1].method = "POST"
    async with _post(world, file, time) as first:
        await first.waits()
    time.pass_by(minutes=2)
    async with _post(world, file, time) as second:
        assert await second.chat()
        assert second.given() == 1


async def test_many_letters_for_one_person_at_once_give_the_app_once(post: Post) -> None:
    found = await asyncio.gather(*(post.chat() for _ in range(8)), return_exceptions=True)
    assert {type(one) for one in found} == {TenantUnreachable}
    assert post.asked("POST") == 1


async def test_no_more_than_five_calls_a_second(post: Post) -> None:
    began = post.time.steady
    for key in (PRIYA, *OTHERS):
        await post.waits(key)
    assert post.asked() <= 5 * (post.time.steady - began + 1)
    assert post.given() == 1 + len(OTHERS)


async def test_a_throttled_graph_is_left_in_peace(post: Post) -> None:
    post.world.faults.throttle(INSTALLS, retry_after="30", calls=1)
    post.world.faults.active[-1].method = "POST"
    await post.waits()
    before = post.asked("POST")
    post.time.pass_by(seconds=10)
    await post.waits()
    assert post.asked("POST") == before
    post.time.pass_by(seconds=30)
    await post.waits()
    assert post.given() == 1


async def test_who_removed_the_app_is_not_given_it_again(world: World, tmp_path: Path) -> None:
    time, file = Time(), tmp_path / "bot.sqlite3"
    async with _post(world, file, time) as post:
        await post.waits()
        await post.heard()
        world.chats.installed.clear()
        await post.conversations.forget(Person(world.tenant.id, post.id(), "29:x", ""))
    time.pass_by(days=30)
    async with _post(world, file, time) as post:
        before = post.asked()
        assert await post.chat() is None
        assert post.asked() == before
        assert await post.heard() is True  # they think better of it: welcome
        assert await post.chat() == post.place()


async def test_who_removed_it_while_the_bot_was_down_is_not_given_it_again(post: Post) -> None:
    await post.waits()
    post.world.chats.installed.clear()
    post.time.pass_by(minutes=2)
    await post.waits()  # Teams may be behind
    post.time.pass_by(minutes=10)
    assert await post.chat() is None
    before = post.asked()
    post.time.pass_by(days=2)
    assert await post.chat() is None
    assert (post.asked(), post.given()) == (before, 1)


async def test_who_refuses_what_the_bot_writes_is_not_given_it_again(post: Post) -> None:
    await post.conversations.learn(Person(post.world.tenant.id, post.id(), "29:x", ""), post.place())
    await post.conversations.lost(post.id(), post.place())
    assert await post.chat() is None
    assert post.asked() == 0


async def test_who_was_given_it_a_moment_ago_and_is_not_reached_yet_has_not_refused(post: Post) -> None:
    await post.waits()
    await post.heard()
    await post.conversations.lost(post.id(), post.place())
    post.time.pass_by(minutes=1)
    assert await post.chat()


async def test_somebody_whom_a_policy_leaves_out_is_asked_for_once_a_day_and_others_are_reached(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.world.apps.blocked.add(post.id())
    for _ in range(3):
        assert await post.chat() is None
        post.time.pass_by(hours=1)
    assert post.asked("POST") == 1
    assert "a policy of Teams" in caplog.text
    assert post.id() not in caplog.text
    await post.waits(OTHERS[0])
    assert await post.heard() is True  # added by hand, as the policy allows by now
    post.time.pass_by(days=1)
    assert await post.chat()


async def test_an_app_whose_manifest_names_another_bot_is_neither_seen_nor_given(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.world.apps.own = False
    post.world.chats.installed.add(PRIYA)
    assert await post.chat() is None
    assert "manifest names another bot" in caplog.text


async def test_who_has_no_teams_is_left_alone_for_a_day(post: Post) -> None:
    post.world.apps.without_teams.add(post.id())
    assert await post.chat() is None
    before = post.asked()
    post.time.pass_by(hours=23)
    assert await post.chat() is None
    assert post.asked() == before


async def test_an_app_that_was_uploaded_anew_is_found_under_its_new_id(post: Post) -> None:
    await post.waits()
    post.world.tenant.catalogue[0] |= {"id": entra.teams_app("anew")["id"]}
    assert await post.chat(OTHERS[0]) is None  # unknown to the catalogue now
    await post.waits(OTHERS[1])


async def test_a_failure_of_teams_own_is_tried_four_times(post: Post) -> None:
    post.world.faults.add(Fault(INSTALLS, method="POST", status=400))
    for _ in range(installs.MOST_FAILURES - 1):
        await post.waits()
        post.time.pass_by(seconds=5)
    assert await post.chat() is None
    assert await post.chat() is None
    assert post.asked("POST") == installs.MOST_FAILURES
    assert await post.heard() is True


@pytest.mark.parametrize("missing", sorted(GRANTED))
async def test_without_the_permission_nobody_is_given_it_and_the_log_says_so_once(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    world.tenant.permissions.discard(missing)
    async with _post(world, tmp_path / "bot.sqlite3") as post:
        with caplog.at_level(logging.WARNING, logger=installs.__name__):
            for key in (PRIYA, *OTHERS):
                assert await post.chat(key) is None
        before = post.asked()
        assert before <= 2
        post.time.pass_by(hours=2)
        assert await post.chat() is None
        assert post.asked() > before  # perhaps it was granted meanwhile
        assert caplog.text.count("is not granted") == 1
        assert await post.heard() is True


async def test_where_the_app_is_not_in_the_catalogue_nobody_is_given_it_for_an_hour(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    app = post.world.tenant.catalogue.pop()
    assert [await post.chat(key) for key in (PRIYA, *OTHERS)] == [None] * 5
    assert (post.asked("POST"), caplog.text.count("catalogue")) == (0, 1)
    post.world.tenant.catalogue.append(app)
    post.time.pass_by(hours=2)
    await post.waits()
    assert post.given() == 1


async def test_who_only_reads_gives_nobody_anything(world: World, tmp_path: Path) -> None:
    async with _post(world, tmp_path / "bot.sqlite3", allowed=False) as post:
        assert await post.chat() is None
        assert post.asked() == 0


async def test_somebody_who_waits_is_kept_waiting_for_some_seconds_only(post: Post) -> None:
    began = post.time.steady
    with pytest.raises(TenantUnreachable):
        await post.reach.chat_soon(post.id())
    assert post.time.steady - began < 10
    assert post.given() == 1
    await post.heard()
    assert await post.reach.chat_soon(post.id()) == post.place()


@pytest.mark.parametrize("named", [True, False])
async def test_an_install_by_the_bot_is_never_welcomed_and_all_others_are(post: Post, named: bool) -> None:
    assert await post.heard("user") is True
    await post.waits()
    nobody = Person(post.world.tenant.id, post.id() if named else "", "28:x", "")
    assert await post.conversations.installed(nobody, post.place()) is False
    assert await post.conversations.installed(nobody, post.place()) is False
    assert await post.heard("admin") is True
    post.time.pass_by(hours=1)
    stranger = Person(post.world.tenant.id, "", "28:x", "")
    assert await post.conversations.installed(stranger, post.place("admin2")) is True
