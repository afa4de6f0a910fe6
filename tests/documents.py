"""Tables, sources and sections of the documents that the tests read."""

import re

Row = dict[str, str]  # by the names of the columns

_REFERENCE = re.compile(r"\[([^\]]+)\](?!:)")


def section(document: str, title: str) -> str:
    """The text under one heading, up to the next."""
    return document.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def table(document: str, title: str) -> tuple[Row, ...]:
    """The table under one heading, a row by its column names."""
    lines = [line.strip().strip("|") for line in section(document, title).splitlines() if line.startswith("|")]
    names, _, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return tuple(dict(zip(names, row, strict=True)) for row in rows)


def references(text: str) -> set[str]:
    """The labels of the sources that a text names."""
    return set(_REFERENCE.findall(text))


def links(document: str) -> dict[str, str]:
    """The addresses of the sources by their labels."""
    return dict(re.findall(r"(?m)^\[([^\]]+)\]: (\S+)$", document))
