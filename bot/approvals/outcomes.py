"""What an answer of Graph's proves, and what only looking again can tell. Pure."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from bot.approvals.plan import Step
from bot.store.records import Note, Request, StepRecord
from bot.tenant import WriteResult

SETTLED = timedelta(minutes=15)  # after a write was sent: what reads don't show then was not done
MOST_TRIES = 3  # of one write, until a human says go on
MOST_JUSTIFICATION = 900  # bytes before base64; Graph takes 1024 characters
NOT_DONE = frozenset({429})  # throttled: the only refusal that comes before anything is done
PERHAPS = frozenset({408, 409, 429})  # 4xx that do not mean "never": timed out, already there or busy, throttled


_OF_A_WRITE = frozenset({"step", "status", "tries", "request_id", "client_request_id", "seen"})


class Seen(StrEnum):
    """What a look at a step's object shows."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


def seen(step: Step, state: object) -> Seen:
    """The state against what the step expects."""
    if state == step.after:
        return Seen.AFTER
    return Seen.BEFORE if state == step.before else Seen.OTHER


def accepted(outcome: WriteResult | None) -> bool:
    """Graph said that it is done; reads may lag."""
    return outcome is not None and outcome.status is not None and 200 <= outcome.status < 300


def refused(outcome: WriteResult | None) -> bool:
    """Graph said that it will not do it, now or ever."""
    status = outcome.status if outcome else None
    return status is not None and 400 <= status < 500 and status not in PERHAPS


def may_repeat(request: Request, step: Step, record: StepRecord, outcome: WriteResult | None) -> bool:
    """May the write be sent again, now that reads agree that it is not there?

    A write that would be harmful twice is not, however long it stays unseen: it may still be on its way. Only a human
    can say so, by retry.
    """
    if accepted(outcome) or refused(outcome):
        return False
    not_done = outcome is not None and outcome.status in NOT_DONE
    most = MOST_TRIES * (request.retries + 1) if step.repeatable or not_done else request.retries + 1
    return record.tries < most


def repeats_too_early(step: Step, record: StepRecord) -> bool:
    """Graph has taken it already, or it is harmful twice: it must be known for sure that it was not done."""
    return not step.repeatable or (record.status is not None and 200 <= record.status < 300)


def wait(note: Note, record: StepRecord) -> Mapping[str, object]:
    """Until when reads may still lag, for whoever looks."""
    return {"settled_at": (record.at + SETTLED).isoformat()} if note in {Note.NOT_SEEN, Note.OUTCOME_UNKNOWN} else {}


def note(seen_at_last: Seen | None, outcome: WriteResult | None) -> Note:
    """Why a human must look."""
    if seen_at_last is Seen.OTHER:
        return Note.CHANGED_MEANWHILE
    if accepted(outcome):
        return Note.NOT_SEEN
    return Note.TENANT_REFUSED if refused(outcome) else Note.OUTCOME_UNKNOWN


def evidence(record: StepRecord) -> dict[str, object]:
    """What Microsoft's support and Intune's audit log can be asked with."""
    return {
        "step": record.position,
        "status": record.status,
        "tries": record.tries,
        "request_id": record.request_id,
        "client_request_id": record.client_request_id,
    }


def at_the_end(request: Request) -> dict[str, object]:
    """The evidence once all steps are done: of the write that went through last, in the place of any before it."""
    before = {key: value for key, value in json.loads(request.evidence).items() if key not in _OF_A_WRITE}
    last = request.steps[-1] if request.steps else None
    was_accepted = request.note is not Note.NONE and last is not None and last.status is not None and last.status < 300
    return before | (evidence(last) if last and was_accepted else {})


def justification(request: Request) -> str:
    """For Multi Admin Approval: which request this is and why, in base64."""
    text = f"PIN reset bot, request {request.number}: {request.reason}"
    return base64.b64encode(text.encode()[:MOST_JUSTIFICATION]).decode()
