"""What is known of a person, a device and the tenant. Unknown is a value of its own and never guessed away."""

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
    multi_session: bool = False  # a host that many share: Intune applies no profile of this kind there


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


@dataclass(frozen=True, slots=True)
class Inventory:
    """A person and their devices, the most recently used first."""

    account: Account
    devices: tuple[Device, ...]


class AppState(StrEnum):
    """State of one of the two PIN reset service principals."""

    MISSING = "missing"
    DISABLED = "disabled"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class Apps:
    """The two PIN reset apps, matched by app id. `granted`: is there a tenant-wide grant? None: not read."""

    service: AppState
    client: AppState
    granted: bool | None = None
