"""The company of people.toml as plain data; ids are derived from names and so stay the same."""

import tomllib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
TENANT_ID = str(uuid.uuid5(NAMESPACE, "contoso.example"))
APP_ID = str(uuid.uuid5(NAMESPACE, "pin reset bot of contoso.example"))


@cache
def identity(*parts: str) -> str:
    """A GUID for a name."""
    return str(uuid.uuid5(NAMESPACE, " / ".join(parts)))


@dataclass(frozen=True)
class SimulatedDevice:
    """One device as Intune and Entra see it."""

    name: str
    owner: str
    version: str = "10.0.26100.4061"
    os: str = "Windows"
    sku: int | None = 4  # GetProductInfo code; None: Intune has not read it yet
    trust: str = "AzureAd"  # AzureAd, ServerAd (hybrid) or Workplace (registered)
    agent: str = "mdm"
    configured_by_intune: bool | None = True  # of a co-managed PC: is its device configuration switched to Intune?
    unseen_days: int = 0  # since it last reported
    twin: Literal["", "same", "own"] = ""  # a registered second object in Entra, with this device id or its own
    in_entra: bool = True  # False: Entra does not know it, Intune names no device id
    in_intune: bool = True  # False: only registered, nobody manages it
    enabled: bool = True
    model: str = "Model 14"  # "Cloud PC Enterprise …" of Windows 365; "Virtual Machine" of Azure
    family: str = ""  # Intune's name of the edition, where it is not that of the code
    deleted: bool = False  # its object was deleted in Entra; Intune goes on listing it
    entra_name: str = ""  # where Entra still has the name of before
    entra_version: str = ""  # where Entra's version is another one than Intune's

    @property
    def is_known(self) -> bool:
        """Does Entra have its object?"""
        return self.in_entra and not self.deleted

    @property
    def seen(self) -> str:
        """When it last reported, as Graph writes it: an hour and so many days ago."""
        return f"{datetime.now(UTC) - timedelta(days=self.unseen_days, hours=1):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def managed_id(self) -> str:
        """Intune's id."""
        return identity("managed", self.owner, self.name)

    @property
    def object_id(self) -> str:
        """Entra's object."""
        return identity("object", self.owner, self.name)

    @property
    def device_id(self) -> str:
        """Entra's device id, which Intune repeats."""
        return identity("device", self.owner, self.name)

    @property
    def twin_object_id(self) -> str:
        """Entra's second object."""
        return identity("twin object", self.owner, self.name)

    @property
    def twin_device_id(self) -> str:
        """The device id of the second object."""
        return self.device_id if self.twin == "same" else identity("twin device", self.owner, self.name)


@dataclass(frozen=True)
class Employee:
    """Somebody who can be played."""

    key: str
    name: str
    domain: str
    guest: bool = False
    installed: bool = True
    enabled: bool = True
    hello_key: bool = True
    user_type: bool = True  # False: an account older than 2014 has none
    devices: tuple[SimulatedDevice, ...] = ()

    @property
    def object_id(self) -> str:
        """Entra's object id."""
        return identity("person", self.key)

    @property
    def chat_id(self) -> str:
        """Teams' address."""
        return f"29:{identity('chat', self.key)}"

    @property
    def user_principal_name(self) -> str:
        """The sign-in name."""
        return f"{self.key}@{self.domain}"


@dataclass(frozen=True)
class CompanyGroup:
    """A security group and the object ids in it."""

    key: str
    name: str
    users: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Entra's object id."""
        return identity("group", self.key)


@dataclass
class Company:
    """Everybody and everything of people.toml."""

    domains: dict[str, str]
    people: dict[str, Employee] = field(default_factory=dict)
    groups: dict[str, CompanyGroup] = field(default_factory=dict)

    @property
    def devices(self) -> list[SimulatedDevice]:
        """All devices of all people."""
        return [device for person in self.people.values() for device in person.devices]


def load() -> Company:
    """Read people.toml."""
    read = tomllib.loads(Path(__file__).with_name("people.toml").read_text(encoding="utf-8"))
    company = Company({read["domain"]: "Managed", read["federated_domain"]: "Federated"})
    for key, entry in read["people"].items():
        devices = tuple(_devices(key, entry.pop("devices", ()), entry.pop("many", 0)))
        domain = read["federated_domain"] if entry.pop("federated", False) else read["domain"]
        company.people[key] = Employee(key=key, domain=domain, devices=devices, **entry)
    for key, entry in read["groups"].items():
        company.groups[key] = _group(key, entry, company)
    return company


def _devices(owner: str, entries: Iterable[dict[str, Any]], many: int) -> Iterator[SimulatedDevice]:
    """Those that are named, and as many numbered ones, the first one used last."""
    yield from (SimulatedDevice(owner=owner, **entry) for entry in entries)
    yield from (SimulatedDevice(f"CON-LAB-{number:02}", owner, unseen_days=number) for number in range(1, many + 1))


def _group(key: str, entry: dict[str, Any], company: Company) -> CompanyGroup:
    devices = [device for owner in entry.get("devices", ()) for device in company.people[owner].devices]
    return CompanyGroup(
        key,
        entry["name"],
        users=frozenset(company.people[one].object_id for one in entry.get("users", ())),
        devices=frozenset(
            device.object_id for device in devices if device.os == "Windows" and device.in_entra and not device.deleted
        ),
    )
