"""What is told in a message of its own: what became of a request, and that all is frozen or read only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.approvals import card
from bot.approvals.kind import Kinds, brief, filed
from bot.store.records import Event, Freeze, Note, Request
from dialogs.words.replies import Say, Text

READ_ONLY, NOBODY = "read_only", "nobody"  # told like events, but no change of state


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and why; either may be empty."""

    who: str = ""
    reason: str = ""


def who_and_why(event: Event, request: Request | None, freeze: Freeze) -> Actor:
    """Object id and reason, for what one person did; for all else both are empty."""
    if request and event is Event.REJECTED and request.decisions:
        return Actor(request.decisions[-1].approver, request.decisions[-1].reason)
    if request and event is Event.CLOSED:
        known = json.loads(request.evidence)
        return Actor(str(known.get("closed_by") or ""), str(known.get("closed_reason") or ""))
    if event is Event.FROZEN and freeze.frozen:
        return Actor(freeze.actor, freeze.reason)
    if event is Event.UNFROZEN and not freeze.frozen:
        return Actor(freeze.actor)
    return Actor()


def news(event: str, request: Request | None, by: Actor = Actor(), kinds: Kinds | None = None) -> Say:
    """What is told in a message of its own (an Event, or READ_ONLY); without a request: a freeze, or its end."""
    values: Mapping[str, str] = {"number": str(request.number)} if request else {}
    noted = event in {Event.ATTENTION, Event.VOID} and request and request.note is not Note.NONE
    paragraphs = (
        *((Text(f"approvals.note.{request.note}"),) if request and noted else ()),
        Text(f"news.{event}.text", values),
        *((Text("news.who", {"who": by.who}),) if by.who else ()),
        *((Text("news.reason", {"reason": by.reason}),) if by.reason else ()),
    )
    title = Text(f"news.{event}.title", values)
    if request is None:
        return Say(title, paragraphs)
    known = kinds or {}
    plan = filed(known, request)
    named = Text("news.of", {"news": title, "what": brief(known[plan.kind], plan)}) if plan else title
    look = card.RequestArguments(request=request.number).button(Text("button.show_request"), card.VIEW)
    return Say(named, paragraphs, buttons=(look, *card.offers(request, known)))
