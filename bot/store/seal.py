"""Keyed fingerprints: what was stored by the bot, and nothing that somebody wrote into the database by hand."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC

from bot.store.records import Decision, Filing, Request


def canonical(value: object) -> str:
    """One text for one JSON value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(key: bytes, purpose: str, fields: Mapping[str, object]) -> str:
    """HMAC-SHA256 over the purpose and the fields, hexadecimal: a seal for one purpose is none for another."""
    return hmac.new(key, f"{purpose}\n{canonical(fields)}".encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in constant time; text that is no ASCII is never equal."""
    return hmac.compare_digest(one.encode(), other.encode())


def request_seal(key: bytes, number: int, of: Filing | Request) -> str:
    """Over everything that an approver relies on and a hand in the database could change."""
    fields = {
        "number": number,
        "kind": of.kind,
        "object": of.object_key,
        "digest": of.digest,
        "requester": of.requester,
        "needed": of.needed,
        "expires": of.expires_at.astimezone(UTC).isoformat(),
    }
    return seal(key, "request", fields)


def decision_seal(key: bytes, request: Request, decision: Decision) -> str:
    """Over the verdict and the request's own seal, which holds the digest of the plan."""
    fields = {
        "request": request.seal,
        "approver": decision.approver,
        "verdict": decision.verdict.value,
        "at": decision.at.astimezone(UTC).isoformat(),
    }
    return seal(key, "decision", fields)


def nonce(key: bytes, number: int, plan_digest: str) -> str:
    """What the buttons of a request carry: 128 bits that only the bot can make; the store keeps their hash."""
    return seal(key, "nonce", {"number": number, "digest": plan_digest})[:32]
