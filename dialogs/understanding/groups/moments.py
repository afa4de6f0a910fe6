"""When a sentence wants something done: what stands at its end and is no part of a name."""

import re

_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?\.?"
_CLOCK = r"\d{1,2}\s?[:.]\s?\d{2}(?:\s?[ap]\.?m\.?)?"
_TIME = rf"(?:{_CLOCK}|\d{{1,2}}\s?(?:[ap]\.?m\.?|o['’]clock|uhr|h)(?!\w))"
_ISO = r"\d{4}-\d{2}-\d{2}"
_DATE = rf"(?:{_ISO}|\d{{1,2}}[./]\d{{1,2}}[./]?(?:\d{{4}}|\d{{2}})?)"


class Moments:
    """`day`: days, months and the like, which need one of the words `before` them or a time after them; `soon`: what
    needs neither; `end`: small words that may follow. Each a pattern of either."""

    def __init__(self, day: str, before: str, soon: str, end: str) -> None:
        named = rf"(?:{_NUMBER}\s+)?(?:{day})(?!\w)(?:\s+{_NUMBER}(?!\w))?(?:,?\s+\d{{4}})?"
        part = rf"(?:{named}|(?:{soon})(?!\w)|{_DATE}|{_TIME})"
        words = rf"(?:(?:{before})\s+)"
        first = rf"(?:{words}{{1,4}}{part}|(?:{soon})(?!\w)|{_ISO}|{_CLOCK}|{named}[\s,]+{words}{{0,3}}{_TIME})"
        more = rf"(?:[\s,]+{words}{{0,3}}{part}){{0,4}}"
        self._at_the_end = re.compile(
            rf"[\s,]+(?P<when>{first}{more})(?P<rest>(?:[\s,.;!?]+(?:{end}))?[\s,.;!?]*)\Z", re.IGNORECASE
        )

    def cut(self, text: str) -> tuple[str, str]:
        """The text without it, and the moment as it was written; empty where there is none."""
        match = self._at_the_end.search(text)
        if match is None:
            return text, ""
        return text[: match.start()] + match["rest"], re.sub(r"\s?:\s?", ":", match["when"])
