"""Welcome, help, and an honest answer to what is not understood."""

import asyncio

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.notices import GapNotes, HelpDesk
from bot.errors import BotError
from bot.help.services import HelpServices
from dialogs.words.replies import Button, Say, Text

_SPOKEN = {
    "welcome": ("text", "never_ask"),
    "help": ("text", "never_ask"),
    "thanks": ("text",),
    "unknown": ("text",),
    "vague": ("text",),
}
_LOST = ("unknown", "vague")


async def run(asked: Asked, services: HelpServices) -> Answer:
    """The same ways on, under the heading that suits what was said; help also says what one's roles allow."""
    if asked.key in _LOST:
        return Answer(unknown(asked, services.gaps, services.help_desk, asked.key))
    if asked.key != "help":
        return Answer(_say(asked.key))
    allowed = await _allowed(asked, services)
    return Answer(_say("help", allowed, (notices.status(),) if allowed else ()))


def unknown(asked: Asked, gaps: GapNotes, help_desk: HelpDesk, key: str = "unknown") -> Say:
    """Not understood, or no longer known: noted without a name, and with a way to a human."""
    gaps.note(asked.turn.text)
    person = notices.ask_a_person(asked, help_desk, asked.turn.text)
    return _say(key, more=(notices.what_can_you_do(), *person))


def _say(key: str, allowed: tuple[Text, ...] = (), more: tuple[Button, ...] = ()) -> Say:
    return Say(
        Text(f"{key}.title"),
        (*(Text(f"{key}.{part}") for part in _SPOKEN[key]), *allowed),
        buttons=(notices.forgot(main=True), notices.failed(), *(more or (notices.what_can_you_do(),))),
    )


async def _allowed(asked: Asked, services: HelpServices) -> tuple[Text, ...]:
    """By the tenant; who can't be looked up in time gets the plain help."""
    person, roles = asked.turn.person.object_id, services.roles
    try:
        async with asyncio.timeout_at(asked.until):
            admin, approver = await roles.is_admin(person), await roles.is_approver(person)
            help_desk = await roles.is_help_desk(person)
    except (BotError, TimeoutError):
        return ()
    return (
        *((Text("help.both"),) if admin or approver else ()),
        *((Text("help.admin"),) if admin else ()),
        *((Text("help.approver"),) if approver else ()),
        *((Text("help.help_desk"),) if help_desk else ()),
    )


def commands(services: HelpServices) -> tuple[Command, ...]:
    """Of this file."""
    return (Command(bound(run, services), intents=tuple(_SPOKEN), verbs=("help",), audience=For.EVERYBODY),)
