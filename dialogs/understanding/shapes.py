"""What a word may be by itself, whatever stands around it: a number, a key, or nothing that anybody would hide."""

import re

from dialogs.understanding.windows import RELEASES

SHORTEST_TOKEN = 32  # characters of what may be a token without a name
SHORTEST_KEY = 13  # characters of what is one by how it begins
EDGES = " \t\"'“”„«»‘’()[]{}<>.,;:?!…、。「」*`_"  # what may stand around a word

_NUMBER = re.compile(r"\d{4,12}")
_GROUPED = re.compile(r"\d{1,4}(?:[-.·/]\d{1,4}){1,7}")
_SINGLE_DIGITS = re.compile(r"\d(?:[-.·/]\d){3,7}")
_PIECE = re.compile(r"\d{1,3}")
_YEAR = re.compile(r"(?:19[5-9]|20[0-4])\d")
# Windows versions and builds, also of Server (20348), of previews and of releases to come; a number beside the word PIN
# is one all the same.
_VERSION = re.compile("|".join(f"{one.version}|{one.build}" for one in RELEASES) + r"|20348|2[02]\d00|2[5-9]\d{3}")
_KANJI = re.compile("[〇零一二三四五六七八九]{4,}")
_TYPED = re.compile(rf"[\d!@#$%^&*+=~]|{_KANJI.pattern}")

# Words with digits that are no passwords: codes, versions, tickets, devices, amounts, addresses.
_HARMLESS = re.compile(
    r"0x[0-9a-f]+|aadsts\d+|caa[0-9a-f]{5}|v?\d{2}h[12]|v?\d+(\.\d+)*|kb\d+|\w*windows\w*|win\d+\w*|[a-z]{1,4}365"
    r"|[wvx]\d+|21vianet|p1n|a1b2c3|fido2?|\d+(st|nd|rd|th|x|h|am|pm|gb|mb|min|mins|s|k|er|e|ème|º|ª)|802\.1x|sha\d+|oauth2"
    r"|\d+-(digit|stellige\w*|chiffres|dígitos)s?|[^@\s]+@[^@\s]+\.\w+|\w+://\S+|www\.\S+|\d{1,2}:\d{2}\w*"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|24/7|\d+%|\d+[.,]\d+\w*|\+?[\d()/-]+|[a-z]+/[a-z0-9/]+"
    r"|\.?/?(device|user|vendor)/[\w{}/-]+"  # an OMA-URI with its tenant id
    r"|[0-9a-f]{40}|(,?(\.[\w-]+)+(:\d+)?)+",  # a certificate's thumbprint and the realms, as dsregcmd prints them
    re.IGNORECASE,
)
_NAME_TAG = re.compile(r"[A-Z]{2}[A-Z0-9]*(?:[-_][A-Z0-9]+)*")  # CON-LT-0142, INC0048213
_KEY = re.compile(r"(?:\d{6}-){2,}\d{6}|eyJ[\w-]{10,}\S*")
_LONG_TOKEN = re.compile(rf"[\w~./+=-]{{{SHORTEST_TOKEN},}}")


def may_be_typed(text: str) -> bool:
    """Whether there is a digit or a sign at all."""
    return _TYPED.search(text) is not None


def could_be_secret(word: str) -> bool:
    """Whether a word may be a PIN or a password, whatever stands around it: stricter than `mask`, for what is kept."""
    core = word.strip(EDGES)
    if _NUMBER.fullmatch(core):
        return not is_dated(core)
    return looks_typed(core) and looks_typed(core.replace("-", "")) and not is_name_tag(core)


def is_plain(core: str) -> bool:
    """Whether it is of letters alone, as most words are, and too short for a key."""
    return len(core) < SHORTEST_KEY and core.isascii() and core.isalpha()


def is_key(core: str) -> bool:
    """Whether it can be nothing but a token, a recovery key or a PIN in kanji."""
    if _KEY.fullmatch(core) or _KANJI.search(core):
        return True
    if not _LONG_TOKEN.fullmatch(core):
        return False
    mixed = any(char.isdigit() for char in core) and any(char.isupper() for char in core)
    return mixed and not _HARMLESS.fullmatch(core)


def is_number(core: str) -> bool:
    """Whether it is a number by itself that is long enough for a PIN, grouped or not."""
    return bool(_NUMBER.fullmatch(core) or (_GROUPED.fullmatch(core) and _NUMBER.fullmatch(re.sub(r"\D", "", core))))


def is_piece(core: str) -> bool:
    """Whether it may be part of a number that is written in several words."""
    return _PIECE.fullmatch(core) is not None


def is_in_single_digits(core: str) -> bool:
    """Whether it is written like 3-3-9-1."""
    return _SINGLE_DIGITS.fullmatch(core) is not None


def is_dated(number: str) -> bool:
    """Whether it may be a version, a build or a year."""
    return bool(_VERSION.fullmatch(number) or _YEAR.fullmatch(number))


def is_name_tag(core: str) -> bool:
    """Whether it looks like the name of a PC or of a ticket."""
    return _NAME_TAG.fullmatch(core) is not None


def looks_typed(core: str) -> bool:
    """A word with a digit or sign inside that is no code, version or address."""
    letters = any(char.isalpha() for char in core)
    signs = any(char.isdigit() or char in "!@#$%^&*+=~?" for char in core)
    return len(core) >= 5 and letters and signs and not _HARMLESS.fullmatch(core)


def is_strong(core: str) -> bool:
    """Whether it is as long and as mixed as a password has to be."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return len(core) >= 8 and all(any(kind(char) for char in core) for kind in kinds)
