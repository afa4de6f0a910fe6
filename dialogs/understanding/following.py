"""A few words that only the card before makes sense of: "the second one", "yes", "and for Pro?"."""

from collections.abc import Mapping, Sequence
from functools import cache

from pydantic import BaseModel, ConfigDict

from dialogs.understanding import entities
from dialogs.understanding.files import each_language
from dialogs.understanding.ranking.features import STOP, tokens

MOST_WORDS = 5
ORDER = ("first", "second", "third")


class Following(BaseModel):
    """One language's following.toml: whole texts."""

    model_config = ConfigDict(extra="forbid")

    first: tuple[str, ...]
    second: tuple[str, ...]
    third: tuple[str, ...]
    yes: tuple[str, ...]


def chosen(text: str, before: Sequence[str]) -> str:
    """The label of the card before that a text chooses, or nothing."""
    place = _places().get(_said(text), len(before))
    return before[place] if place < len(before) else ""


def is_choice(text: str) -> bool:
    """Whether a text is nothing but a choice from a card."""
    return _said(text) in _places()


def about_pc(text: str, before: Sequence[str], pc: dict[str, str]) -> entities.Found | None:
    """An answer was shown, and now a kind of PC is named: the answer about such PCs."""
    if not pc or not before or not before[0].startswith("answer.") or len(_said(text).split()) > MOST_WORDS:
        return None
    return "answer", {"answer": entities.about_pc(pc), **pc}


def _said(text: str) -> str:
    return " ".join(token for token in tokens(text) if token != STOP)


@cache
def _places() -> Mapping[str, int]:
    return {
        _said(words): ORDER.index(name) if name in ORDER else 0
        for spoken in each_language("following.toml", Following)
        for name in (*ORDER, "yes")
        for words in getattr(spoken, name)
    }
