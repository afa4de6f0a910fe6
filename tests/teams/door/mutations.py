"""Random changes of a good call; the same seed makes the same changes."""

import base64
import random
import string
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from tests.teams.door.calls import Call, press

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1e308, 5e-324, "", " ", "\0", "x" * 2_000, "\ud800", "ﬀ", "\u202e", "../..",
    "' or 1 eq 1", "<script>", [], {}, [[]], [None], {"": ""}, {"id": {}}, [{"type": "mention"}], "message", "invoke",
    "installationUpdate", "conversationUpdate", "adaptiveCard/action", "msteams", "remove", "personal", "channel",
)  # fmt: skip
Mutation = Callable[[random.Random, Call], None]


def in_bytes(chance: random.Random, call: Call) -> None:
    """A few bytes of the body changed, taken away, doubled or put in."""
    call.body = mutated(chance, call.written())


def in_fields(chance: random.Random, call: Call) -> None:
    """Some fields replaced by what does not belong there, or taken away."""
    if chance.random() < 0.4:
        call.activity |= press()
    for _ in range(chance.randint(1, 4)):
        place = chance.choice(list(_objects(call.activity)) or [call.activity])
        name = chance.choice([*place, "value", "membersAdded", "action"])
        if chance.random() < 0.2:
            place.pop(name, None)
        else:
            place[name] = deepcopy(chance.choice(ODD))


def in_headers(chance: random.Random, call: Call) -> None:
    """Headers that mean something, with values that do not."""
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(["Content-Type", "Content-Encoding", "Accept", "Cookie", "Host", "X-Forwarded-For", "TE"])
        call.headers.add(name, "".join(chance.choices(string.printable[:95], k=chance.randint(0, 30))).strip())


def in_token(chance: random.Random, call: Call) -> None:
    """A token that proves nothing any more."""
    good = call.bearer()
    while _meaning(call.bearer()) == _meaning(good):
        match chance.randrange(4):
            case 0:
                call.token = mutated(chance, good.encode()).decode("latin-1").translate(_UNSENDABLE)
            case 1:
                parts = good.split(".")
                parts[chance.randrange(3)] = chance.choice(
                    ["", "e30", "bnVsbA", "W10", "A" * 500, "eyJhbGciOiJSUzI1NiJ9"]
                )
                call.token = ".".join(parts)
            case 2:
                call.token = ".".join(chance.sample(good.split("."), 3))
            case 3:
                call.token = "".join(chance.choices(string.printable[:94], k=chance.randint(0, 200)))


_UNSENDABLE = dict.fromkeys([*range(32), *range(127, 256)], "A")


def _meaning(token: str) -> list[bytes] | None:
    """The bytes that a token stands for: the last character of a segment has bits that count for nothing."""
    try:
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    except ValueError:
        return None


def mutated(chance: random.Random, written: bytes) -> bytes:
    """Some bytes changed, taken away, doubled or put in."""
    found = bytearray(written)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        some = found[at : at + chance.randint(1, 12)]
        match chance.randrange(4):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + len(some)]
            case 2:
                found[at:at] = some * chance.randint(1, 40)
            case 3:
                found[at:at] = chance.choice(
                    [b'"', b"{", b"[", b"}", b"]", b",", b"\\u", b"\0", b"\xff", b"1e999", b"NaN"]
                )
    return bytes(found)


def _objects(found: Any) -> Iterable[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from _objects(value)


ANY: tuple[Mutation, ...] = (in_bytes, in_fields, in_headers)
