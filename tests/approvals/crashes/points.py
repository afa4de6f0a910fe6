"""Named places to be killed at, set around the product's own functions: it has no switch for them."""

import functools
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from bot.store import audit
from bot.store.requests import Requests
from bot.tenant.writes import GraphWrites


class _Watch:
    """Counts the places that this process passes."""

    def __init__(self) -> None:
        self.passed = 0
        self.kill_at = 0
        self.tell: Callable[[str], None] = lambda _line: None

    def __call__(self, name: str) -> None:
        self.passed += 1
        self.tell(f"point {name}")
        if self.passed == self.kill_at:
            self.tell(f"killed {name}")
            os.kill(os.getpid(), signal.SIGKILL)


_passing = _Watch()


def watch(tell: Callable[[str], None], kill_at: int) -> None:
    """Begin in a child: SIGKILL at the n-th place passed, 0 for none."""
    _passing.tell, _passing.kill_at, _passing.passed = tell, kill_at, 0


def _around(name: Callable[..., str], method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(method)
    async def watched(*args: Any, **kwargs: Any) -> Any:
        called = name(*args, **kwargs)
        _passing(f"before {called}")
        answer = await method(*args, **kwargs)
        _passing(f"after {called}")
        return answer

    return watched


def install() -> None:
    """Around each commit and each call to Graph, and inside each transaction, between the change and its audit row."""
    conversations: tuple[tuple[Any, str, Callable[..., str]], ...] = (
        (Requests, "commit", lambda _self, change: f"commit {change.event}"),
        (Requests, "file", lambda _self, filing: "commit filed"),
        (GraphWrites, "send", lambda _self, call: str(call.method)),
        (GraphWrites, "read", lambda _self, path: "read"),
        (audit, "append", lambda session, key, event, *rest: f"audit row {event}"),
    )
    for owner, name, called in conversations:
        setattr(owner, name, _around(called, getattr(owner, name)))


install()
