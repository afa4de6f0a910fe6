"""Settings, read once at the start; a bot that is only half configured refuses to run."""

import ipaddress
import os
import re
import zoneinfo
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.reset_rules.facts import GroupPolicy, Trust

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEY_LENGTH = 32
SQLITE = "sqlite+aiosqlite:///"
COUNTS = re.compile(r"[a-z_]+=[1-9](,[a-z_]+=[1-9])*")  # bot.background knows which kinds of change there are
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


class SettingsError(Exception):
    """The settings do not fit; the message names each setting and what to do, never a value."""


def _guid(value: str) -> str:
    value = value.strip().lower()
    if not GUID.fullmatch(value):
        raise ValueError("must be a GUID such as 00000000-0000-0000-0000-000000000000, without braces")
    return value


def _database_url(value: str) -> str:
    if not value.startswith(SQLITE):
        raise ValueError(f"must start with {SQLITE}")
    file = value.removeprefix(SQLITE).partition("?")[0]
    if file in {"", ":memory:"} or file.startswith("file:"):  # requests and the audit would end with the process
        raise ValueError(f"must name a file, such as {SQLITE}pin-reset-bot.sqlite3")
    return value


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < KEY_LENGTH:
        raise ValueError(f"must have {KEY_LENGTH} characters or more")
    return value


def _counts(value: str) -> str:
    if value and not COUNTS.fullmatch(value):
        raise ValueError("must look like assign=2,profile=2 (kinds of change; 1 to 9)")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error:
        raise ValueError("is no regular expression") from None
    return value


def _zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        raise ValueError("is no time zone such as Europe/Berlin")
    return value


def is_loopback(host: str) -> bool:
    """True for localhost and for addresses of 127.0.0.0/8 and ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _loopback_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not is_loopback(parts.hostname or "") or parts.username:
        raise ValueError("is for a simulated tenant only: its address must be http(s) on loopback")
    return value.rstrip("/")


def _https_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme != "https" or not parts.hostname or parts.username):
        raise ValueError("must be an address such as https://pinbot.example.com")
    return value.rstrip("/")


Guid = Annotated[str, AfterValidator(_guid)]
LoopbackUrl = Annotated[str, AfterValidator(_loopback_url)]


class Settings(BaseSettings):
    """What the operator decides. The README's table is compared with these fields.

    A name without a value, as templates of `.env` have them, is not set.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    app_id: Guid = Field(alias="MICROSOFT_APP_ID", description="Application (client) id of the bot's registration")
    app_type: AppType = Field(alias="MICROSOFT_APP_TYPE", description="`SingleTenant` or `UserAssignedMSI`")
    app_password: SecretStr | None = Field(
        None, alias="MICROSOFT_APP_PASSWORD", description="Client secret (`SingleTenant`; this or the certificate)"
    )
    app_certificate: Path | None = Field(
        None, alias="MICROSOFT_APP_CERTIFICATE", description="Path of a PEM file with key and certificate"
    )
    tenant_id: Guid = Field(
        alias="MICROSOFT_APP_TENANT_ID", description="The one tenant that is served; all others are refused"
    )
    host: str = Field("127.0.0.1", alias="PINBOT_HOST", description="Address to listen on")
    port: int = Field(3978, ge=0, le=65535, alias="PINBOT_PORT", description="Port to listen on")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
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
    audit_key: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        alias="PINBOT_AUDIT_KEY", description="Secret of 32 characters or more that seals requests and the audit"
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
    approvals_needed: Annotated[str, AfterValidator(_counts)] = Field(
        "",
        alias="PINBOT_APPROVALS_NEEDED",
        description="Where more than one approver must agree, e.g. `assign=2,profile=2`",
    )
    reason_pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        "", alias="PINBOT_REASON_PATTERN", description="What each reason must contain, a regular expression"
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
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
    public_url: Annotated[str, AfterValidator(_https_url)] = Field(
        "", alias="PINBOT_PUBLIC_URL", description="The address under which Teams reaches the bot, `https://HOST`"
    )
    organisation: str = Field(
        "", max_length=20, alias="PINBOT_ORGANISATION", description="Who publishes the Teams app; its name begins so"
    )
    privacy_url: Annotated[str, AfterValidator(_https_url)] = Field(
        "", alias="PINBOT_PRIVACY_URL", description="Your organisation's words on personal data, for the Teams app"
    )
    terms_url: Annotated[str, AfterValidator(_https_url)] = Field(
        "", alias="PINBOT_TERMS_URL", description="Its terms of use; without it the words on personal data"
    )
    teams_app_id: Guid | Literal[""] = Field(
        "", alias="PINBOT_TEAMS_APP_ID", description="Id of the Teams app; without it one that follows from the bot's"
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

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        given = [name for name in ("app_password", "app_certificate") if getattr(self, name)]
        if self.app_type is AppType.MANAGED_IDENTITY and given:
            raise ValueError("UserAssignedMSI has no secret: remove MICROSOFT_APP_PASSWORD and _CERTIFICATE")
        if self.app_type is AppType.SINGLE_TENANT and len(given) != 1:
            raise ValueError("set exactly one of MICROSOFT_APP_PASSWORD and MICROSOFT_APP_CERTIFICATE")
        if self.app_certificate and not self.app_certificate.is_file():
            raise ValueError("MICROSOFT_APP_CERTIFICATE names no file")
        return self

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


def _refuse_unknown_names(given: dict[str, Any]) -> None:
    """A misspelt setting would silently leave a default in force."""
    known = {str(field.alias) for field in Settings.model_fields.values()}
    wrong = sorted(
        name for name in given if name.upper().startswith(("PINBOT_", "MICROSOFT_APP_")) and name.upper() not in known
    )
    if wrong:
        raise SettingsError(f"not settings of this bot: {', '.join(wrong)}; see the table in README.md")


def read() -> Settings:
    """The settings of the environment and of `.env`.

    Raises SettingsError, which names every setting to mend and no value.
    """
    _refuse_unknown_names({**dotenv_values(".env"), **os.environ})
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_plain(dict(detail)) for detail in error.errors())) from None


def simulated(names: Mapping[str, str]) -> Settings:
    """The settings of a bot before a simulated tenant; what they leave open may come from the environment."""
    return Settings(_env_file=None, **dict(names))  # type: ignore[arg-type]  # by alias, as the environment gives them


def _plain(detail: dict[str, Any]) -> str:
    name = " ".join(str(part) for part in detail["loc"])
    reason = "is missing" if detail["type"] == "missing" else str(detail["msg"]).removeprefix("Value error, ")
    return f"{name}: {reason}" if name else reason
