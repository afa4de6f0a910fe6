"""A forgotten PIN, and what comes with it: whoever asks always gets some instructions."""

import asyncio
from dataclasses import replace

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, reading
from bot.errors import BotError
from bot.pin_reset import card, device_facts
from bot.pin_reset.card import Context, ForgotArguments
from bot.pin_reset.own_devices import named_in, own_devices
from bot.pin_reset.pick import NOT_LISTED, pick
from bot.pin_reset.services import PinResetServices
from bot.pin_reset.unknown_pc import unknown_pc
from bot.reset_rules.facts import Device, Inventory, Join, Whereabouts, in_front
from dialogs.words.replies import Button, Reply, Say, Text

SITUATIONS = ("password_forgotten", "second_factor_lost", "pin_blocked", "pin_not_available")


async def run(asked: Asked, wanted: ForgotArguments, services: PinResetServices) -> Answer:
    """The steps for the person's own device. What the tenant does not tell in time comes later, in place."""
    moment = _moment(asked, wanted, services)
    if asked.key == "pin.general":
        return Answer(card.general(Text("forgot.general"), moment, wanted.kind))
    try:
        inventory, looking = await own_devices(
            asked, services, lambda known: _chosen(asked, wanted, known), {wanted.picked} - {""}
        )
    except BotError as error:
        return Answer(_not_read(error, moment, notices.again(asked.turn)))
    if inventory is None:
        first: Reply = card.general(Text("forgot.slow"), moment)
    else:
        unfinished = (Text("forgot.unfinished"),) if looking else ()
        first = _card(asked, wanted, inventory, replace(moment, notices=(*moment.notices, *unfinished)))
    return Answer(first, later=(lambda: _later(asked, wanted, services, looking)) if looking else None)


async def _later(
    asked: Asked, wanted: ForgotArguments, services: PinResetServices, looking: "asyncio.Future[Inventory]"
) -> Reply:
    try:
        return _card(asked, wanted, await looking, _moment(asked, wanted, services))
    except BotError as error:
        return _not_read(error, _moment(asked, wanted, services), notices.again(asked.turn))


def _not_read(error: BotError, moment: Context, again: Button | None) -> Reply:
    """Looked for once more by a button, where that may help; a text that none may carry leaves the plain wish."""
    drawn = card.general(Text(f"{error.key}.notice"), moment)
    look = again or Button(Text("button.again"), "pin.forgot")
    return replace(drawn, buttons=(look, *drawn.buttons)) if error.passes else drawn


def _moment(asked: Asked, wanted: ForgotArguments, services: PinResetServices) -> Context:
    return Context(
        trust=services.trust,
        now=services.now(),
        help_desk=services.help_desk.words,
        situation=asked.key if asked.key in SITUATIONS else "",
        picked=bool(wanted.picked),
        state=wanted.state or (Whereabouts.LOCKED if asked.turn.on_phone else ""),
    )


def _chosen(asked: Asked, wanted: ForgotArguments, found: Inventory) -> tuple[Device, ...]:
    """The device that was picked or named, or else the one that the person most likely sits at; none, or one."""
    if wanted.picked:
        return tuple(device for device in found.windows if device.reference == wanted.picked)
    device = named_in(asked.turn.text, found.windows) or in_front(found.windows)
    return (device,) if device else ()


def _card(asked: Asked, wanted: ForgotArguments, found: Inventory, moment: Context) -> Reply:
    """A guest is told so even when the tenant needed long to say who is one."""
    if found.account.guest:
        return Say(Text("errors.guest.title"), (Text("errors.guest.text"),))
    if asked.key == "pin.others":
        return pick(found.windows, wanted, moment.now, asked.zone)
    if asked.key == "never_set_up":
        return _set_up("asked", found)
    if not wanted.anyway and _never_set_up(found):
        return _set_up("text", found)
    device = next(iter(_chosen(asked, wanted, found)), None)
    picked = wanted.picked or (device and named_in(asked.turn.text, (device,)))
    unknown = "" if picked else unknown_pc(asked, found.devices)
    if unknown:
        moment = card.not_theirs(unknown, device, found.windows, moment)
    if device is None:
        return card.general(_why_none(wanted.picked, found), moment, others=bool(found.windows) and not wanted.picked)
    return card.for_device(device, found, moment)


def _why_none(picked: str, found: Inventory) -> Text:
    if picked:
        return Text("forgot.general" if picked == NOT_LISTED else "forgot.gone")
    if found.windows:
        return Text("forgot.only_elsewhere")
    return Text("forgot.only_others" if found.devices else "forgot.no_device")


def _never_set_up(found: Inventory) -> bool:
    """No key in Entra proves it for PCs that keep their keys there; whoever asks again gets the steps all the same."""
    joined = any(device.join in {Join.ENTRA, Join.HYBRID} for device in found.windows)
    return found.account.hello_key is False and joined


def _set_up(said: str, found: Inventory) -> Say:
    again, tile = ForgotArguments(anyway="yes"), Text(f"label.pin_tile.{device_facts.tile(found.windows)}")
    return Say(
        Text("situation.never_set_up.title"),
        (Text(f"situation.never_set_up.{said}", {"pin_tile": tile}), Text("situation.never_set_up.policy")),
        buttons=(again.button(Text("button.show_steps"), "pin.forgot"), notices.failed()),
        folds=(card.fold(),),  # who was wrongly taken for somebody without a PIN finds the steps here too
    )


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(
            reading(ForgotArguments, run, services),
            intents=("forgot", "never_set_up", *SITUATIONS),
            verbs=("pin.forgot", "pin.device", "pin.others", "pin.general"),
            private=True,
            own=True,
        ),
    )
