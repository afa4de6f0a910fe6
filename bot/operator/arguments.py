"""The command line of `python -m bot`: what may be given, and what `--help` says of it."""

import argparse
import re
from pathlib import Path


def _port(given: str) -> int:
    if not given.isdecimal() or int(given) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 (any that is free) to 65535")
    return int(given)


def _language(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", given):
        raise argparse.ArgumentTypeError("a language is a tag such as ja or pt-BR")
    return given


def parser() -> argparse.ArgumentParser:
    """Of all commands; who parses with it ends the program for a wrong line, as argparse does."""
    line = argparse.ArgumentParser(prog="python -m bot")
    commands = line.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve a real tenant with the settings of the environment or .env")
    _add_trials(commands)
    check = commands.add_parser("check", help="check everything; or the audit, or the words of all languages")
    check.add_argument("what", nargs="?", default="all", choices=("all", "audit", "words"))
    check.add_argument("--json", action="store_true", help="all: for programs")
    check.add_argument("--head", default="", metavar="HASH", help="audit: a head noted earlier, from a card or the log")
    check.add_argument("--lang", default="", metavar="LANGUAGE", help="words: name what this language lacks")
    package = commands.add_parser("package", help="write the Teams app package for these settings")
    package.add_argument(
        "--out", type=Path, default=Path("pin-reset-bot.zip"), metavar="FILE", help="pin-reset-bot.zip"
    )
    backup = commands.add_parser("backup", help="copy the database into a file, while the bot works")
    restore = commands.add_parser("restore", help="put such a copy in the place of the database, where nothing may be")
    for command in (backup, restore):
        command.add_argument("file", type=Path, metavar="FILE")
    clock = commands.add_parser("clock", help="compare the clock of this machine with the database")
    clock.add_argument("--set-right", action="store_true", help="the clock is right now: count from it again")
    return line


def _add_trials(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What needs no tenant."""
    simulate = commands.add_parser("simulate", help="serve a simulated tenant on this machine")
    simulate.add_argument("--terminal", action="store_true", help="chat here")
    simulate.add_argument("--port", type=_port, default=3979, help="where the chat page is served (3979)")
    simulate.add_argument(
        "--language", type=_language, default="en-US", metavar="TAG", help="of everybody's Teams, e.g. ja (en-US)"
    )
    simulate.add_argument("--data", type=Path, metavar="FOLDER", help="keep everything here and go on with it")
    ask = commands.add_parser("ask", help="put questions to the bot in a simulated tenant and print the answers")
    ask.add_argument("--as", dest="as_", default="user", metavar="PERSON", help="who asks (bot/simulation/README.md)")
    ask.add_argument("--questions", type=Path, metavar="FILE", help="JSON lines with id, persona and text")
    ask.add_argument("--in-language", action="store_true", help="say of each answer whether it is in the row's `lang`")
    ask.add_argument("--lang", type=_language, help="the language that the person's Teams is set to (en-US)")
    ask.add_argument("text", nargs="*", help="the question")
    explain = commands.add_parser("explain", help="show how a text is understood, and why")
    explain.add_argument("--as", dest="as_", default="", metavar="PERSON", help="print also what this person reads")
    explain.add_argument(
        "--lang", type=_language, default="en", help="the language that the person's Teams is set to (en)"
    )
    explain.add_argument("text", nargs="+", help="what somebody writes")
    explain.set_defaults(questions=None)
    for command in (simulate, ask, explain):
        command.add_argument("--scenario", choices=("fresh", "rollout", "crowded"), default="rollout")
