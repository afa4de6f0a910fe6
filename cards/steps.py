"""How to get a new PIN: what to expect, where the person stands, the steps, and what is known one tap away."""

from typing import Any

from cards import parts
from dialogs.words.replies import Path, Steps, Text, Tone
from dialogs.words.texts import Words

ENDED = "ended"  # the part that asks how it went, shown with the first way
DETAILS = "details"  # what is known of the PC, and the source


def draw(reply: Steps, words: Words) -> dict[str, Any]:
    """The card for one device, or in general."""
    body: list[parts.Element] = [*parts.top(reply.title, reply.notices, words)]
    body += [parts.paragraph(text, words) for text in reply.paragraphs]
    body += [parts.stated(one.text, one.tone, words) for one in reply.expectations]
    body += [parts.paragraph(text, words) for text in reply.instead]
    body += _ways(reply, words)
    small = reply.footnotes if reply.facts else (*reply.footnotes, *reply.sources)
    body += [parts.paragraph(text, words, small=True) for text in small]
    if reply.question:
        body.append(parts.paragraph(reply.question, words))
    bottom = parts.bottom(reply.buttons, reply.links, words)
    if reply.facts:
        body.append(_details(reply, words))
        bottom.append(parts.fold(Text("card.about_pc"), words, DETAILS))
    return parts.card(body, bottom, words.plain(reply.title))


def _ways(reply: Steps, words: Words) -> list[parts.Element]:
    """Two buttons; each shows its way and hides the other. What warns of a loss is read before any way is open."""
    if not reply.ways:
        return []
    warned = any(one.tone is Tone.WARNING for one in reply.expectations)
    names = [f"way{number}" for number in range(len(reply.ways))]
    shown = [way.open and not warned for way in reply.ways]
    ended = [ENDED] if reply.ended else []
    taps = [
        parts.unfold(way.title, words, [name, *ended], [other for other in names if other != name], main=True)
        for way, name in zip(reply.ways, names, strict=True)
    ]
    drawn = (_way(*way, words) for way in zip(reply.ways, names, shown, strict=True))
    presses = [parts.press(button, words) for button in reply.ended]
    return [
        parts.heading(Text("forgot.locked_out"), words, large=False),
        parts.taps(taps),
        *drawn,
        *([parts.group([parts.taps(presses)], ENDED, shown=any(shown))] if presses else []),
    ]


def _way(way: Path, name: str, shown: bool, words: Words) -> parts.Element:
    items: list[parts.Element] = [parts.heading(way.title, words, large=False)]
    items += [parts.paragraph(text, words) for text in way.paragraphs]
    if way.steps:
        items.append(parts.numbered(words.listed(way.steps, way.tile)))
    if way.needs:
        items += [parts.paragraph(Text("card.needs"), words), parts.bullets(way.needs, words)]
    if way.caveats:
        items.append(parts.bullets(way.caveats, words))
    return parts.group(items, name, shown=shown)


def _details(reply: Steps, words: Words) -> parts.Element:
    sources = (parts.paragraph(text, words, small=True) for text in reply.sources)
    return parts.group([parts.facts(reply.facts, words), *sources], DETAILS, shown=False)
