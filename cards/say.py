"""A heading, some paragraphs, some buttons."""

from functools import partial
from typing import Any

from cards import parts
from dialogs.words.replies import Fold, Say
from dialogs.words.texts import Words


def draw(reply: Say, words: Words) -> dict[str, Any]:
    """Welcome, help, refusals, closings."""
    body: list[parts.Element] = [*parts.top(reply.title, reply.notices, words)]
    body += [parts.paragraph(text, words) for text in reply.paragraphs]
    if reply.facts:
        body.append(parts.facts(reply.facts, words))
    body += [parts.paragraph(text, words, small=True) for text in reply.footnotes]
    body += _folds(reply, words)
    return parts.card(body, parts.bottom(reply.buttons, reply.links, words), words.plain(reply.title))


def _folds(reply: Say, words: Words) -> list[parts.Element]:
    """A button each; it shows its own part and hides the others."""
    if not reply.folds:
        return []
    names = [f"fold{number}" for number in range(len(reply.folds))]
    taps = [
        parts.unfold(fold.title, words, show=[name], hide=[other for other in names if other != name])
        for fold, name in zip(reply.folds, names, strict=True)
    ]
    title = [parts.paragraph(reply.folds_title, words)] if reply.folds_title else []
    return [*title, parts.taps(taps), *map(partial(_fold, words=words), reply.folds, names)]


def _fold(fold: Fold, name: str, words: Words) -> parts.Element:
    items: list[parts.Element] = [parts.heading(fold.title, words, large=False)]
    items += [parts.paragraph(text, words) for text in fold.paragraphs]
    if fold.facts:
        items.append(parts.facts(fold.facts, words))
    for heading, key in fold.lists:
        items += [parts.paragraph(heading, words), parts.numbered(words.listed(key))]
    items += [parts.paragraph(text, words, small=True) for text in fold.footnotes]
    if fold.buttons:
        items.append(parts.taps([parts.press(button, words) for button in fold.buttons]))
    return parts.group(items, name, shown=False)
