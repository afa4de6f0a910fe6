"""What is known of a person, a device and the tenant. Unknown is a value of its own and never guessed away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PIN_SERVICE = "b8456c59-1230-44c7-a4a2-99b085333e84"  # app id of Microsoft Pin Reset Service Production
PIN_CLIENT = "9115dd05-fad5-4f9c-acc7-305d08b1b04e"  # app id of Microsoft Pin Reset Client Production


class Platform(StrEnum):
    """Only Windows has a Windows Hello PIN."""

    WINDOWS = "windows"
    MAC = "mac"
    PHONE = "phone"
    OTHER = "other"


class DeviceKind(StrEnum):
    """What a Windows device is. Only the first one can stand in front of somebody who forgot a PIN."""

    PC = "pc"
    CLOUD_PC = "cloud_pc"  # Windows 365
    SESSION_HOST = "session_host"  # Azure Virtual Desktop, several people at once
    VIRTUAL = "virtual"  # any other virtual machine, those of Azure Virtual Desktop for one person among them
    SERVER = "server"


class Join(StrEnum):
    """How the device belongs to the organisation (Graph device.trustType: AzureAd, ServerAd, Workplace)."""

    ENTRA = "entra"
    HYBRID = "hybrid"
    REGISTERED = "registered"
    ON_PREMISES = "on_premises"  # never seen in Entra: only the person can say so
    UNKNOWN = "unknown"


class Edition(StrEnum):
    """Edition family of Windows (beta managedDevice.skuNumber); the LTSC releases are Enterprise, told by the build."""

    ENTERPRISE = "enterprise"
    EDUCATION = "education"
    PRO = "pro"
    HOME = "home"
    UNKNOWN = "unknown"


class Trust(StrEnum):
    """Trust model of Windows Hello for Business: Graph does not know it; the operator sets it."""

    CLOUD = "cloud"
    KEY = "key"
    CERTIFICATE = "certificate"
    UNKNOWN = "unknown"


class GroupPolicy(StrEnum):
    """May PCs of a domain have a group policy for PIN recovery? Graph does not know it; the operator sets it."""

    NONE = "none"
    POSSIBLE = "possible"


class Recovery(StrEnum):
    """May this one device reset its PIN without losing keys? Only CanReset on the PC proves READY."""

    READY = "ready"  # both apps enabled, and the device or its user is covered by a right source
    POLICY_ONLY = "policy_only"  # covered, but an app is missing or disabled: the reset ends in an error
    NONE = "none"
    UNKNOWN = "unknown"


class Whereabouts(StrEnum):
    """Where the person stands."""

    SIGNED_IN = "signed_in"
    LOCKED = "locked"


class Management(StrEnum):
    """Who configures the device (Graph managedDevice.managementAgent)."""

    INTUNE = "intune"
    CO_MANAGED = "co_managed"  # and its device configuration comes from Intune
    CONFIGURATION_MANAGER = "configuration_manager"  # co-managed, but that workload is not Intune's, or it is not told
    TENANT_ATTACHED = "tenant_attached"  # Intune policy does not apply
    OTHER = "other"  # e.g. security settings through Defender only, or not told
    NONE = "none"


class AppState(StrEnum):
    """State of one of the two PIN reset service principals."""

    MISSING = "missing"
    DISABLED = "disabled"
    ENABLED = "enabled"


class Grant(StrEnum):
    """What a look at the client app's grant for the service app showed."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    NOT_PERMITTED = "not_permitted"  # the bot may not read grants
    UNKNOWN = "unknown"  # the tenant does not say right now

    @property
    def confirmed(self) -> bool | None:
        """None: it could not be read."""
        return {Grant.CONFIRMED: True, Grant.NOT_CONFIRMED: False}.get(self)


class Consent(StrEnum):
    """Where consent stands: one state, one next step. For an app that is switched off no link helps, so that comes
    first; a grant is looked for only where both apps are there."""

    DISABLED = "disabled"  # an app, or both: to be enabled in Entra
    MISSING = "missing"  # an app, or both: the links
    NOT_GRANTED = "not_granted"  # both there, no tenant-wide grant: the links again
    UNREAD = "unread"  # both there, and the grant can't be read
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Apps:
    """The two PIN reset apps of the tenant, matched by app id, and the grant of one for the other."""

    service: AppState
    client: AppState
    grant: Grant = Grant.UNKNOWN

    @property
    def consent(self) -> Consent:
        """Where consent stands."""
        states = {self.service, self.client}
        checks = (
            (Consent.DISABLED, AppState.DISABLED in states),
            (Consent.MISSING, AppState.MISSING in states),
            (Consent.NOT_GRANTED, self.grant is Grant.NOT_CONFIRMED),
            (Consent.GIVEN, self.grant is Grant.CONFIRMED),
        )
        return next((consent for consent, holds in checks if holds), Consent.UNREAD)

    def state_of(self, app_id: str) -> AppState:
        """The state of one of the two."""
        return {PIN_SERVICE: self.service, PIN_CLIENT: self.client}[app_id]


@dataclass(frozen=True, slots=True)
class Device:
    """One device of one person. Names are foreign text."""

    reference: str  # opaque: what a button carries; resolved again among the presser's own devices
    name: str
    platform: Platform = Platform.WINDOWS
    join: Join = Join.UNKNOWN
    build: int | None = None  # third number of the Windows version, e.g. 26100
    edition: Edition = Edition.UNKNOWN
    ltsc: bool = False
    iot: bool = False  # of an LTSC: the one for IoT, which is serviced longer
    management: Management = Management.NONE
    last_seen: datetime | None = None  # UTC; of Intune's last sync or Entra's coarse sign-in stamp, the newer
    recovery: Recovery = Recovery.UNKNOWN
    enabled: bool = True
    kind: DeviceKind = DeviceKind.PC
    deleted: bool = False  # Intune still lists it, and Entra was asked and has no such object
    other_names: frozenset[str] = frozenset()  # of a PC that was renamed: what Entra still calls it
    read: bool = True  # False: only what lists tell is known; ask for it by its reference
    consent: Consent | None = None  # of the tenant, which the service needs; None: not read


MOST_SHOWN = 8  # devices of one person at once, and so many are read at once
STALE_AFTER = timedelta(days=30)  # Entra refreshes its sign-in stamp only about every 14 days (GRAPH.md)


def is_stale(last_seen: datetime | None, now: datetime) -> bool:
    """Is the inventory too old to be relied on? A device that was never seen is. Both in UTC, with the zone."""
    return last_seen is None or now - last_seen > STALE_AFTER


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the tenant knows them."""

    object_id: str
    display_name: str
    user_principal_name: str
    guest: bool = False
    federated: bool | None = None  # is the domain of the user principal name federated? None: not known
    hello_key: bool | None = None  # has any Windows Hello for Business key? None: not known
    language: str = ""  # the one that the person or an admin chose in the tenant; often none


class Standing(StrEnum):
    """Whether somebody may have a role at all."""

    MEMBER = "member"
    GUEST = "guest"
    DISABLED = "disabled"
    ABSENT = "absent"  # the tenant has no such account


@dataclass(frozen=True, slots=True)
class Inventory:
    """A person and all their devices: PCs that somebody can sit at and that are managed first, of these the most
    recently used."""

    account: Account
    devices: tuple[Device, ...]

    @property
    def windows(self) -> tuple[Device, ...]:
        """Those that may have a Windows Hello PIN."""
        return tuple(device for device in self.devices if device.platform is Platform.WINDOWS)


def in_front(devices: Iterable[Device]) -> Device | None:
    """The one that somebody most likely sits at: never one that runs elsewhere; a deleted one, or one that is the
    person's own and only registered, for want of another."""
    physical = [device for device in devices if device.kind is DeviceKind.PC]
    likely = (device for device in physical if not device.deleted and not _is_private(device))
    return next(likely, next(iter(physical), None))


def _is_private(device: Device) -> bool:
    return device.management is Management.NONE and device.join is Join.REGISTERED
