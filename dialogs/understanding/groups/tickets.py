"""The number of a ticket in a sentence that names groups: the reason, and no group."""

import re

_TICKET = r"(?-i:[A-Z]{2,10}(?:-\d+|\d{3,}))"
_LABEL = r"(?:(?:for|per|under|re|ref|as per)\s)?(?:(?:ticket|change|request|incident)\s)?"
_TICKET_FIRST = re.compile(rf"{_LABEL}(?P<reason>{_TICKET})[\s:,.–-]+(?P<rest>.+)", re.IGNORECASE)
_TICKET_INSIDE = re.compile(rf"[,;.(\[–-]\s*{_LABEL}(?P<reason>{_TICKET})[)\]]?\s*[,;.]", re.IGNORECASE)
_TICKET_LAST = re.compile(rf"(?<=[\s,.:(\[–-]){_LABEL}(?P<reason>{_TICKET})\W*\Z", re.IGNORECASE)


def cut_first(text: str) -> tuple[str, str]:
    """What is left, and a ticket that a text begins with; perhaps none."""
    match = _TICKET_FIRST.fullmatch(text)
    return (match["rest"], match["reason"]) if match and _is_alone(match["reason"], text) else (text, "")


def cut_later(text: str) -> tuple[str, str]:
    """The same of one that ends a text or stands apart inside of it."""
    for pattern in (_TICKET_LAST, _TICKET_INSIDE):
        if (match := pattern.search(text)) and _is_alone(match["reason"], text):
            before, after = text[: match.start()].rstrip("([ "), text[match.end() :]
            return f"{before}, {after}" if after else before, match["reason"]
    return text, ""


def _is_alone(ticket: str, text: str) -> bool:
    """RING-1, RING-2 are names of groups rather than tickets."""
    return len(re.findall(rf"\b{ticket.rstrip('0123456789')}\d", text)) == 1
