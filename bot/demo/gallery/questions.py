"""Examples of answers about the rollout, of one's own coverage, of help and usage, and of what is so already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot.answers import computed
from bot.approvals.kind import ChangeArguments, Kind
from bot.approvals.refusals import Reason, Refused
from bot.changes import preview
from bot.demo.gallery.company import ADMIN, APPROVER, HELPER, NOW, OTHER, TENANT
from bot.demo.gallery.example import KINDS, Example
from bot.demo.gallery.fakes import Filed
from bot.help.usage import explained
from bot.reset_rules.facts import Account, Consent, Device, Edition, Inventory, Join, Platform, Recovery
from bot.store.records import Request, State
from dialogs.words.replies import Reply

_PC = Device("a1", "CON-LT-0142", join=Join.ENTRA, build=26100, edition=Edition.ENTERPRISE, recovery=Recovery.READY)
# What a text says of a PC, for every sentence that is reckoned from it.
_PCS: Mapping[str, dict[str, str]] = {
    "Pro 20H2": {"answer": "pro_edition", "build": "19042", "edition": "pro"},
    "Pro 1809": {"answer": "pro_edition", "build": "17763", "edition": "pro"},
    "1809": {"answer": "editions", "build": "17763"},
    "Education 1809": {"answer": "education_edition", "build": "17763", "edition": "education"},
    "Home": {"answer": "home_edition", "build": "26100", "edition": "home"},
    "LTSC 2019": {"answer": "ltsc", "build": "17763", "edition": "enterprise", "ltsc": "yes"},
    "LTSC 2021": {"answer": "ltsc", "build": "19044", "edition": "enterprise", "ltsc": "yes"},
    "1703, hybrid": {"answer": "windows_1703", "build": "15063", "join": "hybrid"},
    "1607": {"answer": "windows_1703", "build": "14393", "edition": "enterprise"},
    "registered": {"answer": "registered_devices", "build": "26100", "join": "registered"},
    "on-premises": {"answer": "onprem_service", "build": "19045", "join": "on_premises", "trust": "key"},
    "a build of no release": {"answer": "build_numbers", "build": "29999"},
    "of another tenant": {"answer": "join_types", "join": "entra", "tenant_id": ADMIN},
    **{
        f"CanReset {value}": {"answer": "canreset_values", "join": "hybrid", "tenant_id": TENANT, "can_reset": value}
        for value in computed.CAN_RESET
    },
}
_ANSWERS = {
    "answer": {"answer": "gpo_steps"},
    "answer with the tenant's id": {"answer": "oma_uri"},
    "answer, unverified": {"answer": "offboarding"},
    "answer that is no longer there": {"answer": "gone"},
    **{f"answer for a PC: {name}": values for name, values in _PCS.items()},
    "dsregcmd: no PIN yet": {"answer": "ngc_prerequisites", "hello_set": "no", "provisioning": "will"},
    "dsregcmd: no set-up, and why": {
        "answer": "ngc_prerequisites",
        "hello_set": "yes",
        "provisioning": "will_not",
        "against": "PolicyEnabled, DeviceEligible",
    },
    "dsregcmd: no set-up": {"answer": "ngc_prerequisites", "provisioning": "will_not", "token": "no"},
    "dsregcmd: the PC is gone from Entra": {"answer": "device_gone", "device_auth": "failed"},
}
_OWN = {
    **{f"covered: {recovery}": (replace(_PC, recovery=recovery),) for recovery in Recovery},
    "covered: app disabled": (replace(_PC, recovery=Recovery.POLICY_ONLY, consent=Consent.DISABLED),),
    "covered: consent not for everybody": (replace(_PC, recovery=Recovery.UNKNOWN, consent=Consent.NOT_GRANTED),),
    "covered: several": (_PC, replace(_PC, name="CON-DT-0402", recovery=Recovery.NONE)),
    "covered: registered": (replace(_PC, join=Join.REGISTERED),),
    "covered: only a phone": (replace(_PC, platform=Platform.PHONE),),
    "covered: no device": (),
}


@dataclass(frozen=True, slots=True)
class Owned:
    """Fits bot.tenant.Devices."""

    devices: tuple[Device, ...]

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        """What the example says."""
        return Inventory(Account(object_id, "Uma Keller", "user@contoso.example"), self.devices)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        """Nothing comes later."""
        return await self.inventory(object_id)


async def replies() -> dict[str, Reply]:
    """By name."""
    example, user = Example(), OTHER[:-1] + "9"
    mine = Example(filed=Filed(requests=(request(12), request(14))))
    said = partial(example.said, person=user)
    return {
        **{name: await said("answer", **values) for name, values in _ANSWERS.items()},
        "nearest": await said("nearest", first="answer.oma_uri", second="forgot.plain", third="live.profile"),
        "answer, two near it": await said("answer", answer="oma_uri", also="answer.data_type create_profile"),
        **{name: await Example(devices=Owned(devices)).said("covered", person=user) for name, devices in _OWN.items()},
        **{f"usage: {command}": await said("usage", command=command) for command in explained()},
        "usage of nothing known": await said("usage", command="dance"),
        "usage: assign, with what was written": await said("usage", command="assign", text="finance in, kiosks out"),
        "own requests": await mine.said("own_requests", person=ADMIN),
        "own requests, none": await example.said("own_requests", person=ADMIN),
        "help for an admin": await example.said("help", person=ADMIN),
        "help for the help desk": await example.said("help", person=HELPER),
        "who the help desk is": await example.said("whoami", person=HELPER),
        "help for an approver": await example.said("help", person=APPROVER),
        "asked for the assignment": await said("live", topic="assignment", names="Finance Laptops"),
        **{f"unchanged: {kind.name}": _unchanged(kind) for kind in KINDS.values()},
    }


def _unchanged(kind: Kind) -> Reply:
    return preview.unchanged(Refused(Reason.NOTHING_TO_CHANGE), kind, ChangeArguments(include="Pilot Ring"))


def request(number: int) -> Request:
    """One that waits, asked for by the admin."""
    return Request(
        number=number,
        kind="assign",
        object_key="profile:1",
        state=State.WAITING,
        revision=1,
        plan="",
        digest="",
        seal="",
        nonce_hash="",
        requester=ADMIN,
        reason="CHG-2291",
        needed=1,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=24),
        changed_at=NOW,
    )
