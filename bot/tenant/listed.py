"""A person's devices as the two lists tell of them, Intune's and Entra's: who is whose twin, and which come first.

Pure. What only a look at each device tells (edition, Entra's object) is added to those that are shown.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.reset_rules.builds import is_told
from bot.reset_rules.editions import Sku, sku_of
from bot.reset_rules.facts import Device, DeviceKind, Join, Management, Platform
from bot.tenant.models import EntraDevice, Hardware, ManagedDevice

NO_DEVICE_ID = "00000000-0000-0000-0000-000000000000"

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
_LONGEST = 10  # digits of a build, whatever an inventory says
_MODELS = (("cloud pc", DeviceKind.CLOUD_PC), ("virtual machine", DeviceKind.VIRTUAL))  # how Intune's `model` begins


@dataclass(frozen=True, slots=True)
class Listed:
    """One device: Intune's row, Entra's objects, and its edition. `read`: all that a card needs was read."""

    managed: ManagedDevice | None
    objects: tuple[EntraDevice, ...] = ()
    hardware: Hardware | None = None
    read: bool = False

    @property
    def entra(self) -> EntraDevice | None:
        """A hybrid PC often has a registered twin: the stronger join wins, then the newer sign-in."""
        return max(self.objects, key=_rank, default=None)

    @property
    def device_id(self) -> str:
        """Entra's id of the device as Intune repeats it; empty where it names none."""
        named = ((self.managed and self.managed.azure_ad_device_id) or "").lower()
        return "" if named == NO_DEVICE_ID else named

    @property
    def identity(self) -> str:
        """What tells it from every other device."""
        return self.managed.id if self.managed else self.entra.id if self.entra else ""

    def reference(self, tenant_id: str) -> str:
        """What a button carries instead of an id."""
        return hashlib.sha256(f"{tenant_id} {self.identity}".encode()).hexdigest()[:16]

    @property
    def is_windows(self) -> bool:
        """May it have a Windows Hello PIN?"""
        return _platform(self.system) is Platform.WINDOWS

    @property
    def names(self) -> frozenset[str]:
        """All that it is called, in lower case: who renames a PC keeps the old name in Entra for a while, or for
        ever."""
        managed = (self.managed and self.managed.device_name) or ""
        return frozenset(name.lower() for name in (managed, *(one.display_name or "" for one in self.objects)) if name)

    @property
    def system(self) -> str:
        """The operating system."""
        return (self.managed and self.managed.operating_system) or (self.entra and self.entra.operating_system) or ""

    @property
    def sku(self) -> Sku:
        """The edition, as far as it was read."""
        entra = (self.entra and self.entra.operating_system) or ""
        code, family = (self.hardware.sku_number, self.hardware.sku_family) if self.hardware else (0, "")
        return sku_of(code or 0, family or "", f"{self.system} {entra}")

    @property
    def kind(self) -> DeviceKind:
        """By the edition where that says it, else by the model."""
        model = ((self.managed and self.managed.model) or "").strip().lower()
        named = next((kind for begin, kind in _MODELS if model.startswith(begin)), DeviceKind.PC)
        return named if self.sku.kind is DeviceKind.PC else self.sku.kind

    @property
    def last_seen(self) -> datetime | None:
        """The newer of Intune's last sync and Entra's coarse stamp."""
        stamps = (
            self.managed and self.managed.last_sync_date_time,
            self.entra and self.entra.approximate_last_sign_in_date_time,
        )
        return max((stamp for stamp in stamps if stamp), default=None)

    @property
    def deleted(self) -> bool:
        """Was Entra asked, and has no such object?"""
        known = {(found.device_id or "").lower() for found in self.objects}
        return bool(self.read and self.device_id and self.device_id not in known)

    @property
    def may_be_promised(self) -> bool:
        """Can its recovery be anything but unknown?"""
        return self.read and self.sku.named and not self.deleted

    def told(self, tenant_id: str) -> Device:
        """All that decides a reset but recovery, which the tenant decides."""
        entra, sku, name = self.entra, self.sku, self._name()
        return Device(
            reference=self.reference(tenant_id),
            name=name,
            platform=_platform(self.system),
            join=self._join(),
            build=self._build(),
            edition=sku.edition,
            ltsc=sku.ltsc,
            iot=sku.iot,
            management=_management(self.managed),
            last_seen=self.last_seen,
            enabled=entra is None or entra.account_enabled is not False,
            kind=self.kind,
            deleted=self.deleted,
            other_names=self.names - {name.lower()},
            read=self.read,
        )

    def _name(self) -> str:
        return (self.managed and self.managed.device_name) or (self.entra and self.entra.display_name) or ""

    def _join(self) -> Join:
        join = _JOINS.get((self.entra and self.entra.trust_type) or "")
        return join or _BETA_JOINS.get((self.hardware and self.hardware.join_type) or "", Join.UNKNOWN)

    def _build(self) -> int | None:
        """Intune's word, and where that says nothing Entra's."""
        versions = (self.managed and self.managed.os_version, self.entra and self.entra.operating_system_version)
        return next((build for version in versions if (build := _number(version or "")) is not None), None)


def listed(managed: Iterable[ManagedDevice], registered: Iterable[EntraDevice]) -> tuple[Listed, ...]:
    """All devices in the order in which they are shown."""
    devices = {row.id: Listed(row) for row in managed}
    by_device_id = {device.device_id: key for key, device in devices.items() if device.device_id}
    # Joined objects first: their names tell whose registered twin another one is.
    for found in sorted(registered, key=_rank, reverse=True):
        if not (found.display_name or found.device_id or found.operating_system):
            continue  # only an id: not one that may be read
        device_id = (found.device_id or "").lower()
        key = by_device_id.get(device_id) or _twin(found, devices.items()) or device_id or found.id
        by_device_id.setdefault(device_id, key)
        devices[key] = with_objects(devices.get(key, Listed(None)), (found,))
    return tuple(sorted(devices.values(), key=_first, reverse=True))


def with_objects(device: Listed, objects: Iterable[EntraDevice]) -> Listed:
    """With these objects of Entra's too, each once."""
    all_objects = {found.id: found for found in (*device.objects, *objects)}
    return replace(device, objects=tuple(all_objects.values()))


def without_twins(devices: Iterable[Listed]) -> Iterator[Listed]:
    """Once Entra's objects were read, a registered twin may be known by the old name of a PC."""
    known = tuple(devices)
    read = [(device.identity, device) for device in known if device.managed]
    for device in known:
        if device.managed or not device.entra or not _twin(device.entra, read):
            yield device


def _twin(found: EntraDevice, devices: Iterable[tuple[str, Listed]]) -> str | None:
    """The key of the PC that this is a second object of: registered before it was joined, under a device id of its own.

    Nothing but the name ties the two; both are the same person's.
    """
    if _JOINS.get(found.trust_type or "") is not Join.REGISTERED or not found.display_name:
        return None
    wanted = found.display_name.lower()
    return next((key for key, device in devices if device.managed and wanted in device.names), None)


def _first(device: Listed) -> tuple[bool, bool, bool, datetime]:
    """What somebody most likely means comes first: what has a PIN, stands on a desk, is managed, was used last."""
    return (
        device.is_windows,
        device.kind is DeviceKind.PC,
        device.managed is not None,
        device.last_seen or _LONG_AGO,
    )


def _rank(found: EntraDevice) -> tuple[int, datetime]:
    join = _JOINS.get(found.trust_type or "")
    strength = len(_STRONGEST) - _STRONGEST.index(join) if join else 0
    return strength, found.approximate_last_sign_in_date_time or _LONG_AGO


def _management(managed: ManagedDevice | None) -> Management:
    """Of a co-managed PC the workload decides: until it is switched, Configuration Manager configures the device."""
    if managed is None:
        return Management.NONE
    management = _AGENTS.get(managed.management_agent or "", Management.OTHER)
    switched = managed.workloads is not None and managed.workloads.device_configuration is True
    return Management.CONFIGURATION_MANAGER if management is Management.CO_MANAGED and not switched else management


def _platform(system: str) -> Platform:
    named = system.lower()
    if named.startswith("windows"):
        return Platform.WINDOWS
    if "mac" in named:
        return Platform.MAC
    return Platform.PHONE if named.startswith(("ios", "ipad", "iphone", "android")) else Platform.OTHER


def _number(version: str) -> int | None:
    """The third number of 10.0.26100.4061, or of 10.0 (26100) as a domain writes it; 0.0.0.0 was never read."""
    parts = version.replace(" (", ".").replace(")", "").split(".")
    build = int(parts[2]) if len(parts) > 2 and parts[2].isdecimal() and len(parts[2]) < _LONGEST else None
    return build if is_told(build) else None
