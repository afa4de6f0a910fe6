"""A heading, some paragraphs, some buttons."""

from typing import Any

from cards import parts
from dialogs.replies import Say
from dialogs.texts import Words


def draw(reply: Say, words: Words) -> dict[str, Any]:
    """Welcome, help, refusals, closings."""
    body: list[parts.Element] = [*parts.top(reply.title, reply.notices, words)]
    body += [parts.paragraph(text, words) for text in reply.paragraphs]
    if reply.facts:
        body.append(parts.facts(reply.facts, words))
    body += [parts.paragraph(text, words, small=True) for text in reply.footnotes]
    return parts.card(body, parts.bottom(reply.buttons, reply.links, words), words.plain(reply.title))
