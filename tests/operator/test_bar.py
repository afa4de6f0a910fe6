"""Who waits at a terminal sees how far the work is; a log is not filled with it."""

import io

from bot.operator.bar import WIDTH, bar


class Terminal(io.StringIO):
    """Somebody looks on."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_it_is_on_one_line() -> None:
    out = Terminal()
    draw = bar(1_000_000, out)
    for done in (250_000, 1_000_000):
        draw(done)
    first, last = out.getvalue().split("\r")[1:]
    assert first.count("#") == WIDTH // 4
    assert "250,000 of 1,000,000 rows" in first
    assert last == f"[{'#' * WIDTH}] 1,000,000 of 1,000,000 rows\n"


def test_a_log_gets_nothing() -> None:
    out = io.StringIO()
    bar(10, out)(5)
    assert out.getvalue() == ""
