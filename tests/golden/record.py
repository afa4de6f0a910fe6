"""Writes the golden files anew: python -m tests.golden.record [cards plans stored_values audit before before_cards]

Only on purpose: a change that people are meant to see, or a new kind of value that is meant to be stored. A file that
differs after a move or a rename is a fault of the move. Look at each difference before it is kept: who has a request
open, a card in a chat or a row in a database meets it.

Without names all are written but `before`: the database of an earlier version is of use only as long as today's has
not replaced it. It is written by name, with `before_cards`, when no version that wrote such a database is in use.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.golden import before, files, plans, story
from tests.golden.product import sent_cards
from tests.golden.stored_values import stored_values


def cards() -> None:
    """One file a card; those of cards that are no more go."""
    for file in files.CARDS.glob("*.json"):
        file.unlink()
    for name, card in asyncio.run(sent_cards()).items():
        files.card_path(name).write_text(files.text(card), "ascii")


def _write(name: str, value: object) -> None:
    files.path(name).write_text(files.text(value), "ascii")


def _in_a_folder(work: Callable[[Path], object]) -> object:
    with tempfile.TemporaryDirectory() as folder:
        return work(Path(folder))


WRITERS: Mapping[str, Callable[[], object]] = {
    "cards": cards,
    "plans": lambda: _write("plans", _in_a_folder(lambda folder: asyncio.run(plans.stored(folder)))),
    "stored_values": lambda: _write("stored_values", _in_a_folder(lambda folder: asyncio.run(stored_values(folder)))),
    "audit": lambda: _write("audit", _in_a_folder(lambda folder: asyncio.run(story.told(folder)))),
    "before": lambda: _in_a_folder(lambda folder: asyncio.run(before.make(folder, files.BEFORE))),
    "before_cards": lambda: _write("before_cards", _in_a_folder(lambda folder: asyncio.run(before.cards(folder)))),
}


def main() -> None:
    """Write what is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    named = parser.parse_args().names or [name for name in WRITERS if name != "before"]
    if unknown := {*named} - {*WRITERS}:
        parser.error(f"there is no golden file {', '.join(sorted(unknown))}")
    for name, write in WRITERS.items():
        if name in named:
            write()


if __name__ == "__main__":
    main()
