"""A forgotten PIN, and what comes with it: whoever asks always gets some instructions."""

import asyncio
from dataclasses import replace

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, reading
from bot.errors import BotError
from bot.pin_reset import card
from bot.pin_reset.card import Context, ForgotArguments
from bot.pin_reset.device_facts import named
from bot.pin_reset.own_devices import own_devices
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Device, Inventory, Join, Platform, Whereabouts
from dialogs.words.replies import Ask, Button, Choice, Reply, Say, Text

SITUATIONS = ("password_forgotten", "second_factor_lost", "pin_blocked", "pin_not_available")
NOT_LISTED = "not-listed"
MOST_LISTED = 8


async def run(asked: Asked, wanted: ForgotArguments, services: PinResetServices) -> Answer:
    """The steps for the person's own device. What the tenant does not tell in time comes later, in place."""
    moment = _moment(asked, wanted, services)
    if asked.key == "pin.general":
        return Answer(card.general(Text("forgot.general"), moment, wanted.kind))
    try:
        found, looking = await own_devices(asked, services)
    except BotError as error:
        return Answer(_not_read(error, moment))
    if found is None:
        first: Reply = card.general(Text("forgot.slow"), moment)
    else:
        unfinished = (Text("forgot.unfinished"),) if looking else ()
        first = _card(asked.key, wanted, found, replace(moment, notices=(*moment.notices, *unfinished)))
    return Answer(first, later=(lambda: _later(asked, wanted, services, looking)) if looking else None)


async def _later(
    asked: Asked, wanted: ForgotArguments, services: PinResetServices, looking: "asyncio.Future[Inventory]"
) -> Reply:
    try:
        return _card(asked.key, wanted, await looking, _moment(asked, wanted, services))
    except BotError as error:
        return _not_read(error, _moment(asked, wanted, services))


def _not_read(error: BotError, moment: Context) -> Reply:
    return card.general(Text(f"{error.key}.notice"), moment)


def _moment(asked: Asked, wanted: ForgotArguments, services: PinResetServices) -> Context:
    return Context(
        trust=services.trust,
        now=services.now(),
        help_desk=services.help_desk.words,
        situation=asked.key if asked.key in SITUATIONS else "",
        state=wanted.state or (Whereabouts.LOCKED if asked.turn.on_phone else ""),
    )


def _card(key: str, wanted: ForgotArguments, found: Inventory, moment: Context) -> Reply:
    """A guest is told so even when the tenant needed long to say who is one."""
    if found.account.guest:
        return Say(Text("errors.guest.title"), (Text("errors.guest.text"),))
    windows = [device for device in found.devices if device.platform is Platform.WINDOWS]
    picked = wanted.choice or wanted.device
    if key == "pin.others":
        return _pick([device for device in windows if device.reference != picked])
    if key == "never_set_up":
        return _set_up("asked")
    if not wanted.anyway and _never_set_up(found, windows):
        return _set_up("text")
    device = next((device for device in windows if picked in {"", device.reference}), None)
    if device is None:
        return card.general(_why_none(picked, found), moment)
    return card.for_device(device, found.account, moment)


def _why_none(picked: str, found: Inventory) -> Text:
    if picked:
        return Text("forgot.general" if picked == NOT_LISTED else "forgot.gone")
    return Text("forgot.only_others" if found.devices else "forgot.no_device")


def _never_set_up(found: Inventory, windows: list[Device]) -> bool:
    """No key in Entra proves it for PCs that keep their keys there; whoever asks again gets the steps all the same."""
    joined = any(device.join in {Join.ENTRA, Join.HYBRID} for device in windows)
    return found.account.hello_key is False and joined


def _set_up(said: str) -> Say:
    again = ForgotArguments(anyway="yes")
    return Say(
        Text("situation.never_set_up.title"),
        (Text(f"situation.never_set_up.{said}"), Text("situation.never_set_up.policy")),
        buttons=(again.button(Text("button.show_steps"), "pin.forgot"), notices.failed()),
        folds=(card.fold(),),  # who was wrongly taken for somebody without a PIN finds the steps here too
    )


def _pick(others: list[Device]) -> Ask:
    choices = [Choice(named(device), device.reference) for device in others[:MOST_LISTED]]
    return Ask(
        title=Text("forgot.pick"),
        label=Text("forgot.pick_label"),
        choices=(*choices, Choice(Text("forgot.not_listed"), NOT_LISTED)),
        send=Button(Text("button.show"), "pin.device", main=True),
    )


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """Of this file."""
    return (
        Command(
            reading(ForgotArguments, run, services),
            intents=("forgot", "never_set_up", *SITUATIONS),
            verbs=("pin.forgot", "pin.device", "pin.others", "pin.general"),
            private=True,
            own=True,
        ),
    )
