"""Examples of the rollout's state, previews, lists of requests, refusals and news."""

import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.approvals import freeze
from bot.approvals.kind import ChangeArguments
from bot.approvals.notifier.news import NOBODY, READ_ONLY, Actor, news
from bot.approvals.refusals import Reason, Refused
from bot.approvals.upkeep import Behind
from bot.changes import preview, tenant_state
from bot.changes.groups import FORM
from bot.chat import notices
from bot.chat.command import For
from bot.chat.notices import HelpDesk, no_role
from bot.chat.people import called
from bot.demo.gallery.company import (
    ACCOUNTS,
    APPROVER,
    BASELINE,
    BOTH_APPS,
    FINANCE,
    KIOSKS,
    NOW,
    OTHER,
    PILOT,
    POLICIES,
    TENANT,
    TWIN,
    app,
    policy,
    profile,
    target,
)
from bot.demo.gallery.example import KINDS, Example
from bot.demo.gallery.fakes import Filed
from bot.demo.gallery.groups import ALL_DEVICES, EMPTY_GROUPS, ODD_GROUPS
from bot.demo.gallery.requests import assign_plan, consent_plan, older, request, undo_plan
from bot.demo.gallery.tenant import ExampleTenant
from bot.errors import NotPermitted, StoreUnavailable, TenantUnreachable
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Standing
from bot.store.outbox import Notification
from bot.store.records import Audience, Event, Freeze, Note, State
from bot.tenant import Group, Overview
from dialogs.words import texts
from dialogs.words.replies import Names, Reply, Text

_ASSIGNED = (target(PILOT), target(KIOSKS, excluded=True))
_FIGURES = Overview(succeeded=354, error=9, conflict=2, pending=83, not_applicable=32, at=NOW - timedelta(hours=3))
_DONE = ExampleTenant(profiles=(profile(),), targets=_ASSIGNED, figures=_FIGURES)
_BRACES = f"./Device/Vendor/MSFT/PassportForWork/{{{TENANT}}}/Policies/EnablePinRecovery"
_USER = f"./User/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
_BLANK = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/ EnablePinRecovery"
_NODE = "/Policies/EnablePinRecovery"
_GONE = Group("10000000-0000-4000-8000-000000000009", "", users=0, devices=0)
_CLASHING = "30000000-0000-4000-8000-00000000000"
_ALL_KINDS = (
    target(_GONE),
    target(_GONE, excluded=True),
    {"target": {"@odata.type": tenant_state.ALL_DEVICES}},
    {"target": {"@odata.type": tenant_state.ALL_USERS, "deviceAndAppManagementAssignmentFilterId": "f1"}},
    {
        "target": {
            "@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget",
            "collectionId": "c1",
        }
    },
)
_USERS = {"target": {"@odata.type": tenant_state.ALL_USERS}}


def _rows(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Both profiles' rows in one."""
    return {**first, "omaSettings": [*first["omaSettings"], *second["omaSettings"]]}


_TENANTS: Mapping[str, ExampleTenant] = {
    "nothing onboarded": ExampleTenant(apps=(), grant=False),
    "one app disabled": ExampleTenant(apps=(BOTH_APPS[0], app(PIN_CLIENT, enabled=False))),
    "grant missing": ExampleTenant(grant=False),
    "no profile": ExampleTenant(),
    "profile wrong": ExampleTenant(profiles=(profile("true", _BRACES),)),
    "two profiles": ExampleTenant(profiles=(profile(), profile(name="Use PIN Recovery", number=2))),
    **{f"{one.kind}, {one.value}, {one.name or 'all'}": ExampleTenant(policies=(one,)) for one in POLICIES},
    "settings catalog, assigned to nobody": ExampleTenant(policies=(policy(assignments=()),)),
    "settings catalog, assignments not read": ExampleTenant(policies=(policy(assignments=None),)),
    "settings catalog, off, for kiosks": ExampleTenant(policies=(policy("off", assignments=(target(KIOSKS),)),)),
    "profile and settings catalog": ExampleTenant(profiles=(profile(),), policies=BASELINE),
    "profile and settings catalog, other value": ExampleTenant(
        profiles=(profile(False),), targets=(target(PILOT),), policies=BASELINE
    ),
    "profile and settings catalog, other value, same group": ExampleTenant(
        profiles=(profile(),), targets=_ASSIGNED, policies=(policy("off", assignments=(target(PILOT),)),)
    ),
    "profile and settings catalog, other value, other group": ExampleTenant(
        profiles=(profile(),), targets=_ASSIGNED, policies=(policy("off", assignments=(target(FINANCE),)),)
    ),
    "profile and settings catalog, same groups": replace(
        _DONE, policies=(policy(assignments=(target(FINANCE) | {"source": "policySets"},)),)
    ),
    "profile that contradicts itself": ExampleTenant(
        profiles=(_rows(profile(), profile(False)),), targets=(target(PILOT),)
    ),
    "profile for devices and against users": ExampleTenant(profiles=(_rows(profile(), profile(False, _USER)),)),
    "two values for all devices": ExampleTenant(policies=(policy("on"), policy("off"))),
    "two values for all devices, six times": ExampleTenant(
        policies=(policy("on"), *(replace(policy("off"), id=f"{_CLASHING}{number}") for number in range(6)))
    ),
    "two values for all users": ExampleTenant(
        policies=(policy("on", assignments=(_USERS,)), policy("off", assignments=(_USERS,)))
    ),
    "profile for users": ExampleTenant(profiles=(profile(True, _USER),), targets=(target(PILOT),)),
    "a blank in the path": ExampleTenant(profiles=(profile(True, _BLANK),), targets=(target(PILOT),)),
    "not assigned": ExampleTenant(profiles=(profile(),)),
    "service app disabled, grants not readable": ExampleTenant(
        apps=(app(PIN_SERVICE, enabled=False), BOTH_APPS[1]), grant=NotPermitted("gallery")
    ),
    "wrong in other ways": ExampleTenant(
        profiles=(profile(False, f"./User/Vendor/MSFT/PassportForWork/{OTHER}{_NODE}"),)
    ),
    "the newer page's path": ExampleTenant(
        profiles=(profile(True, "./Vendor/MSFT/Policy/PassportForWork/x/EnablePinRecovery"),)
    ),
    "all kinds of targets": replace(_DONE, targets=_ALL_KINDS, figures=replace(_FIGURES, conflict=None, at=None)),
    "groups that fill, are narrowed, or come by a policy set": ODD_GROUPS,
    "running": _DONE,
    "running, grants not permitted": replace(_DONE, grant=NotPermitted("gallery")),
    "running, grants not readable now": replace(_DONE, grant=TenantUnreachable("gallery")),
}
_UNDELIVERED = (
    *(Notification(f"{one}", Event.FILED, one, 12, NOW, 3) for one in Audience if one is not Audience.WAITING),
    Notification("all", Event.FROZEN, Audience.WAITING, None, NOW, 3),
)
_FREEZE = Freeze(frozen=True, revision=1, actor=APPROVER, reason="INC-77, PCs lose their keys", at=NOW)
_LONG_AGO = replace(older(State.CANCELLED), number=3, created_at=NOW - timedelta(days=20))
_PAST = (request(State.DONE), older(State.REJECTED), _LONG_AGO)
_BEHIND = Behind(NOW, NOW + timedelta(days=1))
_NEWS = (
    *(Event.APPROVED, Event.REJECTED, Event.EXPIRED, Event.REMINDED, Event.HELD, Event.ATTENTION, Event.VOID),
    *(Event.CONSENTING, Event.UNCONFIRMED, Event.DONE, Event.CLOSED),
)
_FINDINGS = (
    Text("check.credential.secret_ends.is", {"date": date(2026, 12, 9), "days": 12}),
    Text("check.card.in_status", {"count": 2}),
)
_ENDS = {Event.DONE: State.DONE, Event.REMINDED: State.WAITING, Event.ATTENTION: State.ATTENTION}
_PRIYA = called(APPROVER, ACCOUNTS)


async def replies() -> dict[str, Reply]:
    """By name."""
    said = {name: await example.said(intent) for name, (intent, example) in _commands().items()}
    return {**said, **await _by_person(), **await _previews(), **_notices(), **_news()}


def _commands() -> dict[str, tuple[str, Example]]:
    """What is said to a command's intent or verb."""
    consenting = Filed(requests=(request(State.CONSENTING, plan=consent_plan()),))
    disabled = _TENANTS["one app disabled"]
    several = Filed(requests=(older(State.WAITING), request(), request(State.RUNNING)))
    return {
        **{f"status, {name}": ("status", Example(tenant)) for name, tenant in _TENANTS.items()},
        "status, frozen": ("status", Example(_DONE, Filed(freeze=_FREEZE))),
        "status, store away": ("status", Example(_DONE, Filed(freeze=StoreUnavailable("gallery")))),
        "status, clock behind": ("status", Example(_DONE, Filed(behind=_BEHIND))),
        "status, an old table of Windows": ("status", Example(_DONE, now=NOW + 2 * timedelta(days=365))),
        "status, a check found something": ("status", Example(_DONE, notices=_FINDINGS)),
        "status, read only": ("status", Example(_DONE, Filed(read_only=True))),
        "export, as text, none yet": ("export_audit", Example(audited=(), files=False)),
        "whoami": ("whoami", Example()),
        "requests open": ("approvals", Example(filed=several)),
        "requests open, many": ("approvals", Example(filed=Filed(requests=(request(),) * 40))),
        "requests open, none": ("approvals", Example()),
        "requests open, news not delivered": ("approvals", Example(undelivered=_UNDELIVERED)),
        "consent checked, a request is done with it": ("verify_consent", Example(_DONE, consenting)),
        "consent checked, app disabled": ("verify_consent", Example(disabled, consenting)),
        "onboard consent, app disabled": ("onboard_consent", Example(disabled)),
        "consent checked": ("verify_consent", Example(_TENANTS["grant missing"])),
        "export": ("export_audit", Example()),
        "export, put": ("export.put", Example()),
        "export, declined": ("export.decline", Example()),
        "export, as text": ("export_audit", Example(files=False)),
        "history": ("history", Example(filed=Filed(requests=_PAST))),
        "history, long": ("history", Example(filed=Filed(requests=(request(State.DONE),) * 40))),
        "history, none": ("history", Example()),
    }


async def _by_person() -> dict[str, Reply]:
    behind = Example(filed=Filed(behind=_BEHIND))
    return {
        "clock set right": await behind.said("clock_right", person=APPROVER),
        "whoami, approver": await Example().said("whoami", person=APPROVER),
        "whoami, no role": await Example().said("whoami", person=OTHER.replace("3", "9")),
    }


def _notices() -> dict[str, Reply]:
    help_desk = Example().help_desk
    roles = (For.ADMINS, For.APPROVERS, For.STAFF, For.HELP_DESK, For.HELPERS)
    accounts = (Standing.GUEST, Standing.DISABLED, Standing.ABSENT)
    return {
        **{f"refused: {reason}": notices.refused(_refused(reason)) for reason in Reason},
        **{f"role needed: {role}": no_role(role, help_desk) for role in roles},
        **{f"role needed, {one} account": no_role(For.ADMINS, help_desk, one) for one in accounts},
        "role needed, no help desk named": no_role(For.ADMINS, HelpDesk("", takes_questions=False)),
        "frozen": freeze.FROZEN,
        "unfrozen": freeze.UNFROZEN,
    }


def _news() -> dict[str, Reply]:
    by = {
        Event.REJECTED: Actor(_PRIYA, "Not in the freeze week."),
        Event.CLOSED: Actor(_PRIYA, "done by hand in the portal"),
        Event.FROZEN: Actor(_PRIYA, "CHG-2300: an incident in Intune"),
        Event.UNFROZEN: Actor(_PRIYA),
    }
    refused = request(State.ATTENTION, note=Note.TENANT_REFUSED)
    return {
        **{
            f"news: {event}": news(event, request(_ENDS.get(event, State.REJECTED)), by.get(event, Actor()), KINDS)
            for event in _NEWS
        },
        **{f"news: {event}": news(event, None, by[event]) for event in (Event.FROZEN, Event.UNFROZEN)},
        "news: read_only": news(READ_ONLY, None),
        "news: nobody reached": news(NOBODY, request(State.WAITING), kinds=KINDS),
        **{f"news: {event}": news(event, None) for event in (Event.CLOCK_BEHIND, Event.CLOCK_SET)},
        "news: attention, refused by the tenant": news(Event.ATTENTION, refused, kinds=KINDS),
    }


async def _previews() -> dict[str, Reply]:
    finance, both = {"include": "Finance Laptops"}, {"include": "Finance Laptops", "exclude": "Pilot Ring"}
    unassigned = replace(_DONE, targets=())
    examples: Mapping[str, tuple[str, dict[str, str], ExampleTenant]] = {
        "onboard consent": ("onboard_consent", {}, _TENANTS["nothing onboarded"]),
        "create profile": ("create_profile", {}, _TENANTS["no profile"]),
        "create profile, not all clear": ("create_profile", {}, _TENANTS["catalog, unread, all"]),
        "correct profile": ("create_profile", {}, _TENANTS["profile wrong"]),
        "assign": ("assign", {**finance, "reason": "CHG-2291"}, _DONE),
        "assign, at a moment": ("assign", {**finance, "when": "next Monday 9:00"}, _DONE),
        "assign, few PCs": ("assign", finance, replace(_DONE, known=(PILOT, replace(FINANCE, devices=2), KIOSKS))),
        "assign, users": ("assign", {"include": TWIN.id}, replace(unassigned, known=(TWIN,))),
        "unassign, few PCs": ("unassign", {"include": PILOT.id}, replace(_DONE, known=(replace(PILOT, devices=1),))),
        "assign, keep out": ("assign", both, unassigned),
        "assign, ambiguous": ("assign", {"include": "Pilot Ring"}, replace(unassigned, known=(PILOT, TWIN))),
        "assign, a name that none has": ("assign", {"include": "Finence Laptops"}, _DONE),
        "assign beside others' targets": ("assign", finance, replace(_DONE, targets=_ALL_KINDS)),
        "assign beside all devices": ("assign", finance, ALL_DEVICES),
        "assign beside empty groups": ("assign", finance, EMPTY_GROUPS),
        "assign, narrowed already": ("assign", finance, ODD_GROUPS),
        "unassign, readmit": ("unassign", {"include": "Kiosk Devices"}, _DONE),
        "unassign": ("unassign", {"include": "Pilot Ring"}, _DONE),
    }
    shown = {
        f"preview: {name}": await Example(tenant).said(intent, **values)
        for name, (intent, values, tenant) in examples.items()
    }
    by_bot = Example(_TENANTS["service app disabled, grants not readable"], creates_apps=True)
    shown["preview: onboard consent, by the bot"] = await by_bot.said("onboard_consent")
    creates = Example(_TENANTS["nothing onboarded"], creates_apps=True)
    shown["preview: onboard consent, apps created"] = await creates.said("onboard_consent")
    shown |= {
        "preview: undo": preview.preview(KINDS["undo"], undo_plan(), ChangeArguments()),
        "preview: changed": preview.differs(KINDS["assign"], assign_plan(), ChangeArguments()),
    }
    shown["form: assign"] = await Example(_DONE).said(FORM)
    shown["form: assign, no group told"] = await Example(ExampleTenant(known=())).said(FORM)
    return shown | {"one moment": await Example().said("change.file")}


def _refused(reason: Reason) -> Refused:
    """With something in each place of the sentence."""
    sentence = texts.words("en").sentence(f"approvals.refused.{reason}")
    places = [(name, noun) for _, name, noun, _ in string.Formatter().parse(sentence) if name]
    several = Names(("…", "…"))
    return Refused(
        reason, **{name: 3 if noun else several if name in {"apps", "profiles"} else "…" for name, noun in places}
    )
