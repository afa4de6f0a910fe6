"""What the bot proves with who it is, read from its file anew whenever that was renewed, and when it ends."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

log = logging.getLogger(__name__)

ENDS_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, or a file: of a secret, of a certificate with its key (PEM), or of a federated token. None of them: a
    managed identity."""

    secret: str = ""
    certificate: Path | None = None
    secret_file: Path | None = None
    token_file: Path | None = None

    @property
    def is_managed(self) -> bool:
        """Does the machine itself vouch for the bot?"""
        return not (self.secret or self.certificate or self.secret_file or self.token_file)

    def for_msal(self) -> str | dict[str, Any]:
        """As MSAL takes it. A federated token lives an hour at most: MSAL reads its file for each request.

        Raises ValueError or OSError for what can't be used.
        """
        if self.token_file:
            return {"client_assertion": _Text(self.token_file)}
        if self.secret_file:
            return _Text(self.secret_file)()
        return _certificate(self.certificate) if self.certificate else self.secret

    def version(self) -> object:
        """Another one after the file was renewed, in place or by another one under its name."""
        path = self.certificate or self.secret_file
        status = path.stat() if path else None
        return status and (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)


@dataclass(frozen=True, slots=True)
class _Text:
    """Reads a file as it is then, without the line's end that an editor leaves."""

    path: Path

    def __call__(self) -> str:
        text = self.path.read_text(encoding="utf-8").strip()
        if not text:
            raise ValueError("the file is empty")
        return text


class Renewed:
    """Something made of a credential, and made anew after its file was renewed."""

    def __init__(self, credential: Credential, make: Callable[[], Any]) -> None:
        self._credential = credential
        self._make = make  # asks the login service about the tenant, so it waits for the first token
        self._made: Any = None
        self._version: object = None

    def __call__(self) -> Any:
        """A file that can't be used now, half written perhaps, is looked at again the next time; until then what was
        made of it before is good. Raises what `make` raises, the first time."""
        try:
            version = self._credential.version()
            if self._made is None or version != self._version:
                self._made, self._version = self._make(), version
                log.info("login: the credential was read")
        except (ValueError, OSError) as error:
            if self._made is None:
                raise
            log.warning("login: the renewed credential can't be used yet: %s", type(error).__name__)
        return self._made


def certificate_ends(certificate: Path) -> datetime:
    """When the certificate in a PEM file ends. Raises ValueError or OSError when there is none to be read."""
    return load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def _certificate(path: Path) -> dict[str, Any]:
    pem = path.read_text(encoding="ascii")
    certificate = load_pem_x509_certificate(pem.encode())  # MSAL's own errors look like an unknown tenant's
    try:
        key = load_pem_private_key(pem.encode(), None)
    except TypeError as error:
        raise ValueError("the key is locked with a password") from error
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the key is no RSA key")  # noqa: TRY004 - a file's content, as every other fault of it
    if key.public_key() != certificate.public_key():
        raise ValueError("the key is another certificate's")
    # Without a thumbprint MSAL names the certificate by SHA-256; a thumbprint that it is given it takes for SHA-1.
    return {"private_key": pem, "public_certificate": pem}
