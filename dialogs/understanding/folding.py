"""One form for what looks alike: what people see of a text, and its words without case and accents."""

import html
import re
import unicodedata

JAPANESE = "\u3040-\u30ff\u3400-\u9fff\u3005"

_MENTION = re.compile(r"<at\b[^<>]*>[^<>]{0,200}</at>", re.IGNORECASE)  # the bot's own name says "PIN reset"
_TAG = re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("’‘`´ʼ′", "'") | {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_ACCENTS = re.compile("[\u0300-\u036f]")
_ABBREVIATION = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")
_ELISION = re.compile(r"\b(j|l|d|m|t|s|n|c|qu|jusqu|lorsqu|quelqu)'(?=\w)")  # French: j'ai, l'écran
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_LONG = re.compile(r"([a-z])\1{2,}")
_JAPANESE_RUN = re.compile(f"[{JAPANESE}]+")


def plain(text: str) -> str:
    """What people see of a text: no tags, mentions or invisible marks, one form for each character."""
    if "<" in text or "&" in text:
        text = html.unescape(_TAG.sub(" ", _MENTION.sub(" ", text)))
    if text.isascii():  # has neither invisible marks nor other forms of a character
        return text
    shown = unicodedata.normalize("NFKC", text)
    return shown if shown.isascii() else "".join(char for char in shown if unicodedata.category(char) != "Cf")


def fold(text: str) -> str:
    """`plain` without case, accents and apostrophes, so that "J'ai OUBLIÉ" and "j ai oublie" are the same."""
    if text.isascii() and text.isalnum():  # a word, as most are that are looked at one by one: has only its case
        return _LONG.sub(r"\1", text.lower())
    text = plain(text).casefold().translate(_QUOTES)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))
    if "." in text:
        text = _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text)
    if "'" in text:
        text = _APOSTROPHE.sub("", _POSSESSIVE.sub(" s", _ELISION.sub(r"\1 ", text)))
    text = _LONG.sub(r"\1", text)
    return text if text.isascii() else _JAPANESE_RUN.sub(r" \g<0> ", text)
