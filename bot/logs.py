"""How the log is written: one line an event, as text or as JSON, and nothing in it that people wrote."""

import json
import logging
import sys
import time
from contextvars import ContextVar

from bot.errors import where

TURN: ContextVar[str] = ContextVar("TURN", default="")  # names the call of Teams that is answered: lines of one belong
GRAPH_REQUEST = "graph_request"  # in `extra`: Graph's own id of a call, which Microsoft's support asks for
_QUIET = ("httpx", "httpcore", "aiohttp.access", "msal", "asyncio", "alembic")  # at work they say too much


def begin() -> None:
    """As text, to stderr."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    write_as(OneLine())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def write_as(formatter: logging.Formatter) -> None:
    """From now on."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)


class OneLine(logging.Formatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        """Nobody writes a second line into the log, or moves its cursor."""
        event = _event(record)
        event.pop(GRAPH_REQUEST, None)  # it stands in the message
        rest = [f"{name}={event[name]}" for name in ("error", "turn") if name in event]
        return " ".join([f"{self.formatTime(record)} {record.levelname} {record.name} {event['message']}", *rest])


class Json(logging.Formatter):
    """For programs: an object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC."""
        return json.dumps(_event(record))


def _event(record: logging.LogRecord) -> dict[str, str]:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    event = {
        "time": f"{at}.{int(record.msecs):03}Z",
        "level": record.levelname,
        "logger": record.name,
        "message": _plain(record.getMessage()),
    }
    if record.exc_info and record.exc_info[1]:
        event["error"] = where(record.exc_info[1])  # its text may hold what people wrote
    if turn := TURN.get():
        event["turn"] = turn
    if request := getattr(record, GRAPH_REQUEST, ""):
        event[GRAPH_REQUEST] = request
    return event


def _plain(text: str) -> str:
    """What is no printable character becomes its escape."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
