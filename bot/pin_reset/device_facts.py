"""What is known of a device, as lines of a card."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from bot.chat.notices import since
from bot.reset_rules.facts import Device, DeviceKind, Recovery
from dialogs.understanding.windows import is_windows_11, release_of
from dialogs.words.replies import Fact, Literal, Text, Tile, Tone

_REFERENCE = re.compile(r"[0-9a-f]{16}")  # as bot.tenant gives them
MOST_NAME = 60  # characters of a name that are shown
TONES = {
    Recovery.READY: Tone.GOOD,
    Recovery.POLICY_ONLY: Tone.ATTENTION,
    Recovery.NONE: Tone.WARNING,
    Recovery.UNKNOWN: Tone.WARNING,
}


def reference(device: str) -> str:
    """The device that a button named; whatever else a client put there is not repeated."""
    return device if _REFERENCE.fullmatch(device) else ""


def facts(device: Device, now: datetime | None = None) -> tuple[Fact, ...]:
    """Name, what it is where it is no PC on a desk, Windows, join and when it was last seen. `now`: of a card that is
    read at once; else it says on which day."""
    kind = () if device.kind is DeviceKind.PC else (Fact(Text("fact.kind"), Text(f"rollout.kind.{device.kind}")),)
    seen = (Fact(Text("fact.last_seen"), _seen(device.last_seen, now)),) if device.last_seen else ()
    return (
        Fact(Text("fact.pc"), named(device)),
        *kind,
        Fact(Text("fact.windows"), windows(device)),
        Fact(Text("fact.join"), Text(f"rollout.join.{device.join}")),
        *seen,
    )


def _seen(last: datetime, now: datetime | None) -> Text | date:
    return since(last, now) if now else last.date()


def named(device: Device) -> Literal:
    """The name, shortened where somebody made it endless."""
    name = device.name.strip()
    return Literal(name if len(name) <= MOST_NAME else f"{name[:MOST_NAME]}…")


def heading(device: Device) -> Text:
    """The name, over what is said of it."""
    return Text("fact.named", {"pc": named(device).text})


def tile(devices: Iterable[Device]) -> Tile:
    """What Windows calls the PIN in the settings of these PCs."""
    elevens = {None if one.build is None else is_windows_11(one.build) for one in devices}
    if len(elevens) != 1 or None in elevens:
        return Tile.EITHER
    return Tile.WINDOWS_11 if elevens.pop() else Tile.WINDOWS_10


def windows(device: Device) -> Text | Literal:
    """The release by its name, or the build where the table lacks it."""
    known = release_of(device.build)
    if known:
        return Literal(f"{known.name} LTSC" if device.ltsc else known.name)
    if device.build is None:
        return Text("rollout.windows.unknown")
    unnamed = "unnamed" if is_windows_11(device.build) else "unnamed_10"
    return Text(f"rollout.windows.{unnamed}", {"build": str(device.build)})
