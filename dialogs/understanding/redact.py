"""Takes out what nobody may keep before a text is stored or handed on: tokens, keys and passwords in pasted logs, PINs.

secrets.py finds what people type word by word; here are the shapes that stand inside logs, URLs and JSON.
"""

import html
import re
import unicodedata

from dialogs.understanding.secrets import HIDDEN, mask
from dialogs.understanding.shapes import could_be_secret

LONGEST = 10_000  # characters looked at

_LABEL = (
    r"(?:client[-_ ]?secret|secret|password|passwd|passphrase|pwd|(?:api|account|access|private)[-_ ]?key"
    r"|sharedaccess(?:key|signature)|(?:user|client)[-_]?assertion|assertion|credential|token)"
)
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)"
    r"|eyJ[\w-]{6,}(?:\.[\w-]*)*"  # JWT and JWE, also cut off
    r"|(?<=bearer )\s*['\"]?[\w.~+/=-]{8,}"
    r"|(?<=basic )(?=\S*[\d=])[\w+/=-]{8,}|(?<=negotiate )[\w+/=-]{16,}|(?<=ntlm )[\w+/=-]{16,}"
    r"|(?<=cookie: )(?:[\w.-]+=[^\s;\"]+;?\s*)+"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"
    r"|(?<=[?&])(?:code|sig|key|id_token_hint|session_state)=[^\s&#\"']+"
    r"|[\w~.-]{3}\dq~[\w~.-]{20,}"  # a client secret of Entra
    r"|\b[01]\.a[\w-]{3,}[\w.-]{30,}"  # a refresh token of Entra
    r"|\b(?:akia|asia)[0-9a-z]{16}\b|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}|\bsk-[\w-]{16,}"
    r"|(?<![0-9a-z-])[0-9a-f]{32,}(?![0-9a-z-])",
    re.IGNORECASE | re.DOTALL,
)
_LABELLED = re.compile(rf"({_LABEL}['\"]?\s{{0,3}}[:=]\s{{0,3}}['\"]?)[^\s'\",;&<>]+", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d.Z-]*")
_WORD = re.compile(r"[^\s=:;,&\"'{}()\[\]<>|?/\\]{4,}")
_LONG = re.compile(r"[\w+/=~.-]{24,}")
_PIECE = re.compile(r"[-_/.]")
_PERSONAL = re.compile(
    r"[^\s@<>\"'(]+@[^\s@<>\"')]+"  # addresses, sign-in names
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\+\d[\d ()/-]{6,}\d"
    r"|\b(?=[\w-]*\d)[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+\b",  # names of PCs
)


def redact(text: str) -> str:
    """The text in one line without invisible marks, HIDDEN in place of all that may be a token, a key or a password.

    It rather hides too much. Costs little.
    """
    shown = " ".join(_visible(_beginning(text)).split())
    shown = _LABELLED.sub(rf"\g<1>{HIDDEN}", _SECRET.sub(HIDDEN, shown))
    return _WORD.sub(_unless_harmless, _LONG.sub(_unless_words, shown))


def clean(text: str, most: int) -> str:
    """`redact`, at most so many characters, and without what the words around it make a PIN: fit to be kept."""
    return mask(redact(text)[:most])


def anonymous(text: str, most: int) -> str:
    """`clean` without addresses, ids, telephone numbers and names of PCs. A person's name in a sentence stays."""
    return _PERSONAL.sub(HIDDEN, clean(text, most))


def _beginning(text: str) -> str:
    """No word is cut: half a token would not look like one."""
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0]


def _visible(text: str) -> str:
    """Marks that nobody sees could split a token; on a card they could turn the writing round."""
    kept = (" " if char.isspace() else char for char in html.unescape(text) if _is_shown(char))
    return "".join(kept)


def _is_shown(char: str) -> bool:
    return char.isspace() or unicodedata.category(char)[0] != "C"


def _unless_words(found: re.Match[str]) -> str:
    """Random letters are no path and no name: somewhere sixteen in a row mix capitals, small letters and digits."""
    mixed = any(len(piece) >= 16 and _is_mixed(piece) for piece in _PIECE.split(found[0]))
    return HIDDEN if mixed else found[0]


def _unless_harmless(found: re.Match[str]) -> str:
    hidden = could_be_secret(found[0]) and not _TIME.fullmatch(found[0])
    return HIDDEN if hidden else found[0]


def _is_mixed(piece: str) -> bool:
    kinds = (str.isupper, str.islower, str.isdigit)
    return all(any(kind(char) for char in piece) for kind in kinds)
