"""Mistakes that a tired engineer could make, patched into the product, to see that the harness would notice."""

_made: list[str] = []
MISTAKES: dict[str, object] = {}


def made() -> bool:
    return bool(_made)


def make(name: str) -> None: ...
