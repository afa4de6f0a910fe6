"""What the cases of the matrix do to a good call."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from bot.simulation.signing import Key
from tests.teams.door.calls import DROP, Call, packed

Change = Callable[[Call], None]
EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
# Keys that the endpoint publishes beside the good one, by their endorsements; DROP: published without any.
ODD_KEYS: Mapping[str, Any] = {
    "unendorsed": DROP,
    "endorsed for nothing": [],
    "endorsed for another channel": ["directline", "webchat"],
    "endorsed in a text": "msteams",
}


@cache
def key(name: str) -> Key:
    """The key of a name, made when it is first asked for."""
    return Key()


def odd_jwks() -> list[dict[str, Any]]:
    """The odd keys as the endpoint shows them, and some entries that are no keys at all."""
    shown = [
        key(name).published() | ({} if found is DROP else {"endorsements": found}) for name, found in ODD_KEYS.items()
    ]
    nameless = key("nameless").published() | {"endorsements": ["msteams"]}
    nameless.pop("kid")
    return [*shown, nameless, {"kty": "RSA", "kid": "hollow", "endorsements": ["msteams"]}, {}]


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(call: Call) -> None:
        for one in changes:
            one(call)

    return change


def same(_call: Call) -> None:
    """No change."""


def body(**fields: Any) -> Change:
    """Fields of the activity; `from__aadObjectId` reaches into an object."""

    def change(call: Call) -> None:
        for path, value in fields.items():
            *above, last = path.split("__")
            place = call.activity
            for name in above:
                place = place[name]
            _set(place, last, deepcopy(value) if value is not DROP else DROP)

    return change


def claims(**fields: Any) -> Change:
    """Claims of the token; signed again."""
    return lambda call: call.claims.update(fields)


def lasting(begins: int, ends: int) -> Change:
    """A token from one time to another, both in seconds from now."""

    def change(call: Call) -> None:
        now = int(time.time())
        call.claims |= {"nbf": now + begins, "exp": now + ends}

    return change


def head(**fields: Any) -> Change:
    """Fields of the token's header; signed again."""
    return lambda call: call.head.update(fields)


def service_url(url: Any) -> Change:
    """Another service URL, in the token as in the body."""
    return both(claims(serviceurl=url), body(serviceUrl=url))


def signed_by(name: str, *, under: str = "") -> Change:
    """Signed by another key, named by its own id or as if it were the good one (`under="ours"`)."""

    def change(call: Call) -> None:
        if under:
            call.head["kid"] = call.key.id
        call.key = key(name)

    return change


def raw(written: bytes) -> Change:
    """Other bytes as the body."""
    return lambda call: setattr(call, "body", written)


def rewritten(old: str, new: str) -> Change:
    """The good body with one text in place of another, as no JSON writer would write it."""

    def change(call: Call) -> None:
        assert old in call.written().decode()
        call.body = call.written().decode().replace(old, new, 1).encode()

    return change


def marked(call: Call) -> None:
    """The body behind a byte order mark."""
    call.body = b"\xef\xbb\xbf" + call.written()


def padded(size: int) -> Change:
    """The good body, filled up with blanks to a size in bytes."""
    return lambda call: setattr(call, "body", call.written().ljust(size))


def authorization(*headers: str) -> Change:
    """Other Authorization headers; {token} stands for the good token."""
    return lambda call: setattr(call, "authorization", [one.format(token=call.bearer()) for one in headers])


def headers(**fields: str | None) -> Change:
    """Other headers, `Content_Type` for Content-Type; None takes one away."""

    def change(call: Call) -> None:
        for name, value in fields.items():
            call.headers.popall(name.replace("_", "-"), None)
            if value is not None:
                call.headers.add(name.replace("_", "-"), value)

    return change


def method(name: str, path: str = "/api/messages") -> Change:
    """Another method or path."""

    def change(call: Call) -> None:
        call.method, call.path = name, path

    return change


def chunked(call: Call) -> None:
    """Without Content-Length."""
    call.chunked = True


def segment(number: int, changed: Callable[[str], str]) -> Change:
    """One segment of the good token, changed after it was signed."""

    def change(call: Call) -> None:
        parts = call.bearer().split(".")
        parts[number] = changed(parts[number])
        call.token = ".".join(parts)

    return change


def unsigned(call: Call) -> None:
    """`alg: none`, with the signature of nothing."""
    call.token = f"{packed({'alg': 'none', 'kid': call.key.id})}.{packed(call.claims)}."


def unsigned_with_a_signature(call: Call) -> None:
    """`alg: none`, with the good token's signature."""
    call.token = f"{packed({'alg': 'none', 'kid': call.key.id})}.{call.bearer().split('.', 1)[1]}"


def hmac_with_the_public_key(call: Call) -> None:
    """HS256, where the secret is the public key that everybody can read."""
    pem = call.key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{packed({'alg': 'HS256', 'kid': call.key.id})}.{packed(call.claims)}"
    call.token = f"{signed}.{packed(hmac.new(pem, signed.encode(), hashlib.sha256).digest())}"


def with_algorithm(name: str) -> Change:
    """The good key, another algorithm."""

    def change(call: Call) -> None:
        call.token = jwt.encode(call.claims, call.key.private, algorithm=name, headers={"kid": call.key.id})

    return change


def own_key_in_the_header(call: Call) -> None:
    """A stranger's signature, with the stranger's key in the token's own header."""
    call.key = key("stranger")
    call.head["jwk"] = json.loads(RSAAlgorithm.to_jwk(call.key.private.public_key()))


def flipped(text: str) -> str:
    """One character changed in the middle, where every bit counts."""
    at = len(text) // 2
    return f"{text[:at]}{'A' if text[at] != 'A' else 'B'}{text[at + 1 :]}"


def repacked(**fields: Any) -> Callable[[str], str]:
    """A segment with other claims."""

    def changed(old: str) -> str:
        found = json.loads(base64.urlsafe_b64decode(old + "=" * (-len(old) % 4)))
        return packed(found | fields)

    return changed


def nested(levels: int) -> bytes:
    """Lists in lists."""
    return b"[" * levels + b"]" * levels


def _set(place: dict[str, Any], name: str, value: Any) -> None:
    if value is DROP:
        place.pop(name, None)
    else:
        place[name] = value
