"""python -m bot check: one line for each look, on the console or as JSON."""

import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from bot import app
from bot.check import run
from bot.check.finding import Finding, Level, in_state
from bot.config import Settings
from dialogs.words.replies import Text
from dialogs.words.texts import Words, words

RIGHT, TO_DO, NOT_SEEN = 0, 1, 2
_MARKS = {Level.OK: "ok  ", Level.DO: "DO  ", Level.UNKNOWN: "?   ", Level.INFO: "info"}


async def check(
    settings: Settings, language: str = "en", seconds: float = run.SECONDS, progress: TextIO = sys.stderr
) -> tuple[Finding, ...]:
    """Look at everything; who waits sees on `progress` what has been looked at."""
    said = words(language)

    def done(found: Sequence[Finding]) -> None:
        for one in found[:1]:
            print(f"...   {said.plain(one.title)}", file=progress, flush=True)

    async with app.checking(settings) as services:
        return await run.check(services, seconds, done)


def lines(findings: Sequence[Finding], language: str = "en") -> Iterator[str]:
    """What, how it is; below it what to do, and where."""
    said = words(language)
    for one in findings:
        yield f"{_MARKS[one.state]}  {said.plain(one.title)}: {said.plain(one.text)}"
        if one.remedy:
            yield f"      {said.plain(one.remedy)}"
    yield said.plain(_sum(findings))


def document(findings: Sequence[Finding], language: str = "en") -> list[dict[str, str]]:
    """The same for programs; `key` stays the same in every language."""
    return [_row(one, words(language)) for one in findings]


def status(findings: Sequence[Finding]) -> int:
    """How the command ends."""
    if in_state(findings, Level.DO):
        return TO_DO
    return NOT_SEEN if in_state(findings, Level.UNKNOWN) else RIGHT


def _row(one: Finding, said: Words) -> dict[str, str]:
    row = {"key": one.key, "state": one.state.value, "what": said.plain(one.title), "is": said.plain(one.text)}
    return row | ({"do": said.plain(one.remedy)} if one.remedy else {})


def _sum(findings: Sequence[Finding]) -> Text:
    if wrong := in_state(findings, Level.DO):
        return Text("check.card.to_do", {"count": len(wrong)})
    if unseen := in_state(findings, Level.UNKNOWN):
        return Text("check.card.not_all_seen", {"count": len(unseen)})
    return Text("check.card.right")
