"""For all tests: no socket leaves this machine, no tool is missing in CI, and a whole bot before a simulated tenant."""

import logging
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bot.config.values import is_loopback
from bot.demo import run
from bot.simulation import World
from tests import once
from tests.deadlines import GENEROUS

# No test is a stopwatch: the first example pays for what is loaded once.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Files that a plain clone does not have; whoever skips for want of one says so in these words.
BESIDE = "is not beside the project"
CANARY = "canary-what-people-wrote"  # no line of the log may hold it; see quiet_log

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files lie in memory where it has room: no test is about the disk for which each commit would wait."""
    if "PYTEST_XDIST_WORKER" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return  # several processes are given what the first one made
    folder = tempfile.TemporaryDirectory(prefix="pytest-", dir=MEMORY, ignore_cleanup_errors=True)
    patch = pytest.MonkeyPatch()
    patch.setenv("TMPDIR", folder.name)
    patch.setattr(tempfile, "tempdir", None)  # found out anew
    config.add_cleanup(patch.undo)
    config.add_cleanup(folder.cleanup)


@pytest.fixture
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, no line of the log carries what people wrote, what was stored, or a traceback."""
    caplog.set_level(logging.DEBUG, logger="bot")
    yield
    records = caplog.get_records("call")
    assert not any(record.exc_info for record in records)
    assert CANARY not in " ".join(str(vars(record)) for record in records)


class LeftTheMachine(OSError):
    """A test wanted to reach another machine; the product under test sees a network that refuses."""


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Connections and name look-ups reach loopback only; sockets of other families (pipes) are left alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        for name in ("getaddrinfo", "gethostbyname"):
            patch.setattr(socket, name, _guarded_look_up(getattr(socket, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        once.share(patch)
        yield


def _guarded(original: Any) -> Any:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _check(arguments[-1][0])
        return original(self, *arguments)

    return guarded


def _guarded_look_up(original: Any) -> Any:
    def guarded(host: Any, *arguments: Any, **more: Any) -> Any:
        if host is not None:
            _check(host.decode() if isinstance(host, bytes) else host)
        return original(host, *arguments, **more)

    return guarded


def _check(host: str) -> None:
    if not is_loopback(host):
        raise LeftTheMachine(f"not loopback: {host}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI every tool that a test needs is there: a skip for another reason than a file beside us is a failure."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _fail_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file."""
    report = yield
    _fail_in_ci(report)
    return report


def _fail_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and BESIDE not in str(report.longrepr) and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The bot in front of the simulated tenant, scenario `rollout`; `world.teams` writes and presses."""
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as running:
        yield running
