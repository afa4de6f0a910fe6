"""What a text says of a PC, put through the reset rules: the part of an answer that is reckoned, not stored. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from bot.answers.services import AnswerServices
from bot.chat.command import Arguments
from bot.pin_reset import device_facts
from bot.reset_rules.advice import Advice, Flow
from bot.reset_rules.builds import Band, band, is_outdated, last_day
from bot.reset_rules.facts import Device, Edition, Join, Recovery, Trust
from bot.reset_rules.rules import decide_both
from dialogs.understanding.windows import AS_OF, release_of
from dialogs.words.replies import Fact, Literal, Text

CAN_RESET = {
    "DestructiveAndNonDestructive": "both",
    "NonDestructiveOnly": "non_destructive",
    "DestructiveOnly": "destructive",
    "Unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class Computed:
    """What was read, and what follows from it; both empty where nothing was said of a PC. `verdict`: they say what
    holds for this PC, so that what holds for others would only confuse."""

    facts: tuple[Fact, ...] = ()
    sentences: tuple[Text, ...] = ()
    verdict: bool = False


class PcArguments(Arguments):
    """As dialogs.understanding.facts_in_text names it; empty where nothing was said."""

    build: int | None = Field(None, ge=10_000, le=99_999)
    edition: Edition = Edition.UNKNOWN
    ltsc: str = ""
    join: Join | None = None
    trust: Trust = Trust.UNKNOWN
    tenant_id: str = ""
    can_reset: str = ""
    hello_set: str = ""
    provisioning: str = ""
    against: str = ""
    token: str = ""
    device_auth: str = ""


def computed(pc: PcArguments, services: AnswerServices) -> Computed:
    """What follows from all that was said, as of today."""
    device = _device(pc)
    today = services.now().date()
    can_reset = tuple(_can_reset(pc))
    service = _service(device, pc.trust, today) if device.build is not None and not pc.can_reset else ()
    sentences = (
        *can_reset,
        *_hello(pc),
        *_tenant(pc, services.filling["tenant_id"]),
        *service,
        *_servicing(device, today),
    )
    return Computed(tuple(_facts(device, pc)) if sentences else (), sentences, bool(can_reset or service))


def _device(pc: PcArguments) -> Device:
    """As covered as can be: the question is what Windows is able to do. Without a join the usual one."""
    return Device(
        reference="",
        name="",
        join=pc.join or Join.ENTRA,
        build=pc.build,
        edition=pc.edition,
        ltsc=bool(pc.ltsc),
        recovery=Recovery.READY,
    )


def _facts(device: Device, pc: PcArguments) -> Iterator[Fact]:
    if device.build is not None:
        yield Fact(Text("fact.windows"), device_facts.windows(device))
    if device.edition is not Edition.UNKNOWN:
        yield Fact(Text("computed.edition"), Text(f"computed.editions.{device.edition}"))
    if pc.join:
        yield Fact(Text("fact.join"), Text(f"rollout.join.{device.join}"))
    if pc.can_reset in CAN_RESET:
        yield Fact(Text("computed.can_reset.name"), Literal(pc.can_reset))


def _can_reset(pc: PcArguments) -> Iterator[Text]:
    if meant := CAN_RESET.get(pc.can_reset):
        yield Text(f"computed.can_reset.{meant}")


def _hello(pc: PcArguments) -> Iterator[Text]:
    """What the lines of dsregcmd /status about Windows Hello mean."""
    if pc.hello_set in {"yes", "no"}:
        yield Text(f"computed.dsregcmd.hello_{pc.hello_set}")
    if pc.provisioning == "will":
        yield Text("computed.dsregcmd.will")
    if pc.provisioning == "will_not":
        named = Text("computed.dsregcmd.will_not", {"against": pc.against})
        yield named if pc.against else Text("computed.dsregcmd.unsaid")
    if pc.token == "no":  # noqa: S105 - what dsregcmd says of the person's token
        yield Text("computed.dsregcmd.no_token")
    if pc.device_auth == "failed":
        yield Text("computed.dsregcmd.failed")


def _tenant(pc: PcArguments, served: str) -> Iterator[Text]:
    if found := pc.tenant_id:
        yield Text(f"computed.tenant.{'same' if found.lower() == served.lower() else 'other'}", {"tenant_id": served})


def _service(device: Device, trust: Trust, today: date) -> tuple[Text, ...]:
    """Does the PIN reset service work there? By the rules for a PC that is onboarded and covered."""
    locked, signed_in = decide_both(device, trust, False, today)
    return (Text(f"computed.service.{_verdict(device, locked, signed_in)}"),)


def _verdict(device: Device, locked: Advice, signed_in: Advice) -> str:
    if device.join is Join.REGISTERED:
        return "registered"
    if device.join is Join.ON_PREMISES:
        return "on_premises"
    if signed_in.flow is Flow.CHECK_DATA:
        return "home"
    if signed_in.flow is Flow.UNSUPPORTED:
        return "too_old"
    if band(device.build) is Band.V1703:
        return "settings_only"
    if signed_in.flow is Flow.DECIDED_BY_PC:
        return "education" if device.edition is Edition.EDUCATION else "edition"
    return "yes" if locked.flow is Flow.KEEPS_KEYS else "no"


def _servicing(device: Device, today: date) -> Iterator[Text]:
    """When Microsoft's updates end. A text does not tell an LTSC from the one for IoT: both days are said."""
    found = release_of(device.build)
    if found and device.edition is Edition.UNKNOWN:
        days = {"pro": found.end_pro, "enterprise": found.end_enterprise}
        yield Text("computed.servicing.by_edition", days)
    elif found and device.ltsc and found.end_ltsc and found.end_iot:
        yield Text("computed.servicing.with_iot", {"date": found.end_ltsc, "iot": found.end_iot})
    elif found:
        day = last_day(found, device.edition, ltsc=device.ltsc)
        yield Text(f"computed.servicing.{'ended' if today > day else 'ends'}", {"date": day})
    if device.build is not None and (is_outdated(today) or not found):
        yield Text("computed.servicing.outdated", {"date": AS_OF})
