"""Welcome, help, and an honest answer to what is not understood."""

import asyncio
from dataclasses import replace

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.near import wish
from bot.chat.notices import GapNotes, HelpDesk
from bot.errors import BotError
from bot.help.services import HelpServices
from dialogs.words.replies import Button, Fold, Say, Text

_SPOKEN = {
    "welcome": ("text", "never_ask"),
    "help": ("text", "never_ask"),
    "thanks": ("text",),
    "unknown": ("text",),
    "vague": ("text",),
}
# By role: what of it can be pressed at once. The other lines of the menu want a name, a number or a reason.
_MENU = {
    "admin": ("onboard_consent", "create_profile", "usage.assign"),
    "approver": ("approvals",),
    "help_desk": ("questions",),
    "staff": ("approvals", "history", "whoami"),
}
_LOST = ("unknown", "vague")


async def run(asked: Asked, services: HelpServices) -> Answer:
    """The same ways on, under the heading that suits what was said; help also says what one's roles allow."""
    if asked.key in _LOST:
        return Answer(unknown(asked, services.gaps, services.help_desk, asked.key))
    if asked.key != "help":
        return Answer(_say(asked.key))
    menu = await _menu(asked, services)
    return Answer(replace(_say("help", (notices.status(),) if menu else (notices.failed(),)), folds=menu))


def unknown(asked: Asked, gaps: GapNotes, help_desk: HelpDesk, key: str = "unknown") -> Say:
    """Not understood, or no longer known: noted without a name, and with a way to a human."""
    gaps.note(asked.turn.text)
    person = notices.ask_a_person(asked, help_desk, asked.turn.text)
    return _say(key, (notices.what_can_you_do(), *person))


def _say(key: str, more: tuple[Button, ...] = ()) -> Say:
    second = notices.failed() if key in _LOST else wish("covered")
    return Say(
        Text(f"{key}.title"),
        tuple(Text(f"{key}.{part}") for part in _SPOKEN[key]),
        buttons=(notices.forgot(main=True), second, *(more or (notices.what_can_you_do(),))),
    )


async def _menu(asked: Asked, services: HelpServices) -> tuple[Fold, ...]:
    """What one's roles allow, by the tenant; who can't be looked up in time gets the plain help."""
    person, roles = asked.turn.person.object_id, services.roles
    try:
        async with asyncio.timeout_at(asked.until):
            admin, approver = await roles.is_admin(person), await roles.is_approver(person)
            help_desk = await roles.is_help_desk(person)
    except (BotError, TimeoutError):
        return ()
    has = {"admin": admin, "approver": approver, "help_desk": help_desk, "staff": admin or approver}
    return tuple(_fold(role, labels) for role, labels in _MENU.items() if has[role])


def _fold(role: str, labels: tuple[str, ...]) -> Fold:
    return Fold(Text(f"button.menu.{role}"), (Text(f"help.{role}"),), buttons=tuple(map(wish, labels)))


def commands(services: HelpServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (Command(bound(run, services), intents=tuple(_SPOKEN), verbs=("help",), audience=For.EVERYBODY),)
