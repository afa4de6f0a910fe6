"""Keyed fingerprints: what was stored by the bot, and nothing that somebody wrote into the database by hand."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.store.records import OPEN, Change, Decision, Event, Filing, Request, State, StepRecord


@dataclass(frozen=True, slots=True)
class SealKey:
    """The secret that seals, and those that did before: they open what they sealed, and seal nothing any more."""

    secret: bytes = field(repr=False)
    before: tuple[bytes, ...] = field(default=(), repr=False)

    def opens(self, made: Callable[["SealKey"], str], stored: str) -> bool:
        """Did the bot make this seal, today or under an earlier key? `made`: the seal as one key makes it."""
        return any(same(made(one), stored) for one in self.each())

    def each(self) -> "tuple[SealKey, ...]":
        """One key a secret, the one that seals today first."""
        return tuple(SealKey(secret) for secret in (self.secret, *self.before))


def canonical(value: object) -> str:
    """One text for one JSON value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(key: SealKey, purpose: str, fields: Mapping[str, object]) -> str:
    """HMAC-SHA256 over the purpose and the fields, hexadecimal: a seal for one purpose is none for another."""
    return hmac.new(key.secret, f"{purpose}\n{canonical(fields)}".encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in constant time; text that is no ASCII is never equal."""
    return hmac.compare_digest(one.encode(), other.encode())


def request_seal(key: SealKey, number: int, of: Filing | Request) -> str:
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


def decision_seal(key: SealKey, request: Request, decision: Decision) -> str:
    """Over the verdict and the request's own seal, which holds the digest of the plan."""
    fields = {
        "request": request.seal,
        "approver": decision.approver,
        "verdict": decision.verdict.value,
        "at": decision.at.astimezone(UTC).isoformat(),
    }
    return seal(key, "decision", fields)


def is_as_filed(key: SealKey, request: Request) -> bool:
    """Is what an approver relies on what the bot itself stored?"""
    return key.opens(lambda one: request_seal(one, request.number, request), request.seal)


def is_as_decided(key: SealKey, request: Request, decision: Decision) -> bool:
    """Is the verdict one that the bot itself stored, on this very request?"""
    return key.opens(lambda one: decision_seal(one, request, decision), decision.seal)


def state_seal(key: SealKey, request: Request) -> str:
    """Over where a request stands and how far it got; while it is open, also over what people read and rely on. The
    audit keeps it with each event, so that what stands in the request's own row can't be set back."""
    fields: dict[str, object] = {
        "number": request.number,
        "state": request.state.value,
        "revision": request.revision,
        "retries": request.retries,
        "note": request.note.value,
        "steps": [_step(step) for step in request.steps],
    }
    if request.state in OPEN:  # what people wrote is erased later
        fields |= {"reason": request.reason, "evidence": request.evidence}
    return seal(key, "state", fields)


def is_as_told(key: SealKey, request: Request, event: str, detail: Mapping[str, object]) -> bool:
    """Does the request stand where its last event left it? Events of before had no seal of the state, but most of them
    the state itself; the first one had neither."""
    if "sealed" in detail:
        return key.opens(lambda one: state_seal(one, request), str(detail["sealed"]))
    known = {"state": State.WAITING, "revision": 1} if event == Event.FILED else detail
    return (known.get("state", request.state), known.get("revision")) == (request.state, request.revision)


def after(change: Change) -> Request:
    """The request as it is once the change is stored, except for its moments and verdicts."""
    of, step = change.of, change.step
    told = {} if change.note is None else {"note": change.note, "evidence": canonical(dict(change.evidence))}
    steps = {one.position: one for one in (*of.steps, *((step,) if step else ()))}
    return replace(
        of,
        state=change.state,
        revision=change.revision,
        retries=of.retries + change.retried,
        steps=tuple(steps[position] for position in sorted(steps)),
        **told,  # type: ignore[arg-type]  # each of its own type
    )


def _step(step: StepRecord) -> list[object]:
    moment: datetime = step.at.astimezone(UTC)
    outcome = [step.client_request_id, step.request_id, step.status, step.approval_code]
    return [step.position, step.state.value, step.tries, moment.isoformat(), *outcome]


def nonce(key: SealKey, number: int, plan_digest: str) -> str:
    """What the buttons of a request carry: 128 bits that only the bot can make; the store keeps their hash."""
    return seal(key, "nonce", {"number": number, "digest": plan_digest})[:32]


def nonce_of(key: SealKey, request: Request) -> str:
    """The nonce of a stored request: made with the key of the day on which it was filed."""
    made = [nonce(one, request.number, request.digest) for one in key.each()]
    return next((one for one in made if same(digest(one), request.nonce_hash)), made[0])
