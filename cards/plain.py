"""A card as plain text: everything it shows, also what a tap would unfold. For terminals and tests."""

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = ("text", "title", "value", "label", "placeholder", "url")
HELD = ("body", "items", "columns", "rows", "cells", "facts", "inlines", "choices", "card", "actions", "data")
INLINE = ("RichTextBlock",)


def plain(card: Mapping[str, Any]) -> str:
    """The visible text of an Adaptive Card, one element a line: texts, facts, inputs, button titles, addresses."""
    return "\n".join(line for line in _lines(card) if line.strip())


def _lines(element: Mapping[str, Any]) -> Iterator[str]:
    kind = element.get("type", "")
    if kind in INLINE:
        yield "".join(run if isinstance(run, str) else str(run.get("text", "")) for run in element["inlines"])
        return
    if kind == "FactSet":
        yield from (f"{fact['title']}: {fact['value']}" for fact in element["facts"])
        return
    if not kind.startswith("Chart."):
        yield from (str(element[name]) for name in SHOWN if _is_shown(element, name))
    for name in HELD:
        held = element.get(name)
        if name == "data" and not kind.startswith("Chart."):
            continue  # what a button carries is not shown
        yield from _held(held)


def _is_shown(element: Mapping[str, Any], name: str) -> bool:
    if name == "value" and element.get("type", "").startswith("Input."):
        return False  # the preset of an input is an id, its title stands among the choices
    return isinstance(element.get(name), str) and not (name == "value" and "title" in element)


def _held(held: object) -> Iterator[str]:
    if isinstance(held, Mapping):
        yield from _lines(held)
    elif isinstance(held, list):
        for item in held:
            if isinstance(item, Mapping):
                yield from _lines(item)
