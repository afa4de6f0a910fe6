"""Examples of what the help desk is shown of people and their PCs, and of why a PC is covered or not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

from bot.demo.gallery.company import EVERYBODY, FINANCE, HELPER, KIOSKS, NOW, PILOT, POLICIES, UNREAD, policy, target
from bot.demo.gallery.example import Example
from bot.demo.gallery.fakes import ExampleChats, ExampleLookup, Handing
from bot.errors import NotSent
from bot.reset_rules.coverage import Membership, recovery
from bot.reset_rules.facts import (
    Account,
    Apps,
    AppState,
    Consent,
    Device,
    DeviceKind,
    Edition,
    Grant,
    Inventory,
    Join,
    Management,
    Recovery,
)
from bot.reset_rules.sources import RecoverySource, Scope, Setting, SourceKind
from bot.reset_rules.why import Evidence
from bot.tenant import FoundPcs, FoundPeople, PcChoice, PersonsPcs
from dialogs.words.replies import Reply

_NORA = Account("00000000-0000-4000-8000-000000000011", "Nora Castillo", "nora@contoso.example", federated=False)
_OTHER_NORA = replace(_NORA, object_id=f"{_NORA.object_id[:-1]}2", user_principal_name="nora2@contoso.example")
_PC = Device(
    reference="00000000000000b1",
    name="CON-LT-0201",
    join=Join.ENTRA,
    build=26100,
    edition=Edition.ENTERPRISE,
    management=Management.INTUNE,
    last_seen=NOW - timedelta(hours=1),
    recovery=Recovery.NONE,
)
_ROW = "#microsoft.graph."
_NARROWED = {
    "deviceAndAppManagementAssignmentFilterId": "f1",
    "deviceAndAppManagementAssignmentFilterType": "include",
}
_APPS = {
    Consent.GIVEN: Apps(AppState.ENABLED, AppState.ENABLED, Grant.CONFIRMED),
    Consent.NOT_GRANTED: Apps(AppState.ENABLED, AppState.ENABLED, Grant.NOT_CONFIRMED),
    Consent.UNREAD: Apps(AppState.ENABLED, AppState.ENABLED, Grant.NOT_PERMITTED),
    Consent.MISSING: Apps(AppState.ENABLED, AppState.MISSING),
    Consent.DISABLED: Apps(AppState.ENABLED, AppState.DISABLED),
}
_NAMES = {group.id: group.name for group in (PILOT, FINANCE, KIOSKS)}
_IN_NONE = Membership(frozenset(), frozenset())
_BROKEN = replace(policy(), settings=(Setting(Scope.DEVICE, None),))


def _profile(*targets: Mapping[str, object], name: str = "Use PIN Recovery") -> RecoverySource:
    return replace(policy(name=name), kind=SourceKind.CUSTOM, assignments=targets)


def _evidence(device: Device = _PC, *sources: RecoverySource, member: Membership = _IN_NONE) -> Evidence:
    return Evidence(device, _NORA.object_id, _APPS[Consent.GIVEN], sources, member)


_FINANCE = _profile(target(PILOT), target(KIOSKS, excluded=True))
_NOT_COVERED = _evidence(_PC, _FINANCE)
_COVERED = _evidence(
    replace(_PC, recovery=Recovery.READY), _FINANCE, member=Membership(frozenset(), frozenset({PILOT.id}))
)
_UNKNOWN = replace(_PC, recovery=Recovery.UNKNOWN)
_MEMBERS = {
    "device": Membership(frozenset(), frozenset({PILOT.id, KIOSKS.id})),
    "user": Membership(frozenset({PILOT.id, KIOSKS.id}), frozenset()),
    "both": Membership(frozenset({PILOT.id, KIOSKS.id}), frozenset({PILOT.id, KIOSKS.id})),
    "unknown": Membership(None, frozenset()),
}
_OTHERS = tuple(target(replace(PILOT, id=f"10000000-0000-4000-8000-0000000010{n:02}")) for n in range(12))
_ODD = _profile(
    {"target": {"@odata.type": f"{_ROW}allDevicesAssignmentTarget", **_NARROWED}},
    {"target": {"@odata.type": f"{_ROW}allLicensedUsersAssignmentTarget"}, "source": "policySets"},
    {"target": {"@odata.type": f"{_ROW}configurationManagerCollectionAssignmentTarget", "collectionId": "c1"}},
)


def _reckoned(one: Evidence) -> Evidence:
    """What the PC may expect follows from the rest."""
    found = recovery(one.device, one.apps, one.sources, one.member, group_policy=False)
    return replace(one, device=replace(one.device, recovery=found))


_EVIDENCE = {
    "not covered": _NOT_COVERED,
    "covered": _COVERED,
    "a conflict": _evidence(_UNKNOWN, _profile(EVERYBODY), policy("off")),
    "a policy that can't be read": _evidence(_UNKNOWN, _profile(EVERYBODY), policy("unread"), UNREAD),
    "odd assignments": _evidence(_UNKNOWN, _ODD, policy("mixed", assignments=())),
    "not even the policies": replace(_evidence(_UNKNOWN), sources=None, apps=None),
    "nothing sets it": _evidence(_PC),
    "many groups": _evidence(_PC, _profile(*_OTHERS), *(_profile(name=f"{n}") for n in range(9))),
    "every value": _evidence(_UNKNOWN, _BROKEN, *POLICIES[:7]),
    "deleted": _evidence(replace(_UNKNOWN, deleted=True)),
    "no user, never seen, an odd edition": replace(
        _evidence(replace(_UNKNOWN, last_seen=None)), owner="", named_edition=False
    ),
    "not finished": _evidence(replace(_PC, recovery=Recovery.POLICY_ONLY)),
    "long ago": _evidence(replace(_PC, last_seen=NOW - timedelta(days=90))),
    "hybrid": _evidence(replace(_UNKNOWN, join=Join.HYBRID), _FINANCE),
    **{f"member: {name}": _evidence(_UNKNOWN, _FINANCE, member=member) for name, member in _MEMBERS.items()},
    **{f"consent {state}": _reckoned(replace(_COVERED, apps=apps)) for state, apps in _APPS.items()},
    **{f"kind: {kind}": _evidence(replace(_UNKNOWN, kind=kind)) for kind in DeviceKind if kind is not DeviceKind.PC},
    **{f"managed by: {one}": _evidence(replace(_UNKNOWN, management=one)) for one in Management},
    **{f"source: {kind}": _evidence(_UNKNOWN, replace(_FINANCE, kind=kind)) for kind in SourceKind},
}


@dataclass(frozen=True, slots=True)
class Theirs:
    """Fits bot.tenant.Devices: the same person and PCs, whoever is asked for."""

    account: Account
    devices: tuple[Device, ...]

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:  # noqa: ARG002 - as Devices
        """As told."""
        return Inventory(self.account, self.devices)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """Nothing comes later."""
        return await self.inventory(object_id, references)


def _why(evidence: Evidence) -> Example:
    unread = evidence.device.management is Management.NONE
    owner = None if unread else _NORA.user_principal_name if evidence.owner else ""
    choice = PcChoice(evidence.device.reference, evidence.device.name, owner, evidence.device.last_seen)
    pcs = FoundPcs((choice,), exact=True, evidence=evidence, groups=_NAMES, filters={"f1": "Corporate laptops"})
    return Example(lookup=ExampleLookup(pc=pcs))


def _several(*, exact: bool) -> Example:
    choices = (
        PcChoice(f"{number}", "CON-LT-0201", owner, seen)
        for number, (owner, seen) in enumerate(product((_NORA.user_principal_name, "", None), (NOW, None)))
    )
    return Example(lookup=ExampleLookup(pc=FoundPcs(tuple(choices), exact=exact, more=exact)))


def _owned(*pcs: Evidence, count: int = 0, person: Account = _NORA) -> Example:
    return Example(
        lookup=ExampleLookup(owned=PersonsPcs(person, pcs, count or len(pcs))),
        devices=Theirs(person, tuple(one.device for one in pcs)),
        waits=True,
    )


def _people(*, exact: bool) -> Example:
    people = FoundPeople((_NORA, _OTHER_NORA), exact=exact, more=exact)
    return Example(lookup=ExampleLookup(found=people))


def _told(device: Device) -> Evidence:
    return _evidence(replace(device, recovery=Recovery.UNKNOWN), _FINANCE)


_PCS = {
    "one, not covered": _owned(_NOT_COVERED),
    "one, covered": _owned(_COVERED),
    "several": _owned(
        _COVERED,
        _evidence(replace(_PC, reference="00000000000000b2", name="CON-DT-0402", recovery=Recovery.POLICY_ONLY)),
        _told(replace(_PC, reference="00000000000000b3", build=15063)),
        _told(replace(_PC, deleted=True)),
        _told(replace(_PC, join=Join.HYBRID, build=17763, edition=Edition.PRO, last_seen=NOW - timedelta(days=90))),
    ),
    "very many": _owned(*(_NOT_COVERED for _ in range(5)), count=50),
    "none": _owned(),
    "a guest": _owned(person=replace(_NORA, guest=True)),
}


async def replies() -> dict[str, Reply]:
    """By name."""
    sent = {"who": _NORA.object_id, "device": _PC.reference}
    ways = {
        "sent": _owned(_NOT_COVERED),
        "no chat known": replace(_owned(_NOT_COVERED), handing=Handing(has_chats=False)),
        "blocked": replace(_owned(_NOT_COVERED), chats=ExampleChats(NotSent("gallery", blocked=True))),
        "not taken": replace(_owned(_NOT_COVERED), chats=ExampleChats(NotSent("gallery"))),
        "to a guest": _owned(_NOT_COVERED, person=replace(_NORA, guest=True)),
    }
    return {
        "user: one of several": await _people(exact=True).said("user", person=HELPER),
        "user: somebody like it": await _people(exact=False).said("user", person=HELPER),
        "user: nobody": await Example().said("user", person=HELPER),
        **{f"user: {name}": await told.said("desk.person", person=HELPER) for name, told in _PCS.items()},
        "user: the steps": await _owned(_NOT_COVERED).said("desk.steps", person=HELPER, **sent),
        "user: the steps for no PC": await _owned().said("desk.steps", person=HELPER, who=_NORA.object_id),
        **{f"user: steps, {name}": await told.said("desk.send", person=HELPER, **sent) for name, told in ways.items()},
        "steps from the help desk": await _from_help_desk(),
        "why: one of several": await _several(exact=True).said("why", person=HELPER, pc="CON-LT-0201"),
        "why: something like it": await _several(exact=False).said("why", person=HELPER, pc="CON-LT-02"),
        "why: nothing": await Example().said("why", person=HELPER, pc="CON-LT-9999"),
        **{
            f"why: {name}": await _why(evidence).said("why", person=HELPER, pc=evidence.device.name)
            for name, evidence in _EVIDENCE.items()
        },
    }


async def _from_help_desk() -> Reply:
    """As it comes into the person's own chat."""
    chats = ExampleChats()
    example = replace(_owned(_NOT_COVERED), chats=chats)
    await example.said("desk.send", person=HELPER, who=_NORA.object_id, device=_PC.reference)
    return chats.taken[0]
