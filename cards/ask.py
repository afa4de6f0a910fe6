"""A question with choices and perhaps a text field."""

from typing import Any

from cards import parts
from dialogs.words.replies import Ask
from dialogs.words.texts import Words


def draw(reply: Ask, words: Words) -> dict[str, Any]:
    """One form, sent with one button."""
    body: list[parts.Element] = [*parts.top(reply.title, reply.notices, words)]
    body += [parts.paragraph(text, words) for text in reply.paragraphs]
    body.append(parts.choose(reply, words))
    if reply.detail:
        body.append(parts.write_in(reply.detail, words))
    others = (parts.press(button, words, alone=True) for button in reply.buttons)
    return parts.card(body, [parts.press(reply.send, words), *others], words.plain(reply.title))
