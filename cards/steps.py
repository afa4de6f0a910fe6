"""How to get a new PIN: what is known, a warning where keys may go, and two ways, each one tap away."""

from typing import Any

from cards import parts
from dialogs.words.replies import Path, Steps, Text
from dialogs.words.texts import Words

WAYS = "ways"  # the part that a warning holds back
TAP = "tap"  # the button that lets it go, gone once it is pressed


def draw(reply: Steps, words: Words) -> dict[str, Any]:
    """The card for one device, or in general."""
    body: list[parts.Element] = [*parts.top(reply.title, reply.notices, words)]
    if reply.facts:
        body.append(parts.facts(reply.facts, words))
    body += [parts.paragraph(text, words) for text in reply.paragraphs]
    if reply.warning:
        body += _held_back(reply.warning, words)
    if reply.ways:
        body.append(parts.group(_ways(reply.ways, words), WAYS, shown=not reply.warning))
    body += [parts.paragraph(text, words, small=True) for text in reply.footnotes]
    if reply.question:
        body.append(parts.paragraph(reply.question, words))
    return parts.card(body, parts.bottom(reply.buttons, reply.links, words), words.plain(reply.title))


def _held_back(warning: Text, words: Words) -> list[parts.Element]:
    return [
        parts.notice(warning, words),
        parts.group(
            [parts.taps([parts.unfold(Text("card.understand"), words, show=[WAYS], hide=[TAP])])], TAP, shown=True
        ),
    ]


def _ways(ways: tuple[Path, ...], words: Words) -> list[parts.Element]:
    """Two buttons; each shows its way and hides the other."""
    names = [f"way{number}" for number in range(len(ways))]
    taps = [
        parts.unfold(way.title, words, show=[name], hide=[other for other in names if other != name])
        for way, name in zip(ways, names, strict=True)
    ]
    return [
        parts.taps(taps),
        *(_way(way, name, words) for way, name in zip(ways, names, strict=True)),
    ]


def _way(way: Path, name: str, words: Words) -> parts.Element:
    items: list[parts.Element] = [parts.heading(way.title, words, large=False)]
    items += [parts.paragraph(text, words) for text in way.paragraphs]
    if way.needs:
        items += [parts.paragraph(Text("card.needs"), words), parts.bullets(way.needs, words)]
    if way.steps:
        items.append(parts.numbered(words.listed(way.steps)))
    if way.caveats:
        items.append(parts.bullets(way.caveats, words))
    return parts.group(items, name, shown=way.open)
