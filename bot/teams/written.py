"""What somebody wrote, out of the several shapes in which Teams' clients send it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

HTML = "text/html"
MOST_HTML = 32_000  # characters looked at
# No letter and no sign of these can be seen: blanks of every kind, and what clients leave beside a picture.
_BLANKS = re.compile("[\\s\u200b\u200c\u2060\ufeff\ufffc]+")
_QUOTED = re.compile(r"<quoted\b[^>]*>(?:\s*</quoted>)?", re.IGNORECASE)  # stands for the message that is answered
_SPEAKS_FOR_OTHERS = ("/reply", "/forward")  # how the kind of a quotation ends that Teams put there by itself
_INLINE = frozenset({"a", "at", "b", "code", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u"})
_VOID = frozenset(
    {"area", "attachment", "br", "col", "embed", "emoji", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_SHOWN = frozenset({"attachment", "audio", "embed", "img", "object", "video"})  # what is not words
_UNSHOWN = frozenset({"script", "style", "title"})


@dataclass(frozen=True, slots=True)
class OwnWords:
    """`text`: in one line, mentions as Teams marks them. `attached`: there is something beside it that is no words."""

    text: str
    attached: bool = False


def written(activity: Mapping[str, Any]) -> OwnWords:
    """The words of the one who sends it: not those of the message that is answered or forwarded."""
    found = activity.get("attachments")
    attachments = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    html = _Html()
    for one in attachments:
        if one.get("contentType") == HTML and isinstance(one.get("content"), str):
            html.feed(one["content"][:MOST_HTML])
    html.close()
    text = line(_QUOTED.sub(" ", _answered(activity)))
    if html.quotes or not text:
        text = line("".join(html.words))
    other = any(one.get("contentType") != HTML for one in attachments)
    return OwnWords(text, attached=other or html.shows or html.quotes)


def line(text: str) -> str:
    """In one line."""
    return _BLANKS.sub(" ", text).strip()


def _answered(activity: Mapping[str, Any]) -> str:
    """Older clients put the bot's name and a line of its message before the answer to it."""
    text, recipient = str(activity.get("text") or ""), activity.get("recipient")
    lines: Sequence[str] = text.splitlines()
    name = recipient.get("name") if isinstance(recipient, Mapping) else None
    quotes = len(lines) > 2 and name and lines[0].strip() == name
    return "\n".join(lines[2:]) if quotes else text


class _Html(HTMLParser):
    """Collects the words outside of quotations, with mentions as they are marked in plain text."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.quotes = False
        self.shows = False
        self._open: list[tuple[str, str, bool]] = []  # tag, what closes it, whether its words are left out
        self._left_out = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = (dict(attrs).get("itemtype") or "").lower()
        quote = tag == "blockquote" and kind.endswith(_SPEAKS_FOR_OTHERS)
        mention = tag == "at" or kind.endswith("/mention")
        self.quotes |= quote
        self.shows |= tag in _SHOWN and not kind.endswith("/emoji")
        self._add("<at>" if mention else "" if tag in _INLINE else " ")
        if tag not in _VOID:
            left_out = quote or tag in _UNSHOWN
            self._left_out += left_out
            self._open.append((tag, "</at>" if mention else "", left_out))

    def handle_endtag(self, tag: str) -> None:
        if not any(one == tag for one, _, _ in self._open[-50:]):  # closes nothing
            return
        closed = ""
        while closed != tag:
            closed, closing, left_out = self._open.pop()
            self._add(closing or ("" if closed in _INLINE else " "))
            self._left_out -= left_out

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, words: str) -> None:
        if not self._left_out:
            self.words.append(words)
