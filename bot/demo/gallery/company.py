"""The company of the examples: its people, groups, apps, profiles and policies."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.changes.tenant_state import TenantState, oma_uri
from bot.chat.notices import HelpDesk
from bot.chat.turn import Person, Place, PlaceKind
from bot.reset_rules import profiles as profiles_of_intune
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Account
from bot.reset_rules.sources import RecoverySource, Rows, Scope, Setting, SourceKind
from bot.store.records import Freeze
from bot.tenant import (
    Group,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TENANT = "0b1a6d6c-7f0e-4a53-9c1e-3f3f0c0a1b2c"
ADMIN, APPROVER, OTHER = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
HELPER = "00000000-0000-4000-8000-000000000004"  # of the help desk
ACCOUNTS = {
    ADMIN: Account(ADMIN, "Ada Brandt", "admin@contoso.example"),
    APPROVER: Account(APPROVER, "Priya Nair", "approver@contoso.example"),
    OTHER: Account(OTHER, "Tom Becker", "approver3@contoso.example"),
}
CHANNEL = "19:help-desk@thread.tacv2"
PERSON = Person(TENANT, ADMIN, "29:admin", "Ada Brandt")
CHAT = Place(PlaceKind.PERSONAL, CHANNEL, TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
HELP_DESK = HelpDesk("extension 4357", takes_questions=True)
FILLING = {"tenant_id": TENANT, "oma_uri": oma_uri(TENANT)}
PILOT = Group("10000000-0000-4000-8000-000000000001", "Pilot Ring", users=0, devices=480)
FINANCE = Group("10000000-0000-4000-8000-000000000002", "Finance Laptops", users=0, devices=120)
KIOSKS = Group("10000000-0000-4000-8000-000000000003", "Kiosk Devices", users=0, devices=35)
TWIN = Group("10000000-0000-4000-8000-000000000004", "Pilot Ring", users=12, devices=0)
PROFILE = "20000000-0000-4000-8000-000000000001"


def app(app_id: str, *, enabled: bool = True) -> dict[str, Any]:
    """A service principal."""
    return {"id": app_id, "appId": app_id, "accountEnabled": enabled}


def profile(value: object = True, uri: str = "", name: str = "Use PIN Recovery", number: int = 1) -> dict[str, Any]:
    """A custom profile with the setting."""
    kind = "Boolean" if isinstance(value, bool) else "String"
    row = {
        "@odata.type": f"#microsoft.graph.omaSetting{kind}",
        "displayName": "PIN Reset Settings",
        "omaUri": uri or oma_uri(TENANT),
        "value": value,
    }
    return {"id": f"{PROFILE[:-12]}{number:012}", "displayName": name, "omaSettings": [row]}


def target(group: Group, *, excluded: bool = False) -> dict[str, Any]:
    """A row of an assignment."""
    kind = "exclusionGroupAssignmentTarget" if excluded else "groupAssignmentTarget"
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", "groupId": group.id}}


NOT_FROZEN = Freeze(frozen=False, revision=0)
BOTH_APPS = (app(PIN_SERVICE), app(PIN_CLIENT))
SETS: Mapping[str, tuple[Setting, ...]] = {
    "on": (Setting(Scope.DEVICE, True),),
    "off": (Setting(Scope.DEVICE, False),),
    "mixed": (Setting(Scope.DEVICE, True), Setting(Scope.USER, False)),
    "contradiction": (Setting(Scope.DEVICE, True), Setting(Scope.DEVICE, False)),
    "unread": (),
}
EVERYBODY = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
UNREAD = RecoverySource(SourceKind.CATALOG, assignments=None, is_read=False)


def policy(
    sets: str = "on",
    kind: SourceKind = SourceKind.CATALOG,
    assignments: Rows | None = (EVERYBODY,),
    name: str = "Windows Hello baseline",
) -> RecoverySource:
    """A policy beside custom profiles; `sets`: a key of SETS."""
    number = f"{[*SourceKind].index(kind)}{[*SETS].index(sets)}"
    settings = SETS[sets]
    if (kind, sets) == (SourceKind.TEMPLATE, "off"):
        settings = (Setting(Scope.DEVICE, False, certain=False),)
    policy_id = f"30000000-0000-4000-8000-0000000000{number}"
    return RecoverySource(kind, policy_id, name, settings, assignments, is_read=sets != "unread")


BASELINE = (policy(),)
POLICIES = (
    policy("on", SourceKind.TEMPLATE),
    policy("off", SourceKind.TEMPLATE),
    *(policy(sets, kind) for kind in (SourceKind.CATALOG, SourceKind.ACCOUNT_PROTECTION) for sets in SETS),
    *(policy(sets, SourceKind.INTENT) for sets in ("on", "off", "contradiction", "unread")),
    *(replace(UNREAD, kind=kind) for kind in (SourceKind.CATALOG, SourceKind.TEMPLATE, SourceKind.INTENT)),
)


def sources(
    profiles: Iterable[Any], targets: Rows | None = (), others: Iterable[RecoverySource] = ()
) -> tuple[RecoverySource, ...]:
    """Custom profiles, all with these assignments, and policies beside them."""
    custom = (profiles_of_intune.custom(one, TENANT, targets) for one in profiles)
    return (*(one for one in custom if one), *others)


def tenant_state(
    apps: tuple[Any, ...], profiles: Iterable[Any], targets: Rows | None = (), others: Iterable[RecoverySource] = ()
) -> TenantState:
    """A tenant as it was read."""
    return TenantState(TENANT, apps, sources(profiles, targets, others))
