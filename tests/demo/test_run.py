"""What make demo starts: with everything that can be looked at, and gone on with from run to run."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.config import SettingsError
from bot.demo import gallery, run
from bot.simulation import World
from bot.simulation.teams import TeamsClient
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


async def test_a_second_demo_in_the_same_folder_is_told_what_to_do(tmp_path: Path) -> None:
    async with run.showing("rollout", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0"):
        with pytest.raises(SettingsError, match=r"Another demo works with .* Ctrl-C .* --data FOLDER"):
            async with run.showing("rollout", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0"):
                pass


@pytest.mark.parametrize("port", [1, run.LAST_PORT])
async def test_the_port_that_is_offered_instead_is_one(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EADDRINUSE, "taken")

    monkeypatch.setattr(run, "simulate", taken)
    with pytest.raises(SettingsError, match=r"PAGE_PORT=(2|65534)\b"):
        async with run.showing("rollout", port, None, deadlines=GENEROUS, PINBOT_PORT="0"):
            pass


async def test_everybodys_teams_may_speak_another_language_and_one_may_be_a_phone() -> None:
    async with run.showing("rollout", 0, None, language="ja", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        world.teams.use("hybrid", TeamsClient("de-DE", "iOS"))
        heard = {person: (await world.teams.say(person, "I forgot my PIN")).activity for person in ("user", "hybrid")}
        said = {person: (one["locale"], one["entities"][0]["platform"]) for person, one in heard.items()}
        assert said == {"user": ("ja", "Windows"), "hybrid": ("de-DE", "iOS")}
        opened = {
            person: [one["id"] for one in _ways(world.chats.personal(person).by_bot()[-1].card) if _is_open(one)]
            for person in heard
        }
        assert opened == {"user": [], "hybrid": ["way0"]}  # who is on a phone sees the steps of the locked out


def _is_open(way: dict[str, Any]) -> bool:
    return way.get("isVisible", True) is not False


def _ways(part: object) -> Iterator[dict[str, Any]]:
    """The two ways to a new PIN."""
    if isinstance(part, dict):
        if str(part.get("id", "")).removeprefix("way").isdecimal():
            yield part
        for inner in part.values():
            yield from _ways(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _ways(inner)


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
