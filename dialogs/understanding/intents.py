"""From the label that was decided for a text to the intent of a command, with its values."""

from collections.abc import Mapping

from dialogs.understanding import codes, entities, numbers, typed
from dialogs.understanding.entities import ABOUT_PCS, CHANGES, Found

# What acts at once is typed (dialogs.understanding.typed) and never said in passing: words only show how.
SHOWN_HOW = frozenset({"retry", "close"})
SAID = {"cancel": "own_requests", "usage.other": "help"}  # label → what is shown for it


def of_label(label: str, text: str = "", pc: Mapping[str, str] | None = None) -> Found:
    """`text`: what was written, where the values are read from it; a choice on a card has none."""
    if label in SAID:
        return SAID[label], {}
    kind, _, topic = label.partition(".")
    match kind:
        case "answer":
            return kind, {"answer": topic, **((pc or {}) if topic in ABOUT_PCS else {})}
        case "near_miss":
            return kind, {"topic": topic}
        case "live":
            named = "\n".join(entities.names(text)) if topic == "assignment" else ""
            return kind, {"topic": topic} | ({"names": named} if named else {})
        case "forgot":
            return kind, {} if topic == "plain" else {"state": topic}
        case "usage":
            return kind, {"command": topic}
        case "failed":
            return kind, codes.detail(text)
    return _order(label, text)


def _order(label: str, text: str) -> Found:
    """What the desk does, with what the text names of it."""
    if label in CHANGES:
        return entities.change(text, label)
    if label in SHOWN_HOW:
        return "usage", {"command": label}
    follows = typed.follows(label)
    if typed.NUMBER in follows:
        found = entities.number(text)
        return (label, {"number": found}) if found else ("usage", {"command": label})
    span = numbers.days(text) if typed.MAYBE_DAYS in follows else ""
    return label, {"days": span} if span else {}
