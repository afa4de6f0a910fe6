"""Examples of everything that somebody who forgot the PIN may be shown."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.chat.notices import HelpDesk, note, unreachable
from bot.chat.turn import Person
from bot.chat.typed_secrets import IN_A_FORM, IN_A_MESSAGE, alone, warned
from bot.demo.gallery.company import NOW
from bot.demo.gallery.example import Example
from bot.errors import BotError, NotPermitted, TenantUnreachable
from bot.pin_reset.awaited import ready
from bot.pin_reset.card import AWAIT
from bot.reset_rules.facts import (
    Account,
    Consent,
    Device,
    DeviceKind,
    Edition,
    Inventory,
    Join,
    Management,
    Platform,
    Recovery,
    Trust,
)
from dialogs.words.replies import Reply

_ACCOUNT = Account("", "Uma Keller", "user@contoso.example", federated=False, hello_key=True)
_PC = Device(
    reference="a1",
    name="CON-LT-0142",
    join=Join.ENTRA,
    build=26100,
    edition=Edition.ENTERPRISE,
    management=Management.INTUNE,
    last_seen=NOW - timedelta(hours=1),
    recovery=Recovery.READY,
)
_HYBRID = replace(_PC, join=Join.HYBRID)
_PERSON = Person("", "", "29:user", "Uma Keller")


@dataclass(frozen=True, slots=True)
class ResetExample:
    """Who asks, what they said or pressed, and what the tenant tells."""

    said: Mapping[str, str]
    devices: tuple[Device, ...] = ()
    account: Account = _ACCOUNT
    trust: Trust = Trust.UNKNOWN
    failure: BotError | None = None
    slow: bool = False
    known: bool = False  # the person and their PCs all the same
    help_desk: str = "extension 4357"


def _forgot(*devices: Device, **known: Any) -> ResetExample:
    return ResetExample({"intent": "forgot"}, devices, **known)


def _said(intent: str, *devices: Device, **values: str) -> ResetExample:
    return ResetExample({"intent": intent, **values}, devices)


def _pressed(verb: str, *devices: Device, **values: str) -> ResetExample:
    return ResetExample({"verb": verb, **values}, devices)


_ELSEWHERE = tuple(kind for kind in DeviceKind if kind is not DeviceKind.PC)
_GONE = replace(_PC, reference="d1", name="CON-LT-0618", deleted=True)


def _listed(kind: DeviceKind) -> tuple[Device, ...]:
    """Of one name, so that both say when they were seen, and one that is told by its name."""
    fresh = replace(_PC, reference=f"{kind}1", name="CON-TWIN", kind=kind)
    stale = replace(fresh, reference=f"{kind}2", last_seen=NOW - timedelta(days=90))
    return (fresh, stale, replace(fresh, reference=f"{kind}3", name=f"CON-{kind.upper()}"))


_MANY = tuple(device for kind in DeviceKind for device in _listed(kind))
_PHONE = replace(_PC, reference="p1", name="Uma's iPhone", platform=Platform.PHONE)
EXAMPLES: Mapping[str, ResetExample] = {
    "welcome": _said("welcome"),
    "help": _said("help"),
    "thanks": _said("thanks"),
    "not understood": _said("unknown"),
    "vague": _said("vague"),
    **{
        f"not about a Windows PIN: {topic}": _said("near_miss", topic=topic)
        for topic in (
            *("sim", "bank_card", "password", "bitlocker", "authenticator", "security_key", "other_person"),
            *("account_secret", "override", "other"),
        )
    },
    "Entra joined, covered": _forgot(_PC),
    "Entra joined, said to be locked out": ResetExample({"intent": "forgot", "state": "locked"}, (_PC,)),
    "Entra joined, not covered": _forgot(replace(_PC, recovery=Recovery.NONE)),
    "Entra joined, coverage unknown": _forgot(replace(_PC, recovery=Recovery.UNKNOWN)),
    "Entra joined, federated sign-in": _forgot(_PC, account=replace(_ACCOUNT, federated=True)),
    "Entra joined, apps missing": _forgot(replace(_PC, recovery=Recovery.POLICY_ONLY)),
    "Entra joined, app disabled": _forgot(replace(_PC, recovery=Recovery.POLICY_ONLY, consent=Consent.DISABLED)),
    "Entra joined, consent not for everybody": _forgot(
        replace(_PC, recovery=Recovery.UNKNOWN, consent=Consent.NOT_GRANTED)
    ),
    "Entra joined, Pro 1809": _forgot(replace(_PC, build=17763, edition=Edition.PRO)),
    "Entra joined, Education 1809": _forgot(replace(_PC, build=17763, edition=Edition.EDUCATION)),
    "Entra joined, LTSC 2019": _forgot(replace(_PC, build=17763, ltsc=True)),
    "Entra joined, Windows 10": _forgot(replace(_PC, build=19045, edition=Edition.PRO)),
    "Entra joined, unknown build": _forgot(replace(_PC, build=29999)),
    "Entra joined, a build of no release": _forgot(replace(_PC, build=12345)),
    "Entra joined, no version known": _forgot(replace(_PC, build=None)),
    "Entra joined, impossible edition": _forgot(replace(_PC, edition=Edition.HOME)),
    "hybrid, covered": _forgot(_HYBRID),
    **{
        f"hybrid, not covered, {trust} trust": _forgot(replace(_HYBRID, recovery=Recovery.NONE), trust=trust)
        for trust in Trust
    },
    **{
        f"hybrid, coverage unknown, {trust} trust": _forgot(replace(_HYBRID, recovery=Recovery.UNKNOWN), trust=trust)
        for trust in (Trust.KEY, Trust.UNKNOWN)
    },
    "hybrid, old build with cloud trust": _forgot(
        replace(_HYBRID, build=17763, edition=Edition.PRO), trust=Trust.CLOUD
    ),
    "Entra registered": _forgot(replace(_PC, join=Join.REGISTERED, recovery=Recovery.NONE)),
    "join not known": _forgot(replace(_PC, join=Join.UNKNOWN)),
    "names a PC that is not theirs": _said("forgot", _PC, text="I forgot my PIN on CON-LT-0999"),
    "names a PC that is not theirs, of several": _said(
        "forgot", _PC, replace(_PC, reference="b2", name="CON-DT-0402"), text="I forgot my PIN on CON-LT-0999"
    ),
    "names a PC and has none": _said("forgot", text="I forgot my PIN on CON-LT-0999"),
    "names a PC that is not theirs, covered?": _said("covered", _PC, text="is CON-LT-0999 covered?"),
    "too old": _forgot(replace(_PC, build=14393)),
    "1703": _forgot(replace(_PC, build=15063, recovery=Recovery.NONE)),
    "not seen for long": _forgot(replace(_PC, last_seen=NOW - timedelta(days=90))),
    "switched off in the directory": _forgot(replace(_PC, enabled=False)),
    "deleted in the directory": _forgot(_GONE),
    "only a Cloud PC": _forgot(replace(_PC, kind=DeviceKind.CLOUD_PC)),
    **{
        f"picked: {kind}": _pressed("pin.device", _PC, replace(_PC, reference="k1", kind=kind), choice="k1")
        for kind in _ELSEWHERE
    },
    "many devices": _pressed("pin.others", *_MANY),
    "many devices, the next ones": _pressed("pin.others", *_MANY, page="2"),
    "no device": _forgot(),
    "only a phone": _forgot(_PHONE),
    "device gone since": _pressed("pin.device", _PC, device="zz"),
    "several devices": _pressed("pin.others", _PC, replace(_PC, reference="b2", name="CON-DT-0402"), device="a1"),
    "two PCs": _forgot(_PC, replace(_PC, reference="b2", name="CON-DT-0402")),
    "in general, then an e-mail address": _pressed("pin.general", kind="entra"),
    "in general, then a company name": _pressed("pin.general", kind="domain"),
    "the tenant is slow": ResetExample({"intent": "forgot"}, (_PC,), slow=True),
    "other policies are slow": ResetExample({"intent": "forgot"}, (_PC,), slow=True, known=True),
    "the tenant does not answer": _forgot(failure=TenantUnreachable("gallery")),
    "no permission": _forgot(failure=NotPermitted("gallery")),
    "password forgotten too": _said("password_forgotten", _HYBRID),
    "second factor lost": _said("second_factor_lost", _PC),
    "PIN blocked": _said("pin_blocked", _PC),
    "PIN not available": _said("pin_not_available", _PC),
    "Hello never set up": _forgot(_PC, account=replace(_ACCOUNT, hello_key=False)),
    "how to set up": _said("never_set_up", _PC),
    "it worked": _pressed("pin.worked"),
    "it didn't work": _pressed("pin.failed", _PC, device="a1"),
    **{
        f"it didn't work: {choice}": _pressed("pin.trouble", _PC, device="a1", choice=choice)
        for choice in (
            *("no_link", "page_refused", "second_factor", "password_refused", "blocked", "new_pin_refused", "other"),
        )
    },
    **{
        f"it didn't work: {code}": _pressed("pin.trouble", _PC, device="a1", choice="other", detail=code)
        for code in (
            *("CAA20004", "AADSTS7000112", "AADSTS65001", "0x80090033", "0x80090036", "0x801C03ED", "0x80090031"),
            *("0x80090011", "0x8009002A", "0x80090029", "0x80090035", "0x801C03EA", "0x801C000E", "0x801C044D"),
            "0x80091234",
        )
    },
    "it didn't work, in their words": _pressed("pin.trouble", _PC, choice="other", detail="the screen stays blue"),
    "it didn't work, no help desk named": ResetExample(
        {"verb": "pin.trouble", "choice": "other"}, (_PC,), help_desk=""
    ),
    "a guest": _forgot(_PC, account=replace(_ACCOUNT, guest=True)),
}
# Said by the pipeline itself.
NOTES = (
    *("errors.unexpected", "errors.tenant_unreachable", "errors.not_permitted", "errors.not_found"),
    *("errors.tenant_refused", "errors.not_sent", "errors.flood", "errors.guest"),
    *("errors.private.sent", "errors.role_unknown"),
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A tenant that tells what the example says."""

    example: ResetExample

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        if self.example.failure:
            raise self.example.failure
        if self.example.slow:
            await asyncio.sleep(1.0)
        return Inventory(replace(self.example.account, object_id=object_id), self.example.devices)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        if not self.example.known:
            return await self.inventory(object_id)
        devices = tuple(replace(device, recovery=Recovery.UNKNOWN) for device in self.example.devices)
        return Inventory(self.example.account, devices)


async def replies() -> dict[str, Reply]:
    """By name."""
    said = {name: await _reply(example) for name, example in EXAMPLES.items()}
    typed = {
        "a secret was typed": warned(said["Entra joined, Windows 10"], IN_A_MESSAGE),
        "a secret was typed into a form": warned(said["it didn't work: other"], IN_A_FORM),
        "the same, on a card that is drawn anew": alone(IN_A_FORM),
    }
    awaited = {
        "tell me when it is ready": await Example().said(AWAIT, device="00000000000000a1"),
        "tell me when it is ready, one too many": await Example(awaits=False).said(AWAIT, device="00000000000000a1"),
        "a PC is ready": ready(_PC, NOW),
        "errors.private.unreachable": unreachable("28:00000000-0000-4000-8000-0000000000b0"),
    }
    return said | typed | awaited | {key: note(key) for key in NOTES}


async def _reply(example: ResetExample) -> Reply:
    said = {name: value for name, value in example.said.items() if name not in {"verb", "intent"}}
    key = example.said.get("verb") or example.said["intent"]
    help_desk = HelpDesk(example.help_desk, takes_questions=True)
    told = Example(
        devices=_Told(example), trust=example.trust, help_desk=help_desk, seconds=0.0 if example.slow else 60.0
    )
    return await told.said(key, person=_PERSON.object_id, **said)
