"""The whole simulated tenant: settings that the bot accepts, loopback only, gone when the block ends."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.config import Settings
from bot.config.values import is_loopback
from bot.simulation import World, people, simulate
from bot.simulation.people import Employee, SimulatedDevice
from tests.simulation.clients import call

README = Path(people.__file__).with_name("README.md")


async def test_its_settings_are_all_that_a_bot_needs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in world.settings().items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    assert (settings.app_id, settings.tenant_id) == (world.login.app_id, world.tenant.id)
    assert settings.login_ca == world.ca
    addresses = [settings.graph_url, settings.login_url, settings.openid_url, settings.connector_url]
    assert all(is_loopback(urlsplit(address or "").hostname or "") for address in addresses)


async def test_each_start_has_its_own_secret_and_keys() -> None:
    async with simulate() as one, simulate() as other:
        assert one.login.secret != other.login.secret
        token = one.login.issue("https://graph.microsoft.com")
        assert (await call(other, "/v1.0/organization", token=token)).status == 401


def _is_there(file: Path) -> bool:
    return file.exists()


async def test_nothing_is_left_when_the_block_ends() -> None:
    async with simulate() as world:
        world.faults.hang("graph")
        url, ca = world.url, world.ca
        assert _is_there(ca)
    assert not _is_there(ca)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{url}/v1.0/organization")


async def test_it_can_be_closed_before_the_block_ends() -> None:
    async with simulate() as world:
        await world.close()
        with pytest.raises(aiohttp.ClientConnectionError):
            await call(world, "/v1.0/organization")


async def test_ports_can_be_given(unused_tcp_port_factory: object) -> None:
    assert callable(unused_tcp_port_factory)
    login, services = unused_tcp_port_factory(), unused_tcp_port_factory()
    async with simulate(login_port=login, port=services) as world:
        assert (urlsplit(world.login.url).port, urlsplit(world.url).port) == (login, services)


async def test_another_company_can_be_simulated() -> None:
    company = people.load()
    devices = (SimulatedDevice("NEW-PC", "new", twin="own"), SimulatedDevice("BYOD", "new", in_intune=False))
    company.people["new"] = Employee("new", "New Here", "contoso.example", devices=devices)
    async with simulate(company=company) as world:
        owner = company.people["new"].object_id
        managed = (await call(world, f"/v1.0/users/{owner}/managedDevices")).json["value"]
        registered = (await call(world, f"/v1.0/users/{owner}/registeredDevices")).json["value"]
    assert [row["deviceName"] for row in managed] == ["NEW-PC"]
    assert [row["displayName"] for row in registered] == ["NEW-PC", "NEW-PC", "BYOD"]


def test_the_readme_lists_all_its_people_and_nobody_else() -> None:
    listed = re.findall(r"^\| `([\w-]+)` \| \S", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [*people.load().people]
