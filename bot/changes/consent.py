"""Consent to the two PIN reset apps: the links for a human, who alone can give the grant."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Literal

from pydantic import JsonValue

from bot.approvals.kind import ChangeArguments, Ending, Kind
from bot.approvals.plan import Basis, Plan, PlanPart, Step, Write
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.services import Planning
from bot.changes.tenant_state import APPS, Rows, TenantState
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Apps, AppState, Consent, Grant
from bot.tenant import Writes
from bot.tenant.apps import APPS_PATH, app_state, read_apps, with_grant
from dialogs.words.replies import Button, Link, Names, Text

KIND = "consent"
NAMES = {PIN_SERVICE: "service", PIN_CLIENT: "client"}
TITLES = {  # in Entra
    PIN_SERVICE: "Microsoft Pin Reset Service Production",
    PIN_CLIENT: "Microsoft Pin Reset Client Production",
}
_GRANTS = {True: "confirmed", False: "not_confirmed", None: "unknown"}
_STATES = {  # constants of Microsoft's page; they carry no security
    PIN_SERVICE: (
        "https://graph.windows.net",
        "https://cred.microsoft.com",
        "e9191523-6c2f-4f1d-a4f9-c36f26f89df0",
    ),
    PIN_CLIENT: (
        "https://cred.microsoft.com/",
        f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{PIN_CLIENT}",
        "6765f8c5-f4a7-4029-b667-46a6776ad611",
    ),
}


class ConsentLink(PlanPart):
    """Where a human gives consent, bound to the tenant."""

    app_id: str
    url: str


class AppEffect(PlanPart):
    """One of the two apps, and what the bot itself would do to it (nothing, where the human uses the link)."""

    app_id: str
    state: AppState
    act: Literal["none", "create", "enable"]


class ConsentEffect(PlanPart):
    """The two apps, service first."""

    kind: Literal["consent"] = "consent"
    apps: tuple[AppEffect, ...]
    links: tuple[ConsentLink, ...]


def kinds(planning: Planning) -> tuple[Kind, ...]:
    """The one of this file."""
    return (
        Kind(
            name=KIND,
            intents=("onboard_consent",),
            verbs=("onboard_consent", "consent.preview"),
            plan=partial(_planned, planning=planning),
            effect=ConsentEffect,
            lines=_lines,
            offers=lambda _number: (Button(Text("button.create_profile"), "profile.preview", main=True),),
            brief=lambda _plan: Text("change.consent.brief"),
            looks=tenant_state.LOOKS,
            state_of=tenant_state.state_of,
            named=_named,
            again=_again,
            links=_links,
            ending=partial(ending, planning.tenant),
            found=_found,
        ),
    )


async def _planned(_wanted: ChangeArguments, planning: Planning) -> Plan:
    rows = await planning.tenant.read(APPS_PATH)
    apps, current = await with_grant(rows, planning.tenant.read), TenantState(planning.tenant_id, rows)
    confirmed = apps.grant is Grant.CONFIRMED
    return consent(current, confirmed=confirmed, create=planning.creates_apps, login_url=planning.login_url)


def consent(current: TenantState, *, confirmed: bool, create: bool, login_url: str) -> Plan:
    """The two apps: the links for a human, who alone can give the grant; `create`: made by the bot itself before that.

    `confirmed`: the grant was seen; one that can't be read is none. Raises Refused(NOTHING_TO_CHANGE), and
    Refused(APP_DISABLED) where no link helps.
    """
    states = {app_id: app_state(current.apps, app_id) for app_id in APPS}
    if confirmed and set(states.values()) == {AppState.ENABLED}:
        raise Refused(Reason.NOTHING_TO_CHANGE)
    if AppState.DISABLED in states.values() and not create:
        raise Refused(Reason.APP_DISABLED, apps=disabled(states))
    steps = tuple(_app_step(current.apps, app_id, state) for app_id, state in states.items()) if create else ()
    return Plan(
        kind=KIND,
        tenant_id=tenant_state.guid(current.tenant_id),
        object_key="consent",
        basis=tuple(Basis(look=tenant_state.app_look(one), state=state.value) for one, state in states.items()),
        steps=tuple(step for step in steps if step),
        effect=ConsentEffect(
            apps=tuple(_app_effect(app_id, state, create=create) for app_id, state in states.items()),
            links=consent_links(current.tenant_id, login_url),
        ).model_dump(mode="json"),
    )


def consent_links(tenant_id: str, login_url: str) -> tuple[ConsentLink, ...]:
    """Microsoft's two links, service first, bound to the tenant: `common` would consent in whatever tenant signs in."""
    return tuple(
        ConsentLink(app_id=app_id, url=_link(app_id, tenant_state.guid(tenant_id), login_url)) for app_id in APPS
    )


def disabled(states: Mapping[str, AppState]) -> Names:
    """The names of the apps that are switched off."""
    return Names(tuple(TITLES[app_id] for app_id, state in states.items() if state is AppState.DISABLED))


async def ending(tenant: Writes) -> Ending:
    """What a look shows. Raises the errors of bot.tenant.Writes.read."""
    return ending_of(await read_apps(tenant.read))


def ending_of(apps: Apps) -> Ending:
    """The apps are no consent: without a grant that can be seen it is for a human to give, and to verify."""
    states = {app_id: apps.state_of(app_id).value for app_id in APPS}
    unread = {"unread": apps.grant.value} if apps.grant.confirmed is None else {}
    return Ending(apps.consent is Consent.GIVEN, {"apps": states, "grant": apps.grant.confirmed, **unread})


def _found(evidence: Mapping[str, Any]) -> Iterator[Text]:
    for app_id, app in NAMES.items():
        yield Text(f"status.consent.{app}.{evidence['apps'][app_id]}")
    yield Text(f"status.consent.grant.{evidence.get('unread') or _GRANTS[evidence['grant']]}")


def _lines(plan: Plan) -> Iterator[Text]:
    effect = ConsentEffect.model_validate(plan.effect)
    for app in effect.apps:
        yield Text(f"effect.consent.{NAMES[app.app_id]}", {"app_id": app.app_id})
        yield Text(f"status.consent.{NAMES[app.app_id]}.{app.state}")
        if app.act != "none":
            yield Text(f"effect.consent.{app.act}")
    by_bot = any(app.act != "none" for app in effect.apps)
    yield Text("effect.consent.by_bot" if by_bot else "effect.consent.by_link")


def _named(state: JsonValue, _plan: Plan) -> Text | str:
    return tenant_state.in_words(state)


def _again(_plan: Plan) -> ChangeArguments:
    return ChangeArguments()


def _links(plan: Plan) -> tuple[Link, ...]:
    """Service first."""
    effect = ConsentEffect.model_validate(plan.effect)
    return tuple(Link(Text(f"button.consent.{NAMES[link.app_id]}"), link.url) for link in effect.links)


def _app_step(apps: Rows, app_id: str, state: AppState) -> Step | None:
    if state is AppState.ENABLED:
        return None
    if state is AppState.MISSING:
        write = Write(method="POST", path="/v1.0/servicePrincipals", body={"appId": app_id})
    else:
        app = next(row for row in apps if row.get("appId") == app_id)
        path = f"/v1.0/servicePrincipals/{tenant_state.guid(tenant_state.text(app, 'id'))}"
        write = Write(method="PATCH", path=path, body={"accountEnabled": True})
    # The app id is unique in a tenant: a second POST is refused, so it may be repeated.
    return Step(
        write=write,
        look=tenant_state.app_look(app_id),
        before=state.value,
        after=AppState.ENABLED.value,
        repeatable=True,
    )


def _app_effect(app_id: str, state: AppState, *, create: bool) -> AppEffect:
    acts: dict[AppState, Literal["none", "create", "enable"]] = {
        AppState.MISSING: "create",
        AppState.DISABLED: "enable",
        AppState.ENABLED: "none",
    }
    return AppEffect(app_id=app_id, state=state, act=acts[state] if create else "none")


def _link(app_id: str, tenant_id: str, login_url: str) -> str:
    resource, redirect, state = (_quoted(part) for part in _STATES[app_id])
    return (
        f"{login_url}/{tenant_id}/oauth2/authorize?response_type=code&client_id={app_id}"
        f"&resource={resource}&redirect_uri={redirect}&state={state}&prompt=admin_consent"
    )


def _quoted(part: str) -> str:
    return part.replace(":", "%3A").replace("/", "%2F")
