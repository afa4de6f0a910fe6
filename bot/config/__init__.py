"""Settings, read once at the start; a bot that is only half configured refuses to run."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.config import environment, values
from bot.config.values import SQLITE, is_loopback
from bot.reset_rules.facts import GroupPolicy, Trust

_CREDENTIALS = {
    "MICROSOFT_APP_PASSWORD": "app_password",
    "MICROSOFT_APP_PASSWORD_FILE": "app_password_file",
    "MICROSOFT_APP_CERTIFICATE": "app_certificate",
}
OVERRIDES = ("graph_url", "login_url", "openid_url", "connector_url")


class AppType(StrEnum):
    """Exactly the two types that Microsoft still registers; anything else would switch authentication off."""

    SINGLE_TENANT = "SingleTenant"
    MANAGED_IDENTITY = "UserAssignedMSI"


class Cloud(StrEnum):
    """The Microsoft cloud that the tenant lives in."""

    PUBLIC = "public"
    US_GOV = "usgov"
    US_GOV_DOD = "usgovdod"


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class SettingsError(Exception):
    """The settings do not fit; the message names each setting and what to do, never a value."""


Guid = Annotated[str, AfterValidator(values.guid)]
Key = Annotated[SecretStr, AfterValidator(values.long_enough)]
LoopbackUrl = Annotated[str, AfterValidator(values.loopback_url)]


class Settings(BaseSettings):
    """What the operator decides. The README's table is compared with these fields.

    A name without a value, as templates of `.env` have them, is not set.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    app_id: Guid = Field(alias="MICROSOFT_APP_ID", description="Application (client) id of the bot's registration")
    app_type: AppType = Field(alias="MICROSOFT_APP_TYPE", description="`SingleTenant` or `UserAssignedMSI`")
    app_password: Annotated[SecretStr | None, AfterValidator(values.trimmed)] = Field(
        None, alias="MICROSOFT_APP_PASSWORD", description="Client secret (`SingleTenant`; this or another credential)"
    )
    app_password_file: Path | None = Field(
        None,
        alias="MICROSOFT_APP_PASSWORD_FILE",
        description="Path of a file with the client secret; a renewed one is taken without a restart",
    )
    app_certificate: Path | None = Field(
        None,
        alias="MICROSOFT_APP_CERTIFICATE",
        description="Path of a PEM file with key and certificate, taken likewise",
    )
    token_file: Path | None = Field(
        None,
        alias="AZURE_FEDERATED_TOKEN_FILE",
        description="Path of a federated token (workload identity; AKS sets it); used where no other credential is set",
    )
    tenant_id: Guid = Field(
        alias="MICROSOFT_APP_TENANT_ID", description="The one tenant that is served; all others are refused"
    )
    host: str = Field("127.0.0.1", alias="PINBOT_HOST", description="Address to listen on")
    port: int = Field(3978, ge=0, le=65535, alias="PINBOT_PORT", description="Port to listen on")
    database_url: Annotated[str, AfterValidator(values.database_url)] = Field(
        f"{SQLITE}pin-reset-bot.sqlite3",
        alias="PINBOT_DATABASE_URL",
        description="Where requests, the audit, questions and addresses of chats are kept; the file gets mode 0600",
    )
    admin_group_id: Guid = Field(alias="PINBOT_ADMIN_GROUP_ID", description="Entra group whose members may ask")
    approver_group_id: Guid = Field(
        alias="PINBOT_APPROVER_GROUP_ID", description="Entra group whose members may approve"
    )
    help_desk_group_id: Guid | Literal[""] = Field(
        "",
        alias="PINBOT_HELP_DESK_GROUP_ID",
        description="Entra group whose members may look up people and PCs; without it nobody may look up people",
    )
    cloud: Cloud = Field(Cloud.PUBLIC, alias="PINBOT_CLOUD", description="`public`, `usgov` or `usgovdod`")
    trust_model: Trust = Field(
        Trust.UNKNOWN,
        alias="PINBOT_TRUST_MODEL",
        description="Windows Hello trust of hybrid devices: `unknown`, `cloud`, `key` or `certificate`",
    )
    group_policy: GroupPolicy = Field(
        GroupPolicy.POSSIBLE,
        alias="PINBOT_GROUP_POLICY",
        description="May a PC of a domain have a group policy for PIN recovery, which Graph can't show: "
        "`possible` or `none`",
    )
    help_desk: str = Field(
        "", max_length=500, alias="PINBOT_HELP_DESK", description="The way to a human, shown on cards"
    )
    language: Annotated[str, AfterValidator(values.language)] = Field(
        "en",
        alias="PINBOT_LANGUAGE",
        description="The language of channels, and of people whose own is not known, e.g. `de` or `pt-BR`",
    )
    audit_key: Key = Field(
        alias="PINBOT_AUDIT_KEY", description="Secret of 32 characters or more that seals requests and the audit"
    )
    audit_key_file: Path | None = Field(
        None, alias="PINBOT_AUDIT_KEY_FILE", description="Instead: path of a file with it, read at the start"
    )
    audit_keys_before: Annotated[tuple[Key, ...], NoDecode] = Field(
        (), alias="PINBOT_AUDIT_KEYS_BEFORE", description="What `PINBOT_AUDIT_KEY` was before, separated by commas"
    )
    audit_keys_before_file: Path | None = Field(
        None, alias="PINBOT_AUDIT_KEYS_BEFORE_FILE", description="Instead: path of a file with these, one a line"
    )
    read_only: bool = Field(False, alias="PINBOT_READ_ONLY", description="`1`: nothing is written to the tenant")
    request_hours: int = Field(
        24, ge=1, le=24 * 30, alias="PINBOT_REQUEST_HOURS", description="After how many hours a request expires"
    )
    approval_hours: int = Field(
        24,
        ge=1,
        le=24 * 30,
        alias="PINBOT_APPROVAL_HOURS",
        description="After how many hours an approval that was not acted on is void",
    )
    group_growth: int = Field(
        10,
        ge=0,
        le=1_000,
        alias="PINBOT_GROUP_GROWTH",
        description="By how many percent (3 members at least) a group may grow until the write; `0`: not at all",
    )
    approvals_needed: Annotated[str, AfterValidator(values.counts)] = Field(
        "",
        alias="PINBOT_APPROVALS_NEEDED",
        description="Where more than one approver must agree, e.g. `assign=2,profile=2`",
    )
    reason_pattern: Annotated[str, AfterValidator(values.pattern)] = Field(
        "", alias="PINBOT_REASON_PATTERN", description="What each reason must contain, a regular expression"
    )
    time_zone: Annotated[str, AfterValidator(values.zone)] = Field(
        "UTC", alias="PINBOT_TIME_ZONE", description="Approvers are reminded in working hours of this zone"
    )
    work_starts: int = Field(8, ge=0, le=23, alias="PINBOT_WORK_STARTS", description="First working hour, Mon to Fri")
    work_ends: int = Field(18, ge=1, le=24, alias="PINBOT_WORK_ENDS", description="Hour at which work ends")
    approvals_channel: str = Field(
        "",
        alias="PINBOT_APPROVALS_CHANNEL",
        description="Id of a team's channel where approvers are asked, instead of in their own chats",
    )
    help_desk_channel: str = Field(
        "",
        alias="PINBOT_HELP_DESK_CHANNEL",
        description="Id of a team's channel where people answer what the bot can't; without it nobody is offered",
    )
    question_days: int = Field(
        30, ge=1, le=365, alias="PINBOT_QUESTION_DAYS", description="After how many days a question to people is erased"
    )
    create_apps: bool = Field(
        False,
        alias="PINBOT_CREATE_APPS",
        description="`1`: the bot creates the two service principals itself (needs Application.ReadWrite.All)",
    )
    turns_per_minute: int = Field(
        30, ge=1, le=100_000, alias="PINBOT_TURNS_PER_MINUTE", description="How often one person is answered"
    )
    public_url: Annotated[str, AfterValidator(values.https_host)] = Field(
        "", alias="PINBOT_PUBLIC_URL", description="The address under which Teams reaches the bot, `https://HOST`"
    )
    organisation: str = Field(
        "", max_length=20, alias="PINBOT_ORGANISATION", description="Who publishes the Teams app; its name begins so"
    )
    privacy_url: Annotated[str, AfterValidator(values.https_url)] = Field(
        "", alias="PINBOT_PRIVACY_URL", description="Your organisation's words on personal data, for the Teams app"
    )
    terms_url: Annotated[str, AfterValidator(values.https_url)] = Field(
        "", alias="PINBOT_TERMS_URL", description="Its terms of use; without it the words on personal data"
    )
    teams_app_id: Guid | Literal[""] = Field(
        "", alias="PINBOT_TEAMS_APP_ID", description="Id of the Teams app; without it one that follows from the bot's"
    )
    log: LogFormat = Field(
        LogFormat.TEXT,
        alias="PINBOT_LOG",
        description="How the log of `serve` is written: `text`, or `json` for programs",
    )
    graph_url: LoopbackUrl | None = Field(
        None, alias="PINBOT_GRAPH_URL", description="Simulated Graph; `/v1.0` and `/beta` lie under it"
    )
    login_url: LoopbackUrl | None = Field(None, alias="PINBOT_LOGIN_URL", description="Simulated login service")
    login_ca: Path | None = Field(None, alias="PINBOT_LOGIN_CA", description="CA file of the simulated login service")
    openid_url: LoopbackUrl | None = Field(
        None, alias="PINBOT_OPENID_URL", description="Metadata of the keys that sign simulated inbound activities"
    )
    connector_url: LoopbackUrl | None = Field(
        None, alias="PINBOT_CONNECTOR_URL", description="Simulated Teams connector: an extra allowed service URL"
    )

    @property
    def catalogue_id(self) -> str:
        """The Teams app's own id in the catalogue, for good: as set, or one that follows from the bot's."""
        return self.teams_app_id or str(uuid.uuid5(uuid.UUID(self.app_id), "teams app"))

    @property
    def audit_keys(self) -> tuple[bytes, tuple[bytes, ...]]:
        """The one that seals, and those of before."""
        newest, *before = (key.get_secret_value().encode() for key in (self.audit_key, *self.audit_keys_before))
        return newest, tuple(before)

    @property
    def credential(self) -> str:
        """The name of the setting that the bot signs in by."""
        return next(iter(self._credentials()), "AZURE_FEDERATED_TOKEN_FILE")

    @property
    def federated(self) -> Path | None:
        """The token's file, where it is what the bot signs in with: AKS sets its name wherever workload identity is."""
        return None if self._credentials() else self.token_file

    @model_validator(mode="before")
    @classmethod
    def _mounted(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A value or its file; what the file holds takes the value's place."""
        return values.with_mounted(given)

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        given = self._credentials()
        if self.app_type is AppType.MANAGED_IDENTITY and given:
            raise ValueError(f"UserAssignedMSI has no secret: remove {' and '.join(given)}")
        if self.app_type is AppType.SINGLE_TENANT and len(given) != 1 and (given or not self.token_file):
            raise ValueError(f"set exactly one of {', '.join(_CREDENTIALS)}, or AZURE_FEDERATED_TOKEN_FILE")
        if self.app_certificate and not self.app_certificate.is_file():
            raise ValueError("MICROSOFT_APP_CERTIFICATE names no file")
        if self.app_password_file:
            values.mounted("MICROSOFT_APP_PASSWORD_FILE", str(self.app_password_file))
        if self.federated:
            values.mounted("AZURE_FEDERATED_TOKEN_FILE", str(self.federated))
        return self

    def _credentials(self) -> list[str]:
        """The names of those that are set."""
        return [name for name, field in _CREDENTIALS.items() if getattr(self, field)]

    @model_validator(mode="after")
    def _work_ends_after_it_starts(self) -> Self:
        if self.work_starts >= self.work_ends:
            raise ValueError("PINBOT_WORK_STARTS must be before PINBOT_WORK_ENDS: nobody would ever be reminded")
        return self

    @model_validator(mode="after")
    def _overrides_only_on_loopback(self) -> Self:
        if any(getattr(self, name) for name in OVERRIDES) and not is_loopback(self.host):
            raise ValueError("PINBOT_*_URL overrides need PINBOT_HOST on loopback; remove them for a real tenant")
        if bool(self.login_url) != bool(self.login_ca):
            raise ValueError("PINBOT_LOGIN_URL and PINBOT_LOGIN_CA go together")
        return self


def read() -> Settings:
    """The settings of the environment and of `.env`.

    Raises SettingsError, which names every setting to mend and no value.
    """
    known = {str(field.alias) for field in Settings.model_fields.values()}
    unknown = environment.unknown({**dotenv_values(".env"), **os.environ}, known)
    if wrong := [*unknown, *environment.faults(os.environ)]:
        raise SettingsError("\n".join(wrong))
    with _named():
        return Settings()


def simulated(names: Mapping[str, str]) -> Settings:
    """The settings of a bot before a simulated tenant; what they leave open may come from the environment."""
    with _named():
        return Settings(_env_file=None, **dict(names))  # type: ignore[arg-type]  # by alias, as the environment does


@contextmanager
def _named() -> Iterator[None]:
    """Every setting that does not fit, and no value."""
    try:
        yield
    except ValidationError as error:
        raise SettingsError("\n".join(_plain(dict(detail)) for detail in error.errors())) from None


def _plain(detail: dict[str, Any]) -> str:
    name = " ".join(str(part) for part in detail["loc"])
    reason = "is missing" if detail["type"] == "missing" else str(detail["msg"]).removeprefix("Value error, ")
    return f"{name}: {reason}" if name else reason
