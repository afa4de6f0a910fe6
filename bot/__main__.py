"""What an operator or a newcomer starts: python -m bot, and the command of an installed bot, pin-reset-bot."""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from typing import NoReturn

from bot import config, logs
from bot.errors import where
from bot.operator import arguments


def main() -> None:
    """Parse the command line and run one command; exit 2 with a plain message when it can't start."""
    options = arguments.parser().parse_args()
    logs.begin()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_RUN[options.command](options))
    except _Stopped as stopped:
        _end(1, f"The bot stopped: {stopped}. Start it again; if that happens again, report that.")
    except ModuleNotFoundError as error:
        _end(2, _NOT_INSTALLED.format(name=error.name))
    except (config.SettingsError, OSError, ValueError, KeyError) as error:
        print(f"The bot did not start.\n{_reason(error)}", file=sys.stderr)
        sys.exit(2)


class _Stopped(Exception):
    """What went wrong after the bot had started; where, and not what, since that may hold what people wrote."""


@contextlib.contextmanager
def _under_way() -> Iterator[None]:
    """Whatever fails in here is no failure to start."""
    try:
        yield
    except Exception as error:
        raise _Stopped(where(error)) from error


def _reason(error: Exception) -> str:
    """Settings errors and plain ValueErrors are written to be read; of others only the first line."""
    if isinstance(error, config.SettingsError) or type(error) is ValueError:
        return str(error)
    return f"{type(error).__name__}: {error}".splitlines()[0]


async def _serve(_options: argparse.Namespace) -> None:
    """A real tenant, until stopped."""
    settings = config.read()
    if settings.log is config.LogFormat.JSON:
        logs.write_as(logs.Json())
    # httpx would load a command line of its own, 5 MB of it, wherever a developer's tools have brought what that needs.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    from bot.app import running  # noqa: PLC0415 - imports take a second; wrong settings are told at once
    from bot.telemetry import observing  # noqa: PLC0415 - as above

    async with observing() as observer, running(settings, observer=observer) as address:
        gc.collect()
        gc.freeze()  # what is there by now stays: a full collection, a tenth of a second, need not look at it
        print(f"Listening on {address}/api/messages", flush=True)
        with _under_way():
            await _stopped()


async def _simulate(options: argparse.Namespace) -> None:
    """The bot in front of a simulated tenant, with a chat page, and a chat in the terminal or until stopped."""
    from bot.demo import run, terminal  # noqa: PLC0415 - as above

    logging.getLogger().setLevel(logging.WARNING)
    # Nobody has to know where the bot itself listens, so that it takes any port that is free.
    own = os.environ.get("PINBOT_PORT", "0")
    shown = run.showing(options.scenario, options.port, options.data, language=options.language, PINBOT_PORT=own)
    async with shown as world:
        print(f"The bot listens on {world.teams.bot_url}.\nChat with it: {world.url}", flush=True)
        print(_SIMULATED.format(kept=f"What is said is kept in {options.data}/. " if options.data else ""), flush=True)
        with _under_way():
            await (terminal.chat(world) if options.terminal and sys.stdin.isatty() else _stopped())


async def _ask(options: argparse.Namespace) -> None:
    """One question, or a file of them, through the real door."""
    from bot.chat.deadlines import Deadlines  # noqa: PLC0415 - as above
    from bot.demo import ask, run  # noqa: PLC0415 - as above

    logging.getLogger().setLevel(logging.ERROR)
    patient = Deadlines(answer=30.0)  # who asks here waits for the answer, however busy the machine is
    settings = {"PINBOT_PORT": "0", "PINBOT_TURNS_PER_MINUTE": "100000"}
    async with run.running(options.scenario, deadlines=patient, **settings) as world:
        world.teams.locale = options.lang or world.teams.locale
        if options.questions:
            asked = ask.read(options.questions)
            counts = await ask.answer_all(world, asked, sys.stdout, in_language=options.in_language)
            print(*ask.sums(counts), sep="\n", end="\n" * bool(counts), file=sys.stderr)
        else:
            print(await ask.answer(world, options.as_, " ".join(options.text)))


async def _explain(options: argparse.Namespace) -> None:
    """How a text is understood, and what the person that it is asked as would read."""
    from bot.demo import explain  # noqa: PLC0415 - as above

    print(*explain.explained(" ".join(options.text), options.lang), sep="\n")
    if options.as_:
        print("answer")
        await _ask(options)


async def _package(options: argparse.Namespace) -> None:
    """The Teams app for these settings; exit 1 with what to mend."""
    from bot.operator import package  # noqa: PLC0415 - as above

    settings = config.read()
    try:
        content = package.package(settings)
    except package.PackageError as error:
        _end(1, f"Nothing was written.\n{error}")
    options.out.write_bytes(content)
    print(f"{options.out}: app {package.app_id(settings)} of the bot {settings.app_id}, ready to upload.")


async def _check(options: argparse.Namespace) -> None:
    """Everything that must be right before people use the bot; or only what is stored, or the words of the locales."""
    await {"audit": _check_audit, "words": _check_words, "all": _check_all}[options.what](options)


async def _check_all(options: argparse.Namespace) -> None:
    """One line for each look; exit 1 when something must be done, 2 when something could not be looked at."""
    settings = config.read()
    from bot.operator import check  # noqa: PLC0415 - as above

    logging.getLogger().setLevel(logging.ERROR)  # what the looks meet is told in their lines
    findings = await check.check(settings)
    if options.json:
        print(json.dumps(check.document(findings), indent=2, ensure_ascii=False))
    else:
        print(*check.lines(findings), sep="\n")
    sys.exit(check.status(findings))


async def _check_words(options: argparse.Namespace) -> None:
    """What is wrong with them, exit 1 for any; how much each language has, and with `--lang` what it lacks."""
    from dialogs import check  # noqa: PLC0415 - as above

    print(*check.shares(), *(check.lacking(options.lang) if options.lang else ()), sep="\n")
    if wrong := "\n".join(check.faults()):
        _end(1, wrong)


async def _backup(options: argparse.Namespace) -> None:
    """A copy of the database, while the bot works."""
    from bot.operator import backup  # noqa: PLC0415 - as above

    try:
        await asyncio.to_thread(backup.backup, config.read().database_url, options.file)
    except backup.BackupError as error:
        _end(1, f"Nothing was copied.\n{error}")
    print(f"{options.file} holds what the database held. Keep it where only the operator may read it.")


async def _restore(options: argparse.Namespace) -> None:
    """A copy back in its place, which is empty; then the audit is checked."""
    from bot.operator import backup  # noqa: PLC0415 - as above

    try:
        await asyncio.to_thread(backup.restore, config.read().database_url, options.file)
    except backup.BackupError as error:
        _end(1, f"Nothing was restored.\n{error}")
    options.head = ""
    await _check_audit(options)


async def _check_audit(options: argparse.Namespace) -> None:
    """Read the audit's chain; exit 1 when it is not what the bot wrote, 2 when there is nothing to read."""
    from bot.errors import BotError  # noqa: PLC0415 - as above
    from bot.operator.bar import bar  # noqa: PLC0415 - as above
    from bot.store import audit, database  # noqa: PLC0415 - as above
    from bot.store.seal import SealKey  # noqa: PLC0415 - as above

    settings = config.read()
    try:
        engine = database.open_to_read(settings.database_url)
    except FileNotFoundError:
        _end(2, _NO_FILE)
    try:
        whole = await database.is_sound(engine)
        progress = bar(await audit.length(engine), sys.stderr)
        report = await audit.check(engine, SealKey(*settings.audit_keys), options.head, progress)
    except (BotError, ValueError, TypeError):  # the database's own words may hold what people wrote
        _end(1, _UNREADABLE)
    finally:
        await engine.dispose()
    print(f"{report.rows} rows are sound; the head is {report.head}.")
    if report.broken is not None:
        print(f"Row {report.broken} is not what the bot wrote: edited, removed or put in another place.")
    if report.cut:
        print("The given head is not in the chain: rows at the end were cut, or it is of another database.")
    if not whole:
        _end(1, _DAMAGED)
    if not report.sound:
        sys.exit(1)


async def _clock(options: argparse.Namespace) -> None:
    """Compare the clock with the database; exit 1 when it is behind and was not set right, 2 when there is no file."""
    from bot.app import clock_behind  # noqa: PLC0415 - as above

    try:
        behind = await clock_behind(config.read(), set_right=options.set_right)
    except FileNotFoundError:
        _end(2, _NO_FILE)
    if behind is None:
        print("The clock of this machine is not behind the database; there is nothing to set right.")
        return
    shown, seen = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (behind.shown, behind.seen))
    print(f"The clock of this machine shows {shown}; the newest moment in the database is {seen}.")
    if not options.set_right:
        _end(1, _CLOCK_BEHIND)
    print(_CLOCK_SET)


def _end(code: int, why: str) -> NoReturn:
    print(why, file=sys.stderr)
    sys.exit(code)


_NOT_INSTALLED = (
    "{name} is not installed here. simulate, ask and explain --as need a simulated tenant, which is left out where the "
    "bot serves: run pip install '.[demo]' in the project's folder. If another command says so, install the bot anew."
)
_NO_FILE = (
    "PINBOT_DATABASE_URL names no file, so nothing was checked, and nothing was created. Correct the path; one that is "
    "relative counts from the folder that the command is run in."
)
_UNREADABLE = (
    "The audit can't be read: the file is damaged or no database of this bot. See that PINBOT_DATABASE_URL names the "
    "right file; if it does, stop the bot, keep the file, restore a backup and check that."
)
_DAMAGED = (
    "The audit can be read, but other parts of the file are damaged. Stop the bot, keep the file, restore a backup and "
    "check that."
)


_CLOCK_BEHIND = (
    "Nothing is carried out like that. If the clock is right now, say so: python -m bot clock --set-right; if it is "
    "wrong, correct it first."
)
_CLOCK_SET = (
    "Time counts from the clock of this machine again, and the audit has a row of it. Requests that were filed "
    "meanwhile live as long as any other; those that had expired stay so and can be asked for again. What needs "
    "attention is gone on with by retry."
)


_SIMULATED = (
    "All of it is on this machine: a made-up company, no real tenant, no message that leaves. {kept}Ctrl-C ends it at "
    "any moment, and nothing is lost."
)
_RUN = {
    "serve": _serve,
    "package": _package,
    "backup": _backup,
    "restore": _restore,
    "check": _check,
    "clock": _clock,
    "simulate": _simulate,
    "ask": _ask,
    "explain": _explain,
}


async def _stopped() -> None:
    """Wait for SIGINT or SIGTERM; what is under way is then finished."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()


if __name__ == "__main__":
    main()
