"""A PC in a text that is not the asker's: told by the looks of its name, since nothing of others is looked up."""

import re
from collections.abc import Iterable, Iterator

from bot.chat.command import Asked
from bot.pin_reset.own_devices import DASHES, comparable, names
from bot.reset_rules.facts import Device
from dialogs.understanding.folding import plain

LONGEST = 15  # letters of a computer's name, as NetBIOS has it

_WORD = re.compile(
    r"(?<![\w@./\\:-])(?!win(?:dows)?-?\d{1,4}\b)"  # a release of Windows is none
    rf"[a-z](?=[a-z-]*\d)[a-z0-9-]{{2,{LONGEST - 1}}}(?![\w@\\/-]|\.\w)",
    re.IGNORECASE,
)
_SURELY = re.compile(r"(?:desktop|laptop|notebook|win|cpc|pc|nb|lt|ws)-(?=\w*\d)\w{3,}", re.IGNORECASE)
# As PCs are numbered: CON-LT-0142, and FIN-PC07 in capitals; but for what may be a ticket: CHG-2291, SR-2026-0012.
_NUMBERED = re.compile(r"[a-z]\w*-\w+-(?=\w*\d)\w{2,}", re.IGNORECASE)
_CAPITALS = re.compile(r"[A-Z]{2,}[A-Z0-9]*-(?=[A-Z0-9]*\d)[A-Z0-9]{3,}")
_TICKET = re.compile(r"[a-z]+(?:-\d+)+", re.IGNORECASE)
_SAID_TO_BE_ONE = re.compile(r"\b(?:ticket|change|request|incident|case|ref|reference)\W{0,3}\Z", re.IGNORECASE)
_FAMILY = re.compile(r"[a-z]{2,}")


def unknown_pc(asked: Asked, devices: Iterable[Device]) -> str:
    """The first name of a PC that is written there and none of theirs has, as it was written; "" where there is none,
    and where a secret was typed, which is repeated nowhere."""
    if asked.turn.secret or asked.pressed:
        return ""
    known = {name for device in devices for name in names(device)}
    families = {found[0] for name in known if (found := _FAMILY.match(name))}
    return next(_unknown(asked.turn.text, known, families), "")


def _unknown(text: str, known: set[str], families: set[str]) -> Iterator[str]:
    shown = plain(text).translate(DASHES)
    for match in _WORD.finditer(shown):
        word = comparable(match[0])
        family = _FAMILY.match(word)
        named_alike = family is not None and family[0] in families
        if word in known or _SAID_TO_BE_ONE.search(shown[: match.start()]):
            continue
        if named_alike or _SURELY.fullmatch(word) or _looks_like_one(match[0]):
            yield match[0]


def _looks_like_one(word: str) -> bool:
    return not _TICKET.fullmatch(word) and bool(_NUMBERED.fullmatch(word) or _CAPITALS.fullmatch(word))
