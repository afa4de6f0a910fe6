"""Why one PC is covered or not: what each source does to it, and what would change that. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.reset_rules.coverage import Membership, reached
from bot.reset_rules.facts import Apps, Consent, Device, DeviceKind, Join, Management, Recovery, is_stale
from bot.reset_rules.sources import RecoverySource, Target, TargetKind, Value

NOBODY = Membership(None, None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that decides for one PC. `owner`: the object id of its user; empty where none is named.

    `apps`, `sources` None: not read. `group_policy`: may a PC of a domain have one? `named_edition`: is it one of those
    that Microsoft's page names?
    """

    device: Device
    owner: str = ""
    apps: Apps | None = None
    sources: tuple[RecoverySource, ...] | None = None
    member: Membership = NOBODY
    group_policy: bool = True
    named_edition: bool = True

    @property
    def reach(self) -> Iterator[tuple[RecoverySource, bool | None]]:
        """What sets or may set the value, and whether it reaches this PC; None: that can't be told."""
        return ((one, reached(one, self.member)) for one in self.sources or ())


class Match(StrEnum):
    """Who of the PC and its user is in the group of an assignment."""

    DEVICE = "device"
    USER = "user"
    BOTH = "both"
    NEITHER = "neither"
    UNKNOWN = "unknown"


def match(target: Target, member: Membership) -> Match:
    """For one group that an assignment names."""
    device, user = (None if one is None else target.group_id in one for one in (member.device, member.user))
    known = {(True, True): Match.BOTH, (True, False): Match.DEVICE, (False, True): Match.USER}
    if device is None or user is None:
        return Match.DEVICE if device else Match.USER if user else Match.UNKNOWN
    return known.get((device, user), Match.NEITHER)


class Remedy(StrEnum):
    """What would change it, or what is left to do. The sentence is `why.change.<value>`."""

    REGISTER = "register"  # deleted in Entra
    SESSION_HOST = "session_host"
    ENROL = "enrol"  # not in Intune
    OTHER_MANAGEMENT = "other_management"
    TENANT_ATTACHED = "tenant_attached"
    WORKLOAD = "workload"  # co-managed, and Configuration Manager configures it
    EDITION = "edition"
    READ_POLICIES = "read_policies"
    PROFILE = "profile"  # nothing switches it on
    INCLUDE = "include"
    EXCLUDED = "excluded"
    REACH_UNKNOWN = "reach_unknown"  # a filter, or a group that could not be looked into
    SWITCHED_OFF = "switched_off"  # something sets the other value
    UNREAD = "unread"  # something may set the other value
    CONSENT = "consent"
    ENABLE_APP = "enable_app"
    CHECK_CONSENT = "check_consent"
    GROUP_POLICY = "group_policy"
    CONFIGURATION_MANAGER = "configuration_manager"
    CHECK_IN = "check_in"
    PROVE = "prove"  # all is well, as far as can be seen


_OF_MANAGEMENT = {
    Management.NONE: Remedy.ENROL,
    Management.OTHER: Remedy.OTHER_MANAGEMENT,
    Management.TENANT_ATTACHED: Remedy.TENANT_ATTACHED,
    Management.CONFIGURATION_MANAGER: Remedy.WORKLOAD,
}
_OF_CONSENT = {
    Consent.DISABLED: Remedy.ENABLE_APP,
    Consent.MISSING: Remedy.CONSENT,
    Consent.NOT_GRANTED: Remedy.CONSENT,
    Consent.UNREAD: Remedy.CHECK_CONSENT,
}


def remedies(evidence: Evidence, now: datetime) -> tuple[Remedy, ...]:
    """What is to be done, the PC itself first; never nothing."""
    device = evidence.device
    if device.deleted:
        return (Remedy.REGISTER,)
    if device.kind is DeviceKind.SESSION_HOST:
        return (Remedy.SESSION_HOST,)
    reasons = tuple(dict.fromkeys((*_of_pc(evidence), *_of_policies(evidence), *_of_consent(evidence.apps))))
    stale = (Remedy.CHECK_IN,) if is_stale(device.last_seen, now) else ()
    proven = (Remedy.PROVE,) if device.recovery is Recovery.READY else ()
    return (*reasons, *stale, *proven) or (Remedy.PROVE,)


def _of_pc(evidence: Evidence) -> Iterator[Remedy]:
    if evidence.device.management in _OF_MANAGEMENT:
        yield _OF_MANAGEMENT[evidence.device.management]
    if not evidence.named_edition:
        yield Remedy.EDITION


def _of_policies(evidence: Evidence) -> Iterator[Remedy]:
    """Of a PC that Intune does not configure no policy is at fault."""
    if evidence.device.management in _OF_MANAGEMENT:
        return
    if evidence.sources is None:
        yield Remedy.READ_POLICIES
        return
    reach = tuple(evidence.reach)
    yield from _to_switch_on(reach, evidence.member)
    against = [(source, met) for source, met in reach if False in source.may_set and met is not False]
    if any(met is True and source.value is not Value.UNREAD for source, met in against):
        yield Remedy.SWITCHED_OFF
    elif against:
        yield Remedy.UNREAD
    yield from _unseen(evidence)


def _to_switch_on(reach: tuple[tuple[RecoverySource, bool | None], ...], member: Membership) -> Iterator[Remedy]:
    right = [(source, met) for source, met in reach if source.is_right]
    if any(met is True for _, met in right):
        return
    if not right:
        yield Remedy.PROFILE
    elif any(met is None for _, met in right):
        yield Remedy.REACH_UNKNOWN
    else:
        yield Remedy.EXCLUDED if any(_is_kept_out(source, member) for source, _ in right) else Remedy.INCLUDE


def _is_kept_out(source: RecoverySource, member: Membership) -> bool:
    groups = (member.user or frozenset()) | (member.device or frozenset())
    return any(one.kind is TargetKind.EXCLUDED_GROUP and one.group_id in groups for one in source.targets or ())


def _unseen(evidence: Evidence) -> Iterator[Remedy]:
    """What Graph does not show."""
    device = evidence.device
    if evidence.group_policy and device.join in {Join.HYBRID, Join.ON_PREMISES, Join.UNKNOWN}:
        yield Remedy.GROUP_POLICY
    if device.management is Management.CO_MANAGED:
        yield Remedy.CONFIGURATION_MANAGER


def _of_consent(apps: Apps | None) -> Iterable[Remedy]:
    remedy = Remedy.CHECK_CONSENT if apps is None else _OF_CONSENT.get(apps.consent)
    return (remedy,) if remedy else ()
