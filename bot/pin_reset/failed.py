"""How a reset ended: well, or what happened, what to do, and the facts for the help desk."""

import asyncio

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, bound, reading
from bot.chat.near import fold
from bot.errors import BotError
from bot.pin_reset import device_facts
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Account
from bot.reset_rules.failures import CHOICES, Failure, of_choice, of_code
from dialogs.understanding import codes
from dialogs.understanding.redact import clean
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.answers import answers
from dialogs.words.replies import Ask, Choice, Fact, Literal, Say, Text

MOST_WORDS = 200  # characters of the person's own words that are repeated to them, for the help desk


class TroubleArguments(notices.DeviceArguments):
    """What happened: a `choice` on the card, the `detail` in words or a code; the label of an answer that helps
    `also`."""

    choice: str = ""
    detail: str = ""
    also: str = ""


async def ask(asked: Asked, trouble: TroubleArguments, services: PinResetServices) -> Answer:
    """What happened? A code that was named already is answered at once."""
    if trouble.detail:
        return await answer(asked, trouble, services)
    device = TroubleArguments(device=trouble.device)
    return Answer(
        Ask(
            title=Text("failed.title"),
            paragraphs=(Text("failed.text"),),
            label=Text("failed.label"),
            choices=tuple(Choice(Text(f"failed.choice.{choice}"), choice) for choice in CHOICES),
            detail=Text("failed.detail"),
            send=device.button(Text("button.send"), "pin.trouble", main=True),
        )
    )


async def answer(asked: Asked, trouble: TroubleArguments, services: PinResetServices) -> Answer:
    """What to do, and what is known, ready for the help desk. Nothing of it is kept."""
    code = codes.detail(trouble.detail).get("detail", "")
    failure = of_code(code) if code else of_choice(trouble.choice)
    words = "" if code == trouble.detail else clean(trouble.detail, MOST_WORDS)
    words = "" if HIDDEN in words else words
    content = {"device": device_facts.reference(trouble.device), "code": code, "what": failure.value}
    human = Text("failed.answer.help_desk", {"help_desk": services.help_desk.words})
    return Answer(
        Say(
            Text("failed.answer.title"),
            (
                Text(f"failed.answer.{failure}"),
                human if services.help_desk.words else Text("failed.answer.no_help_desk"),
                Text("failed.answer.ready"),
            ),
            facts=(*_what(failure, code, words), *await _who(asked, trouble.device, services)),
            buttons=(notices.forgot(), *notices.ask_a_person(asked, services.help_desk, words, **content)),
            folds=(fold(trouble.also, services.filling),) if trouble.also in answers() else (),
        )
    )


async def worked(_asked: Asked, _services: PinResetServices) -> Answer:
    """A kind last word. Nothing is kept of it."""
    return Answer(Say(Text("worked.title"), (Text("worked.text"),)))


def _what(failure: Failure, code: str, words: str) -> tuple[Fact, ...]:
    chosen = (Fact(Text("fact.what_happened"), Text(f"failed.choice.{failure}")),) if failure in CHOICES else ()
    named = (Fact(Text("fact.code"), Literal(code)),) if code else ()
    said = (Fact(Text("fact.words"), Literal(words)),) if words else ()
    return (*chosen, *named, *said)


async def _who(asked: Asked, wanted: str, services: PinResetServices) -> tuple[Fact, ...]:
    """The person and the device, as far as the tenant tells in time."""
    time = Fact(Text("fact.time"), notices.at(services.now(), asked.zone))
    try:
        async with asyncio.timeout_at(asked.until):
            inventory = await services.devices.so_far(asked.turn.person.object_id, {wanted} - {""})
    except (BotError, TimeoutError):
        return (time,)
    device = next((one for one in inventory.devices if one.reference == wanted), None)
    return (_person(inventory.account), *(device_facts.facts(device) if device else ()), time)


def _person(account: Account) -> Fact:
    return Fact(Text("fact.person"), Literal(account.display_name))


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(
            reading(TroubleArguments, ask, services),
            intents=("failed",),
            verbs=("pin.failed",),
            private=True,
            own=True,
        ),
        Command(reading(TroubleArguments, answer, services), verbs=("pin.trouble",), private=True),
        Command(bound(worked, services), intents=("worked",), verbs=("pin.worked",), audience=For.EVERYBODY),
    )
