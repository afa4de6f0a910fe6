"""A person's devices with all that decides a PIN reset, from Graph in three or four round trips one after another."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from bot.chat.cache import Cache
from bot.errors import TenantUnreachable
from bot.reset_rules.facts import (
    Account,
    Device,
    Edition,
    Inventory,
    Join,
    Management,
    Platform,
    Recovery,
)
from bot.tenant.coverage import GraphCoverage, optional
from bot.tenant.graph import Graph
from bot.tenant.models import EntraDevice, Hardware, ManagedDevice
from bot.tenant.people import account
from bot.tenant.sources import GraphSources

PERSON_SECONDS = 300.0
MOST_PEOPLE = 1_000  # 200 a minute for five minutes; each takes more than a kilobyte
MOST_DEVICES = 10  # of one person, the most recently used; each costs two reads

_NO_DEVICE_ID = "00000000-0000-0000-0000-000000000000"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_JOINS = {"AzureAd": Join.ENTRA, "ServerAd": Join.HYBRID, "Workplace": Join.REGISTERED}
_BETA_JOINS = {
    "azureADJoined": Join.ENTRA,
    "hybridAzureADJoined": Join.HYBRID,
    "azureADRegistered": Join.REGISTERED,
}
_STRONGEST = (Join.HYBRID, Join.ENTRA, Join.REGISTERED)  # two Entra objects of one hybrid PC: the first of these wins
_AGENTS = {
    "mdm": Management.INTUNE,
    "easMdm": Management.INTUNE,
    "configurationManagerClientMdm": Management.CO_MANAGED,
    "configurationManagerClientMdmEas": Management.CO_MANAGED,
    "configurationManagerClient": Management.TENANT_ATTACHED,
}
# Codes of GetProductInfo (GRAPH.md).
_ENTERPRISE = {4, 27, 72, 84, 125, 126, 175, 188, 191, 205}
_MULTI_SESSION = {175}
_IOT_LTSC = {191, 205}  # 205: by subscription
_LTSC = {125, 126, *_IOT_LTSC}
_PRO = {48, 49, 161, 162}
_EDUCATION = {121, 122, 164, 165}  # Pro Education is counted as Education
_HOME = {98, 99, 100, 101}

Found = TypeVar("Found")


class GraphDevices:
    """Implements bot.tenant.Devices on Graph; without `remember` all is read anew each time.

    `group_policy`: may a PC of a domain have a group policy for PIN recovery?
    """

    def __init__(
        self,
        graph: Graph,
        tenant_id: str,
        clock: Callable[[], float],
        *,
        remember: bool = True,
        group_policy: bool = True,
    ) -> None:
        self._graph = graph
        self._tenant_id = tenant_id
        self._people = Cache[_Person](PERSON_SECONDS * remember, MOST_PEOPLE, clock)
        self.sources = GraphSources(graph, tenant_id, remember=remember)
        self._coverage = GraphCoverage(graph, self.sources, clock, remember=remember, group_policy=group_policy)

    async def inventory(self, object_id: str) -> Inventory:
        """The person and their own devices, the most recently used first."""
        person, rollout = await asyncio.gather(self._known(object_id), self._coverage.rollout())
        objects = {key: _right_object(found) for key, (_, found, _) in person.devices.items()}
        ids = {key: entra.id if entra else None for key, entra in objects.items()}
        return _inventory(person, await self._coverage.of(object_id, person.named, ids, rollout))

    async def so_far(self, object_id: str) -> Inventory:
        """The same, before everything that may set PIN recovery was read."""
        return _inventory(await self._known(object_id), {})

    async def _known(self, object_id: str) -> "_Person":
        return await self._people.get(object_id, lambda: self._look_up(object_id))

    async def _look_up(self, object_id: str) -> "_Person":
        """While Graph throttles nobody new is looked up: who asks is told at once, and Graph is left in peace."""
        if self._graph.is_throttled():
            raise TenantUnreachable("throttled")
        return await self._person(object_id)

    async def _person(self, object_id: str) -> "_Person":
        user, managed, registered, hello = await asyncio.gather(
            self._graph.user(object_id),
            self._graph.managed_devices(object_id),
            optional(self._graph.registered_devices(object_id)),
            optional(self._graph.hello_methods(object_id)),
        )
        managed = sorted(managed, key=lambda one: one.last_sync_date_time or _LONG_AGO, reverse=True)[:MOST_DEVICES]
        federated, details = await asyncio.gather(
            optional(self._graph.is_federated((user.user_principal_name or "").rpartition("@")[2])),
            asyncio.gather(*(self._details(one) for one in managed)),
        )
        devices = _joined(managed, details, registered or [])
        named = {key: self._device(*found) for key, found in devices.items()}
        return _Person(account(user, federated, None if hello is None else bool(hello)), devices, named)

    async def _details(self, managed: ManagedDevice) -> tuple[list[EntraDevice], Hardware | None]:
        """Entra's objects and the edition of one device of Intune's."""
        device_id = managed.azure_ad_device_id or _NO_DEVICE_ID
        objects, hardware = await asyncio.gather(
            _nothing() if device_id == _NO_DEVICE_ID else self._graph.entra_devices(device_id),
            optional(self._graph.hardware(managed.id)) if _is_windows(managed.operating_system) else _nothing(),
        )
        return objects or [], hardware if isinstance(hardware, Hardware) else None

    def _device(self, managed: ManagedDevice | None, objects: list[EntraDevice], hardware: Hardware | None) -> Device:
        entra = _right_object(objects)
        system = (managed and managed.operating_system) or (entra and entra.operating_system) or ""
        version = (managed and managed.os_version) or (entra and entra.operating_system_version) or ""
        seen = [
            stamp
            for stamp in (
                managed and managed.last_sync_date_time,
                entra and entra.approximate_last_sign_in_date_time,
            )
            if stamp
        ]
        identity = managed.id if managed else entra.id if entra else ""
        return Device(
            reference=hashlib.sha256(f"{self._tenant_id} {identity}".encode()).hexdigest()[:16],
            name=(managed and managed.device_name) or (entra and entra.display_name) or "",
            platform=_platform(system),
            join=_join(entra, hardware),
            build=_build(version),
            edition=_edition(hardware),
            ltsc=bool(hardware and hardware.sku_number in _LTSC),
            iot=bool(hardware and hardware.sku_number in _IOT_LTSC),
            management=_management(managed),
            last_seen=max(seen, default=None),
            enabled=entra is None or entra.account_enabled is not False,
            multi_session=bool(hardware and hardware.sku_number in _MULTI_SESSION),
        )


@dataclass(frozen=True, slots=True)
class _Person:
    """What Graph tells of a person: their devices as it does, and as the rules see them, by the same keys."""

    account: Account
    devices: "_Devices"
    named: dict[str, Device]


def _inventory(person: _Person, states: Mapping[str, Recovery]) -> Inventory:
    known = (replace(device, recovery=states.get(key, Recovery.UNKNOWN)) for key, device in person.named.items())
    return Inventory(person.account, tuple(sorted(known, key=lambda one: one.last_seen or _LONG_AGO, reverse=True)))


_Devices = dict[str, tuple[ManagedDevice | None, list[EntraDevice], Hardware | None]]


async def _nothing() -> None:
    return None


def _joined(
    managed: Iterable[ManagedDevice],
    details: Iterable[tuple[list[EntraDevice], Hardware | None]],
    registered: Iterable[EntraDevice],
) -> _Devices:
    """Intune's devices with Entra's objects of each, then those that only Entra knows."""
    devices: _Devices = {}
    for one, (objects, hardware) in zip(managed, details, strict=True):
        devices[one.azure_ad_device_id if objects and one.azure_ad_device_id else one.id] = (one, objects, hardware)
    for found in registered:
        key = _twin(found, devices) or found.device_id or found.id
        known = devices.get(key)
        if known is None:
            devices[key] = (None, [found], None)
        elif found.id not in {other.id for other in known[1]}:
            devices[key] = (known[0], [*known[1], found], known[2])
    return devices


def _twin(found: EntraDevice, devices: _Devices) -> str | None:
    """The key of the PC that this is a second object of: registered before it was joined, under a device id of its own.

    Nothing but the name ties the two; both are the same person's.
    """
    if _JOINS.get(found.trust_type or "") is not Join.REGISTERED or not found.display_name:
        return None
    names = {key: (managed.device_name or "").lower() for key, (managed, _, _) in devices.items() if managed}
    return next((key for key, name in names.items() if name == found.display_name.lower()), None)


def _right_object(objects: Iterable[EntraDevice]) -> EntraDevice | None:
    """A hybrid PC often has a registered twin: the stronger join wins, then the newer sign-in."""

    def rank(found: EntraDevice) -> tuple[int, datetime]:
        join = _JOINS.get(found.trust_type or "")
        strength = len(_STRONGEST) - _STRONGEST.index(join) if join else 0
        return strength, found.approximate_last_sign_in_date_time or _LONG_AGO

    return max(objects, key=rank, default=None)


def _is_windows(system: str | None) -> bool:
    return (system or "").lower().startswith("windows")


def _management(managed: ManagedDevice | None) -> Management:
    """Of a co-managed PC the workload decides: until it is switched, Configuration Manager configures the device."""
    if managed is None:
        return Management.NONE
    found = _AGENTS.get(managed.management_agent or "", Management.OTHER)
    switched = managed.workloads is not None and managed.workloads.device_configuration is True
    return Management.CONFIGURATION_MANAGER if found is Management.CO_MANAGED and not switched else found


def _platform(system: str) -> Platform:
    if _is_windows(system):
        return Platform.WINDOWS
    named = system.lower()
    if "mac" in named:
        return Platform.MAC
    return Platform.PHONE if named.startswith(("ios", "ipad", "iphone", "android")) else Platform.OTHER


def _join(entra: EntraDevice | None, hardware: Hardware | None) -> Join:
    found = _JOINS.get((entra and entra.trust_type) or "")
    return found or _BETA_JOINS.get((hardware and hardware.join_type) or "", Join.UNKNOWN)


def _build(version: str) -> int | None:
    parts = version.split(".")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else None


def _edition(hardware: Hardware | None) -> Edition:
    number = hardware.sku_number if hardware else None
    for edition, numbers in (
        (Edition.ENTERPRISE, _ENTERPRISE),
        (Edition.PRO, _PRO),
        (Edition.EDUCATION, _EDUCATION),
        (Edition.HOME, _HOME),
    ):
        if number in numbers:
            return edition
    return Edition.UNKNOWN
