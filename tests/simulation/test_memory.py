"""What outlives a restart of the simulated tenant."""

from pathlib import Path

import pytest

from bot.simulation import simulate, state
from bot.simulation.chats import BOT
from tests.simulation.clients import call

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}
MINE = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "mine"}]}


def _mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def test_conversations_and_objects_are_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "data" / "tenant.json"
    async with simulate(file=file) as world:
        conversation = world.chats.personal("user")
        said = world.chats.keep(conversation, BOT, {"attachments": [], "text": "hello"})
        world.chats.view(said.id, "user", MINE)
        world.chats.installed.discard("admin")
        state.withdraw_consent(world.tenant)
    async with simulate(file=file) as world:
        assert world.chats.personal("user").id == conversation.id
        assert [(one.text, one.card_of("user")) for one in conversation.said] == [("hello", MINE)]
        assert world.chats.find(said.id)[0].members == ["user"]
        assert "admin" not in world.chats.installed
        assert not state.has_consent(world.tenant)
        assert world.chats.fresh("user").id != conversation.id
        assert int(world.chats.new_id()) > int(said.id)


async def test_the_bots_own_app_is_in_the_catalogue_once_also_in_a_tenant_kept_before_there_was_one(
    tmp_path: Path,
) -> None:
    file = tmp_path / "tenant.json"
    async with simulate(file=file) as world:
        apps = list(world.tenant.catalogue)
    async with simulate(file=file) as world:
        assert world.tenant.catalogue == apps
        world.tenant.catalogue.clear()
    async with simulate(file=file) as world:
        assert [one["externalId"] for one in world.tenant.catalogue] == [one["externalId"] for one in apps]


async def test_what_is_said_is_written_before_the_end_and_only_for_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    async with simulate(file=file) as world:
        world.chats.keep(world.chats.personal("user"), "user", {"text": "hello"})
        async with simulate() as other:  # the wait is as long as the file takes
            while not file.exists():
                await call(other, "/v1.0/organization")
        assert b"hello" in file.read_bytes()
        assert _mode(file) == 0o600


async def test_without_a_file_nothing_is_kept() -> None:
    async with simulate() as world:
        world.chats.keep(world.chats.personal("user"), "user", {"text": "hello"})
    async with simulate() as world:
        assert world.chats.conversations == {}


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"tenant": {}, "past": 1}'])
async def test_a_file_that_is_not_ours_stops_the_start_and_says_which(tmp_path: Path, content: str) -> None:
    file = tmp_path / "tenant.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"tenant\.json cannot be read; remove it"):
        async with simulate(file=file):
            pass


async def test_a_file_of_other_people_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    async with simulate(file=file) as world:
        world.tenant.users.popitem()
    with pytest.raises(ValueError, match="other people"):
        async with simulate(file=file):
            pass
