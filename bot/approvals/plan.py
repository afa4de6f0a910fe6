"""A change worked out to the last byte before anybody is asked: requests, the state they rest on, and their effect."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.changes.tenant_state import Difference, Look
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState
from bot.store.seal import canonical, digest
from bot.tenant import Group

MOST_GROUPS = 20  # changed in one plan: an approver signs what they see, and nobody reads more
APPS = (PIN_SERVICE, PIN_CLIENT)  # consent in this order


class Kind(StrEnum):
    """What is asked for."""

    CONSENT = "consent"
    PROFILE = "profile"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    UNDO = "undo"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Write(_Frozen):
    """One request to Graph: exactly this is sent, or nothing."""

    method: Literal["POST", "PATCH"]
    path: str  # from /v1.0 or /beta on
    body: dict[str, JsonValue]


class Step(_Frozen):
    """A write, and how to tell whether it has happened."""

    write: Write
    look: Look
    before: JsonValue
    after: JsonValue
    repeatable: bool  # harmless when sent twice; a profile that was created twice is not


class Basis(_Frozen):
    """A state that the plan was computed from: any other, and the approval is void."""

    look: Look
    state: JsonValue


class ConsentLink(_Frozen):
    """Where a human gives consent, bound to the tenant."""

    app_id: str
    url: str


class AppEffect(_Frozen):
    """One of the two apps, and what the bot itself would do to it (nothing, where the human uses the link)."""

    app_id: str
    state: AppState
    act: Literal["none", "create", "enable"]


class ConsentEffect(_Frozen):
    """The two apps, service first."""

    kind: Literal["consent"] = "consent"
    apps: tuple[AppEffect, ...]
    links: tuple[ConsentLink, ...]


class ProfileEffect(_Frozen):
    """A new profile, or the differences to be corrected in one that is there."""

    kind: Literal["profile"] = "profile"
    profile_id: str = ""  # empty: a new one
    profile_name: str
    oma_uri: str
    differences: tuple[Difference, ...] = ()
    unclear: int = 0  # of other policies: each may set the same value, for example because it could not be checked


class GroupSize(_Frozen):
    """A group and the members it had when the plan was made; name empty: no longer in the tenant."""

    id: str
    name: str
    users: int
    devices: int


class AssignEffect(_Frozen):
    """Who comes in, who goes out. `devices`, `users`: members of all changed groups; in two of them counts twice."""

    kind: Literal["assign"] = "assign"
    profile_id: str
    profile_name: str
    included: tuple[GroupSize, ...] = ()
    excluded: tuple[GroupSize, ...] = ()
    removed: tuple[GroupSize, ...] = ()  # were included
    readmitted: tuple[GroupSize, ...] = ()  # were excluded
    kept: tuple[GroupSize, ...] = ()
    kept_excluded: tuple[GroupSize, ...] = ()
    others: tuple[str, ...] = ()  # kept targets that are no group: their @odata.type
    filters: int = 0  # assignments with a filter among those kept
    devices: int = 0
    users: int = 0

    @property
    def changed(self) -> tuple[GroupSize, ...]:
        """All groups that the plan touches."""
        return self.included + self.excluded + self.removed + self.readmitted

    @property
    def uncovered(self) -> tuple[GroupSize, ...]:
        """Who is no longer covered by these groups. Their devices may keep the setting until it is changed there."""
        return self.removed + self.excluded


Effect = ConsentEffect | ProfileEffect | AssignEffect


class Plan(_Frozen):
    """What an approver signs and the worker does. Its digest covers every field."""

    kind: Kind
    tenant_id: str
    object_key: str  # two plans with the same key are never open at once
    basis: tuple[Basis, ...]
    steps: tuple[Step, ...]
    effect: Effect = Field(discriminator="kind")

    def canonical(self) -> str:
        """The one text of this plan, as it is stored."""
        return canonical(self.model_dump(mode="json"))

    def digest(self) -> str:
        """SHA-256 of that text."""
        return digest(self.canonical())

    @classmethod
    def filed(cls, text: str, filed: str) -> Self | None:
        """A stored plan, or None when it is not the one of that digest, or of a version that is not known here."""
        try:
            return cls.read(text) if digest(text) == filed else None
        except ValidationError:
            return None

    @classmethod
    def read(cls, text: str) -> Self:
        """A stored plan. Raises pydantic.ValidationError for anything that this code does not know."""
        return cls.model_validate_json(text)


Groups = Mapping[str, Group]
"""By id in lower case: all that are named, and all that the profile is assigned to (deleted ones may be missing)."""
