"""People, groups, devices and policies of the customer's Microsoft tenant, by the questions we ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.reset_rules.facts import Account, Inventory, Standing
from bot.reset_rules.sources import RecoverySource
from bot.reset_rules.why import Evidence


class Devices(Protocol):
    """What a person owns."""

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """The person and all their own devices; cached some minutes, one look-up at a time.

        The Windows devices of the references are read with all that decides, recovery state included; without
        references, or with those of nothing, the first MOST_SHOWN. Of the others only what lists tell is known.

        Raises errors.TenantUnreachable, errors.NotPermitted, errors.NotFound or errors.TenantRefused.
        """
        ...

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """The same without waiting for what else may set PIN recovery: the recovery state is unknown."""
        ...


class Sources(Protocol):
    """What sets PIN recovery in the tenant."""

    async def read(self) -> tuple[RecoverySource, ...]:
        """All that sets it or could not be checked, with its assignments, read now; what can't be read is in it too.

        Raises the errors of Devices.inventory where not even the custom profiles can be listed.
        """
        ...


class Roles(Protocol):
    """Who may ask, who may decide, who may look up others: by object id, from the tenant, kept at most a minute.

    Every method raises errors.TenantUnreachable, errors.NotPermitted or errors.TenantRefused; who has no right then
    is nobody.
    """

    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:
        """Guests and disabled accounts never are. `fresh`: asked now, whatever is kept."""
        ...

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:
        """The same."""
        ...

    async def is_help_desk(self, object_id: str, *, fresh: bool = False) -> bool:
        """The same. Nobody is where no group is set."""
        ...

    async def approvers(self) -> frozenset[str]:
        """The object ids of all who may decide."""
        ...

    async def standing(self, object_id: str) -> Standing:
        """Why somebody in the right group has no role all the same."""
        ...


class Filling(StrEnum):
    """How a dynamic group fills: by a rule about devices or users, or by one that is paused."""

    DEVICES = "devices"
    USERS = "users"
    PAUSED_DEVICES = "paused_devices"
    PAUSED_USERS = "paused_users"


@dataclass(frozen=True, slots=True)
class Group:
    """A group and the users and devices in it, nested ones included. `filling`: None for one that people fill."""

    id: str  # lower case
    name: str  # foreign text
    users: int
    devices: int
    security: bool = True
    filling: Filling | None = None
    counted: bool = True  # False: one of very many of its name, whose members were not counted


MOST_COUNTED = 20  # groups of one name: nobody chooses among more, and each costs two calls


MOST_MEANT = 3  # by a name that none has


class Groups(Protocol):
    """Groups that a person names. Every method raises the errors of Roles."""

    async def find(self, name_or_id: str) -> tuple[Group, ...]:
        """The groups of this id or of exactly this name: none, one, or several to choose from. Only the first
        MOST_COUNTED of them are counted."""
        ...

    async def like(self, name: str, most: int = MOST_MEANT) -> tuple[Group, ...]:
        """Security groups that may have been meant by a name that none has, or by its beginning: so many at most, the
        most similar first, not counted. Without a name the first ones by the alphabet."""
        ...

    async def pcs(self, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Of each group, by its id in lower case, the Windows devices in it, nested groups included: the name of each
        by its device id. For a few groups of known size; one that is gone or can't be read is missing."""
        ...

    async def sizes(self, ids: Iterable[str]) -> dict[str, Group]:
        """By id in lower case; deleted ones are missing."""
        ...


@dataclass(frozen=True, slots=True)
class GraphCall:
    """One write as it goes over the wire; `path` from /v1.0 or /beta on."""

    method: str
    path: str
    body: Mapping[str, Any]
    request_id: str  # ours
    justification: str  # base64, for Multi Admin Approval; ignored where the tenant has none
    approval_code: str = ""  # of an earlier try that Multi Admin Approval held


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What came of one write that was sent once. `status` None: no answer, so perhaps written, perhaps not."""

    status: int | None
    request_id: str = ""  # Graph's, for Microsoft's support
    approval_code: str = ""  # of Multi Admin Approval: filed there, not done
    retry_after: float = 0.0  # seconds


MOST_CHOICES = 5  # people or PCs that are offered where a name is not enough


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Whom a name may mean. `exact`: it is theirs; else they are only like it. `more` than are named here."""

    people: tuple[Account, ...] = ()
    exact: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class PersonsPcs:
    """Somebody, and a page of their PCs with all that decides for each; `count`: of all pages."""

    account: Account
    pcs: tuple[Evidence, ...]
    count: int


@dataclass(frozen=True, slots=True)
class PcChoice:
    """One of several PCs that a name may mean. Name and owner are foreign text; `owner`: the sign-in name of its user,
    empty where Intune names none, None where only Entra was asked."""

    reference: str
    name: str
    owner: str | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class FoundPcs:
    """Which PC a name means: one with all that decides for it, or several. `exact`: as with people.

    `groups`, `filters`: by id, the names of those in its sources' assignments, as far as they are read.
    """

    choices: tuple[PcChoice, ...] = ()
    exact: bool = False
    more: bool = False
    evidence: Evidence | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)


class Lookup(Protocol):
    """People and PCs that somebody else names: for whoever may, which the caller has looked up.

    Every method raises the errors of Devices.inventory.
    """

    async def people(self, name: str) -> FoundPeople:
        """By display name, sign-in name or mail address; where none is exactly so, those that are like it."""
        ...

    async def person(self, object_id: str, page: int = 1) -> PersonsPcs:
        """Their PCs, MOST_CHOICES on a page."""
        ...

    async def pcs(self, name: str, reference: str = "") -> FoundPcs:
        """By name; of several of one name the one of this reference. Constant in calls, whatever is found."""
        ...


class Writes(Protocol):
    """What a change to the tenant needs: look, write once, look again. Nothing here is cached or sent twice."""

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """All rows of a collection; `path` from /v1.0 or /beta on.

        Raises errors.TenantUnreachable, errors.NotPermitted, errors.NotFound or errors.TenantRefused.
        """
        ...

    async def send(self, call: GraphCall) -> WriteResult:
        """One request, sent exactly once. Never raises for an answer of Graph's, nor for none."""
        ...


class People(Protocol):
    """Who somebody is, for cards that others read: from the tenant, never from what the chat client shows."""

    async def account(self, object_id: str) -> Account:
        """Kept an hour. Raises the errors of Roles, and errors.NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Overview:
    """How a profile fares on devices, as Intune last counted; per device and user. None: not told."""

    succeeded: int
    error: int
    conflict: int | None
    pending: int
    not_applicable: int
    at: datetime | None


class Rollout(Protocol):
    """How far the rollout is, for the whole tenant. The methods raise the errors of Roles."""

    async def overview(self, profile_id: str) -> Overview:
        """The figures of one profile."""
        ...


class InstallOutcome(StrEnum):
    """What came of giving somebody the bot's app."""

    INSTALLED = "installed"
    BLOCKED = "blocked"  # a policy leaves this person out, or the manifest names another app than the bot's
    NO_TEAMS = "no_teams"  # the person is unknown there
    NOT_IN_CATALOGUE = "not_in_catalogue"


class PersonalApps(Protocol):
    """The bot's own Teams app, for one person. Every method raises the errors of Roles, and errors.NotFound for
    somebody who has no Teams; errors.NotPermitted where the operator did not grant it."""

    async def installation(self, object_id: str) -> str:
        """The id of their installation, empty where there is none."""
        ...

    async def chat(self, object_id: str, installation: str) -> str:
        """The id of the conversation that an installation has."""
        ...

    async def install(self, object_id: str) -> InstallOutcome:
        """Put it there, once: where no answer comes (errors.TenantUnreachable) only a look tells."""
        ...
