"""The audit as a file: all rows, read some at a time, however many there are."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from bot.approvals import export
from bot.approvals.services import ApprovalServices
from bot.chat.command import Answer
from bot.chat.files import Files
from bot.commands import Services
from bot.demo.gallery.example import Example
from bot.store import audit
from bot.store.records import Event
from tests.approvals.harness import ADA, MONDAY, Harness, harness
from tests.chat.asking import ask

ROWS, SLICE = 25, 10


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    async with harness(tmp_path) as made:
        yield made


class Drive:
    """Whoever takes the file."""

    def __init__(self) -> None:
        self.content = b""

    async def __call__(self, _url: str, content: bytes | IO[bytes]) -> None:
        assert not isinstance(content, bytes)
        content.seek(0)
        self.content = content.read()


class Watched(audit.Trail):
    """Notes how many rows were held at once."""

    most = 0

    async def slices(self) -> AsyncIterator[list[audit.AuditEntry]]:
        async for entries in super().slices():
            self.most = max(self.most, len(entries))
            yield entries


async def _said(key: str, services: ApprovalServices) -> Answer:
    told: Services = Example().services
    return await ask(key, replace(told, changes=replace(told.changes, requests=services)), {"upload_url": "u"})


async def test_every_row_is_in_the_file_and_only_some_are_in_memory(
    table: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "SLICE", SLICE)
    monkeypatch.setattr(export, "IN_MEMORY", 100)  # and so most of it is on the disk
    for number in range(ROWS):
        await table.store.note(Event.REFUSED, ADA, MONDAY, None, {"number": number})
    drive, trail = Drive(), Watched(table.engine)
    services = replace(Example().requests, audit=trail, files=Files(True, drive))
    offered = await _said("export_audit", services)
    assert offered.file
    await _said(offered.file.accept, services)
    rows = [*csv.DictReader(io.StringIO(drive.content.decode("utf-8-sig")))]
    assert [row["detail"] for row in rows] == [f"number={number}" for number in range(ROWS)]
    assert trail.most == SLICE
    assert abs(len(drive.content) / offered.file.size - 1) < 0.3  # what was offered is about what came


async def test_where_teams_takes_no_file_the_newest_rows_are_read_and_no_others(table: Harness) -> None:
    for number in range(ROWS):
        await table.store.note(Event.REFUSED, ADA, MONDAY, None, {"number": number})
    newest = await audit.Trail(table.engine).newest(3)
    assert [entry.detail["number"] for entry in newest] == [ROWS - 3, ROWS - 2, ROWS - 1]
