"""A reset that went wrong: what happened, what to do, and the facts for the help desk."""

import asyncio

from bot.answers.answer import fold
from bot.chat import device_facts, notices
from bot.chat.command import Answer, Asked, Command, Neighbours
from bot.errors import BotError
from bot.reset_rules.facts import Account
from bot.reset_rules.failures import CHOICES, Failure, of_choice, of_code
from dialogs.understanding import codes
from dialogs.understanding.redact import clean
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.answers import answers
from dialogs.words.replies import Ask, Button, Choice, Fact, Literal, Say, Text

MOST_WORDS = 200  # characters of the person's own words that are repeated to them, for the help desk


async def ask(asked: Asked, neighbours: Neighbours) -> Answer:
    """What happened? A code that was named already is answered at once."""
    if asked.values.get("detail"):
        return await answer(asked, neighbours)
    device = asked.values.get("device", "")
    return Answer(
        Ask(
            title=Text("failed.title"),
            paragraphs=(Text("failed.text"),),
            label=Text("failed.label"),
            choices=tuple(Choice(Text(f"failed.choice.{choice}"), choice) for choice in CHOICES),
            detail=Text("failed.detail"),
            send=Button(Text("button.send"), "pin.trouble", {"device": device} if device else {}, main=True),
        )
    )


async def answer(asked: Asked, neighbours: Neighbours) -> Answer:
    """What to do, and what is known, ready for the help desk. Nothing of it is kept."""
    written = asked.values.get("detail", "")
    code = codes.detail(written).get("detail", "")
    failure = of_code(code) if code else of_choice(asked.values.get("choice", ""))
    words = "" if code == written else clean(written, MOST_WORDS)
    words = "" if HIDDEN in words else words
    handed = {"device": device_facts.reference(asked.values), "code": code, "what": failure.value}
    human = Text("failed.answer.help_desk", {"help_desk": neighbours.help_desk})
    return Answer(
        Say(
            Text("failed.answer.title"),
            (
                Text(f"failed.answer.{failure}"),
                human if neighbours.help_desk else Text("failed.answer.no_help_desk"),
                Text("failed.answer.ready"),
            ),
            facts=(*_what(failure, code, words), *await _who(asked, neighbours)),
            buttons=(notices.forgot(), *notices.ask_a_person(asked, neighbours, words, **handed)),
            folds=(fold(also, neighbours),) if (also := asked.values.get("also", "")) in answers() else (),
        )
    )


def _what(failure: Failure, code: str, words: str) -> tuple[Fact, ...]:
    chosen = (Fact(Text("fact.what_happened"), Text(f"failed.choice.{failure}")),) if failure in CHOICES else ()
    named = (Fact(Text("fact.code"), Literal(code)),) if code else ()
    said = (Fact(Text("fact.words"), Literal(words)),) if words else ()
    return (*chosen, *named, *said)


async def _who(asked: Asked, neighbours: Neighbours) -> tuple[Fact, ...]:
    """The person and the device, as far as the tenant tells in time."""
    time = Fact(Text("fact.time"), Literal(f"{neighbours.now():%Y-%m-%d %H:%M}"))
    try:
        async with asyncio.timeout_at(asked.until):
            found = await neighbours.devices.so_far(asked.turn.person.object_id)
    except (BotError, TimeoutError):
        return (time,)
    wanted = asked.values.get("device", "")
    device = next((one for one in found.devices if one.reference == wanted), None)
    return (_person(found.account), *(device_facts.facts(device) if device else ()), time)


def _person(account: Account) -> Fact:
    return Fact(Text("fact.person"), Literal(account.display_name))


COMMANDS = (
    Command(ask, intents=("failed",), verbs=("pin.failed",), private=True),
    Command(answer, verbs=("pin.trouble",), private=True),
)
