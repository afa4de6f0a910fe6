"""From a reply to the message that goes out, and whether Teams takes one of that size."""

import json
from dataclasses import dataclass
from typing import Any

import cards
from bot.chat.turn import FileOffer
from dialogs.words import texts
from dialogs.words.replies import Reply, Text

# Teams refuses more than 100 KB of UTF-16. A card that would come near that is made smaller by whoever draws it.
MOST_BYTES = 80 * 1024
MOST_TAKEN = 96 * 1024  # the rest is for what is around the card


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: a card (Adaptive Card JSON), a file to take, or plain text, with the line that a toast shows."""

    summary: str
    card: dict[str, Any] | None = None
    text: str = ""
    file: FileOffer | None = None
    instead: str = ""  # said in its place, as plain text, where the platform refuses it for its size or its shape


def message(reply: Reply, language: str) -> Message:
    """The card, and what is said in its place where Teams refuses it."""
    words = texts.words(language)
    summary = cards.summary(reply, words)
    instead = words.plain(Text("errors.too_large.text", {"what": summary}))
    return Message(summary=summary, card=cards.render(reply, words), instead=instead)


def fitting(said: Message) -> Message:
    """What a press can be answered with: nobody would tell the bot that Teams dropped a card there for its size."""
    if said.card is None or size(said.card) <= MOST_TAKEN:
        return said
    return Message(said.summary, text=said.instead)


def is_fitting(reply: Reply) -> bool:
    """Would a card of this be taken, with some room left?"""
    return size(cards.render(reply, texts.words(texts.FALLBACK))) <= MOST_BYTES


def size(card: dict[str, Any]) -> int:
    """Bytes of a card as it is sent."""
    return len(json.dumps(card).encode("utf-16-le"))
