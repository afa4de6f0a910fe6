"""Everything about one thing: facts, sections, a bar, perhaps a form, what can be done, and behind a tap the rest."""

from dataclasses import replace
from typing import Any

from cards import parts
from dialogs.words.replies import Details, Field, Objection, Picker, Section, Text, Tone
from dialogs.words.texts import Words

OBJECTION = "objection"


def draw(reply: Details, words: Words) -> dict[str, Any]:
    """The card. Nothing is shortened: an approver signs what stands here, and one tap shows all of it."""
    body = [*_head(reply, words)]
    if reply.bar:
        body += [parts.bar(reply.bar, words), parts.shares(reply.bar, words)]
    for section in reply.sections:
        body += [] if section.folded else _section(section, words)
    body += [_input(field, words) for field in reply.fields]
    if reply.fields:
        body.append(parts.paragraph(Text("card.on_a_phone"), words, small=True))
    body += [parts.paragraph(text, words, small=True) for text in reply.footnotes]
    if reply.outcome:
        body.append(parts.boxed(reply.outcome, words, Tone.WARNING))
    bottom = _bottom(reply, words)
    folded = [section for section in reply.sections if section.folded]
    if folded or reply.objection:  # what they show stands below the buttons, so these can't be the card's last line
        body += [parts.taps(bottom)] if bottom else []
        body += [_objection(reply.objection, words)] if reply.objection else []
        body += _rest(reply.rest, folded, words) if reply.rest and folded else _folds(folded, words)
        bottom = []
    title = words.plain(reply.title)
    speak = " ".join([*map(words.plain, reply.outcome), title])
    return parts.card(body, bottom, title, refresh=reply.refresh, speak=speak)


def _head(reply: Details, words: Words) -> list[parts.Element]:
    head = parts.top(reply.title, reply.notices, words)
    if reply.subtitle:
        head.insert(1, parts.paragraph(reply.subtitle, words, small=True))
    if reply.status:
        head.append(parts.stated(reply.status, reply.tone, words))
    head += [parts.checked(check, words) for check in reply.checks]
    return [*head, parts.facts(reply.facts, words)] if reply.facts else head


def _input(field: Field | Picker, words: Words) -> parts.Element:
    return parts.pick(field, words) if isinstance(field, Picker) else parts.field(field, words)


def _bottom(reply: Details, words: Words) -> list[parts.Action]:
    """Links first, since a press says what came of them. An input of one press is asked of no other."""
    if reply.objection is None:
        return [*parts.bottom((), reply.links, words), *parts.bottom(reply.buttons, (), words)]
    presses = [parts.press(button, words, alone=True) for button in reply.buttons]
    return [*parts.bottom((), reply.links, words), *presses, parts.fold(reply.objection.title, words, OBJECTION)]


def _objection(objection: Objection, words: Words) -> parts.Element:
    items: list[parts.Element] = [
        parts.field(objection.field, words),
        parts.paragraph(Text("card.on_a_phone"), words, small=True),
        parts.taps([parts.press(objection.send, words)]),
    ]
    return parts.group(items, OBJECTION, shown=objection.open)


def _rest(title: Text, folded: list[Section], words: Words) -> list[parts.Element]:
    """All of them behind one tap."""
    items = [part for section in folded for part in _section(section, words)]
    return [parts.taps([parts.fold(title, words, "rest")]), parts.group(items, "rest", shown=False)]


def _folds(folded: list[Section], words: Words) -> list[parts.Element]:
    if not folded:
        return []
    names = [f"folded{number}" for number in range(len(folded))]
    taps = [parts.fold(section.title, words, name) for section, name in zip(folded, names, strict=True)]
    shown = [
        parts.group(_section(replace(section, folded=False), words), name, shown=False)
        for section, name in zip(folded, names, strict=True)
    ]
    return [parts.taps(taps), *shown]


def _section(section: Section, words: Words) -> list[parts.Element]:
    return [
        parts.heading(section.title, words, large=False),
        *([parts.stated(section.status, section.tone, words)] if section.status else []),
        *([parts.facts(section.facts, words)] if section.facts else []),
        *(parts.line(line, words) for line in section.lines),
        *(parts.exact(text) for text in section.exact),
        *([parts.taps([parts.press(one, words, alone=True) for one in section.buttons])] if section.buttons else []),
    ]
