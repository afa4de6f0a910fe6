"""A PIN or password that somebody typed: taken out before anything else reads the turn, and its writer is warned."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.chat.turn import Turn
from dialogs.understanding.folding import plain
from dialogs.understanding.secrets import mask
from dialogs.words.replies import Details, Reply, Say, Text

MOST_TEXT = 20_000  # characters looked at, as the router does
LONG = 2_000  # characters that take some milliseconds; more of them are looked at beside the loop
# The text fields of our cards, by the names under which they come back; all else on a press is our own data.
WRITTEN = frozenset({"reason", "detail", "question", "answer", "also", "exclude"})

IN_A_MESSAGE = Text("secret.in_a_message")
IN_A_FORM = Text("secret.in_a_form")


@dataclass(frozen=True, slots=True)
class Voice:
    """How a reply is said: in which language, and under which warning."""

    language: str
    warning: Text | None = None

    def over(self, reply: Reply) -> Reply:
        """The reply as it goes out, the warning first."""
        return warned(reply, self.warning) if self.warning else reply


async def hidden(turn: Turn) -> Turn:
    """The turn with each typed secret taken out and `secret` set; the same turn where there is none."""
    written = len(turn.text) + sum(len(str(turn.button.get(name, ""))) for name in WRITTEN)
    return _hidden(turn) if written <= LONG else await asyncio.to_thread(_hidden, turn)


def _hidden(turn: Turn) -> Turn:
    text, button = _hide(turn.text), _hide_fields(turn.button)
    if text == turn.text and button == turn.button:
        return turn
    return replace(turn, text=text, button=button, secret=True)


def warning(turn: Turn) -> Text | None:
    """What its writer must read: others may see a message, which can be deleted; nobody sees what a form sent."""
    if not turn.secret:
        return None
    return IN_A_FORM if turn.button else IN_A_MESSAGE


def warned(reply: Reply, text: Text) -> Reply:
    """The reply under the warning."""
    return replace(reply, notices=(text, *reply.notices))


def alone(text: Text) -> Say:
    """The warning in a message of its own."""
    return Say(Text("secret.title"), (text,))


def is_redrawn(reply: Reply) -> bool:
    """Whether clients and the notifier draw this card anew by themselves: a notice on it would be gone in a moment."""
    return isinstance(reply, Details) and reply.refresh is not None


def _hide_fields(button: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: _hide(value) if name in WRITTEN and isinstance(value, str) else value for name, value in button.items()
    }


def _hide(text: str) -> str:
    seen = plain(text[:MOST_TEXT])
    masked = mask(seen)
    return text if masked == seen else masked
