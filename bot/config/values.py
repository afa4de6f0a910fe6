"""What single values must look like. Each raises ValueError, whose text says what to do and holds no value."""

import ipaddress
import re
import zoneinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from dialogs.words.texts import languages

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEY_LENGTH = 32
SQLITE = "sqlite+aiosqlite:///"
COUNTS = re.compile(r"[a-z_]+=[1-9](,[a-z_]+=[1-9])*")  # bot.background knows which kinds of change there are


def guid(value: str) -> str:
    """In small letters."""
    value = value.strip().lower()
    if not GUID.fullmatch(value):
        raise ValueError("must be a GUID such as 00000000-0000-0000-0000-000000000000, without braces")
    return value


def language(value: str) -> str:
    """A tag whose language has words here."""
    base = value.strip().replace("_", "-").partition("-")[0].casefold()
    if base not in {one.partition("-")[0] for one in languages()}:
        raise ValueError(f"must be a language that the bot speaks: {', '.join(sorted(languages()))}")
    return value.strip()


def database_url(value: str) -> str:
    """A file of SQLite, that stays."""
    if not value.startswith(SQLITE):
        raise ValueError(f"must start with {SQLITE}")
    file = value.removeprefix(SQLITE).partition("?")[0]
    if file in {"", ":memory:"} or file.startswith("file:"):  # requests and the audit would end with the process
        raise ValueError(f"must name a file, such as {SQLITE}pin-reset-bot.sqlite3")
    return value


def long_enough(value: SecretStr) -> SecretStr:
    """No key that can be guessed."""
    if len(value.get_secret_value()) < KEY_LENGTH:
        raise ValueError(f"must have {KEY_LENGTH} characters or more")
    return value


def trimmed(value: SecretStr | None) -> SecretStr | None:
    """Without the line's end that a file or a vault adds: no secret of Entra has blanks."""
    return value and SecretStr(value.get_secret_value().strip())


def counts(value: str) -> str:
    """Numbers by kind of change."""
    if value and not COUNTS.fullmatch(value):
        raise ValueError("must look like assign=2,profile=2 (kinds of change; 1 to 9)")
    return value


def pattern(value: str) -> str:
    """A regular expression."""
    try:
        re.compile(value)
    except re.error:
        raise ValueError("is no regular expression") from None
    return value


def zone(value: str) -> str:
    """A name of the time zone database."""
    if value not in zoneinfo.available_timezones():
        raise ValueError("is no time zone such as Europe/Berlin")
    return value


def is_loopback(host: str) -> bool:
    """True for localhost and for addresses of 127.0.0.0/8 and ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def loopback_url(value: str) -> str:
    """An address on this machine."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not is_loopback(parts.hostname or "") or parts.username:
        raise ValueError("is for a simulated tenant only: its address must be http(s) on loopback")
    return value.rstrip("/")


def https_url(value: str) -> str:
    """An address that others reach, or none."""
    parts = urlsplit(value)
    if value and (parts.scheme != "https" or not parts.hostname or parts.username):
        raise ValueError("must be an address such as https://pinbot.example.com")
    return value.rstrip("/")


def https_host(value: str) -> str:
    """The same, of a host: what stands behind it is the bot's."""
    address = https_url(value)
    if urlsplit(address)[2:] != ("", "", ""):
        raise ValueError("must end after the host: https://pinbot.example.com, without /api/messages or anything else")
    return address


def mounted(name: str, path: str) -> str:
    """What a file of a secret holds, without the line's end that an editor leaves. `name`: the setting's."""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"{name} must name a file of text that this user may read") from None
    if not text:
        raise ValueError(f"{name} names an empty file")
    return text


def with_mounted(given: dict[str, Any]) -> dict[str, Any]:
    """What a file of the audit's keys holds takes the value's place."""
    for name in ("PINBOT_AUDIT_KEY", "PINBOT_AUDIT_KEYS_BEFORE"):
        if given.get(name) and given.get(f"{name}_FILE"):
            raise ValueError(f"set only one of {name} and {name}_FILE")
        if path := given.get(f"{name}_FILE"):
            given = given | {name: mounted(f"{name}_FILE", str(path))}
    before, lines = given.get("PINBOT_AUDIT_KEYS_BEFORE"), given.get("PINBOT_AUDIT_KEYS_BEFORE_FILE")
    if isinstance(before, str):
        keys = [key.strip() for key in (before.splitlines() if lines else before.split(","))]
        given = given | {"PINBOT_AUDIT_KEYS_BEFORE": [key for key in keys if key]}
    return given
