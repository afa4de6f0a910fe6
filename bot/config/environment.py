"""What else the environment says: told at the start, where it would fail later in words that name nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

OURS = ("MICROSOFT_APP_", "PINBOT_")
CA_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # of a proxy that opens TLS, for instance


def unknown(given: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """A misspelt setting would silently leave a default in force."""
    if wrong := sorted(name for name in given if name.upper().startswith(OURS) and name.upper() not in known):
        yield f"not settings of this bot: {', '.join(wrong)}; see the table in README.md"


def faults(environment: Mapping[str, str]) -> Iterator[str]:
    """What the operator has to mend, each by its name and without its value."""
    proxies = getproxies_environment()
    if "https" in proxies and not _is_proxy(proxies["https"]):
        yield "HTTPS_PROXY: must be an address such as http://proxy.example.com:8080; SOCKS is not spoken"
    if "all" in proxies and "https" not in proxies:
        yield "ALL_PROXY: not every part of the bot reads it; set HTTPS_PROXY instead"
    for name in CA_FILES:
        if environment.get(name) and not Path(environment[name]).exists():
            yield f"{name}: names no file; correct the path, or unset it"
    for name, value in environment.items():
        if name.startswith(OURS) and len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            yield f"{name}: stands between quotes, which are taken for a part of it (docker run --env-file does that)"


def _is_proxy(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
