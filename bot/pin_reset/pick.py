"""Which PC is it? All of a person's PCs, eight at a time. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.chat.notices import at
from bot.pin_reset.card import ForgotArguments
from bot.pin_reset.device_facts import named
from bot.reset_rules.facts import MOST_SHOWN, Device, DeviceKind, is_stale
from dialogs.words.replies import Ask, Button, Choice, Literal, Text

NOT_LISTED = "not-listed"


def pick(windows: Sequence[Device], wanted: ForgotArguments, now: datetime, zone: ZoneInfo | None = None) -> Ask:
    """A page of the devices but the one that was shown already."""
    others = [device for device in windows if device.reference != wanted.picked]
    names = Counter(device.name.casefold() for device in windows)
    shown = others[(wanted.page - 1) * MOST_SHOWN : wanted.page * MOST_SHOWN]
    return Ask(
        title=Text("forgot.pick"),
        label=Text("forgot.pick_label"),
        choices=(
            *(Choice(_title(one, now, zone, alike=names[one.name.casefold()] > 1), one.reference) for one in shown),
            Choice(Text("forgot.not_listed"), NOT_LISTED),
        ),
        send=Button(Text("button.show"), "pin.device", main=True),
        buttons=_more(wanted, len(others)),
    )


def _more(wanted: ForgotArguments, count: int) -> tuple[Button, ...]:
    """To the next page, and from the last one to the first."""
    pages = -(-count // MOST_SHOWN)
    if pages < 2:
        return ()
    following = wanted.page + 1 if wanted.page < pages else 1
    first, last = (following - 1) * MOST_SHOWN + 1, min(following * MOST_SHOWN, count)
    title = Text("button.more_devices", {"first": first, "last": last, "count": count})
    return (ForgotArguments(device=wanted.picked, page=following).button(title, "pin.others"),)


def _title(device: Device, now: datetime, zone: ZoneInfo | None, *, alike: bool) -> Text | Literal:
    """The name, what it is where it is no PC on a desk, and the last contact where that helps to tell it."""
    name, stale = named(device), is_stale(device.last_seen, now)
    tells_when = device.last_seen and (alike or stale)
    if not tells_when and device.kind is DeviceKind.PC:
        return name
    when = ("stale" if stale else "seen") if tells_when else "named"
    seen = {"date": at(device.last_seen, zone)} if tells_when and device.last_seen else {}
    return Text(f"forgot.listed.{device.kind}.{when}", {"name": name.text, **seen})
