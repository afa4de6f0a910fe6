"""What make demo starts: with everything that can be looked at, and gone on with from run to run."""

from pathlib import Path

from bot.demo import gallery, run
from bot.simulation import World
from tests.deadlines import GENEROUS


def _said(world: World, person: str) -> list[str]:
    return [said.text or str((said.card or {}).get("speak")) for said in world.chats.personal(person).said]


async def test_everybody_who_has_the_app_is_greeted_once_and_every_card_is_shown(tmp_path: Path) -> None:
    async with run.showing("rollout", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        assert {person for one in world.chats.conversations.values() for person in one.members} == world.chats.installed
        assert [*world.gallery] == [*await gallery.drawn()]
        greeting = _said(world, "user")
        assert len(greeting) == 1
        await world.teams.say("user", "help")
        before = _said(world, "user")
        assert before[:2] == [*greeting, "help"]
    async with run.showing("rollout", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        assert _said(world, "user") == before
        await world.teams.install("user")  # the bot too remembers whom it has greeted
        assert _said(world, "user") == before


async def test_the_scenario_fresh_starts_clean(tmp_path: Path) -> None:
    async with run.showing("rollout", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        await world.teams.say("user", "help")
        assert world.tenant.service_principals
    async with run.showing("fresh", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        assert len(_said(world, "user")) == 1
        assert not world.tenant.service_principals


async def test_a_change_of_the_tenant_shows_in_the_next_answer() -> None:
    async with run.showing("rollout", 0, None, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        await world.teams.say("user", "I forgot my PIN")
        before = world.faults.count("graph")
        await world.teams.say("user", "I forgot my PIN")
        assert world.faults.count("graph") > before
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        await world.teams.say("user", "I forgot my PIN")
        before = world.faults.count("graph")
        await world.teams.say("user", "I forgot my PIN")
        assert world.faults.count("graph") == before
