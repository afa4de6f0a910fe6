"""Everything about one thing: facts, sections, a bar, perhaps a form, and what can be done."""

from typing import Any

from cards import parts
from dialogs.words.replies import Details, Section, Text
from dialogs.words.texts import Words


def draw(reply: Details, words: Words) -> dict[str, Any]:
    """The card. Nothing is shortened: an approver signs what stands here."""
    body: list[parts.Element] = [*parts.top(reply.title, reply.notices, words)]
    if reply.status:
        body.append(parts.strong(reply.status, words))
    if reply.facts:
        body.append(parts.facts(reply.facts, words))
    for section in reply.sections:
        body += _section(section, words)
    if reply.bar:
        body.append(parts.bar(reply.bar, words))
    body += [parts.field(field, words) for field in reply.fields]
    if reply.fields:
        body.append(parts.paragraph(Text("card.on_a_phone"), words, small=True))
    body += [parts.paragraph(text, words, small=True) for text in reply.footnotes]
    if reply.outcome:
        body.append(parts.boxed(reply.outcome, words))
    bottom = parts.bottom(reply.buttons, reply.links, words)
    return parts.card(body, bottom, words.plain(reply.title), refresh=reply.refresh)


def _section(section: Section, words: Words) -> list[parts.Element]:
    return [
        parts.heading(section.title, words, large=False),
        *(parts.line(line, words) for line in section.lines),
        *(parts.exact(text) for text in section.exact),
    ]
