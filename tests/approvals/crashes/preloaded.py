"""A process that has imported what every harness needs: `with preloaded() as run`, then `run("crash_runner", "races")`.

Each run is forked from it. It reads its orders as lines of JSON, has no threads and no loop, and ends with its input.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Run = Callable[..., tuple[int, str]]
ROOT = Path(__file__).parents[3]
HERE = "tests.approvals.crashes"


@contextmanager
def preloaded() -> Iterator[Run]:
    """What it yields runs a harness as `python -m` would; its exit code, and what it printed."""
    command = [sys.executable, "-m", f"{HERE}.preloaded"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        orders, answers = server.stdin, server.stdout

        def run(harness: str, *arguments: object) -> tuple[int, str]:
            orders.write(f"{json.dumps([harness, *map(str, arguments)])}\n")
            orders.flush()
            code, printed = json.loads(answers.readline())
            return code, printed

        yield run


def _carry_out(order: list[str]) -> tuple[int, str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, sys.stdout.fileno())
        os.close(writing)
        sys.argv = order
        sys.exit(importlib.import_module(f"{HERE}.{order[0]}").main())
    os.close(writing)
    with os.fdopen(reading) as pipe:
        printed = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), printed


def _serve() -> None:
    for name in ("hypothesis.stateful", f"{HERE}.child", f"{HERE}.mutants", f"{HERE}.tenant_process"):
        importlib.import_module(name)
    for line in iter(sys.stdin.readline, ""):
        sys.stdout.write(f"{json.dumps(_carry_out(json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
