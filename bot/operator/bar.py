"""How far long work is, for whoever waits at a terminal; in a log it would only be noise."""

from collections.abc import Callable
from typing import TextIO

WIDTH = 30


def bar(total: int, out: TextIO) -> Callable[[int], None]:
    """Draws what is done of a total over the line before, and ends the line at the last of it."""
    if not out.isatty() or not total:
        return lambda _done: None

    def draw(done: int) -> None:
        full = WIDTH * done // total
        end = "\n" if done >= total else ""
        print(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {done:,} of {total:,} rows", end=end, file=out, flush=True)

    return draw
