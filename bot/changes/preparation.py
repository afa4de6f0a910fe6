"""The two plans that come first: consent to the two apps, and the profile with the right setting."""

from typing import Literal

from pydantic import JsonValue

from bot.approvals.plan import (
    APPS,
    AppEffect,
    Basis,
    ConsentEffect,
    ConsentLink,
    Kind,
    Plan,
    ProfileEffect,
    Step,
    Write,
)
from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.elsewhere import only_source, unclear
from bot.changes.tenant_state import Look, LookKind, Row, Rows, TenantState
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState

PROFILE_TYPE = "#microsoft.graph.windows10CustomConfiguration"

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


def consent(situation: TenantState, *, confirmed: bool, create: bool, login_url: str) -> Plan:
    """The two apps: the links for a human, who alone can give the grant; `create`: made by the bot itself before that.

    `confirmed`: the grant was seen; one that can't be read is none. Raises Refused(NOTHING_TO_CHANGE).
    """
    states = {app_id: tenant_state.app_state(situation.apps, app_id) for app_id in APPS}
    if confirmed and set(states.values()) == {AppState.ENABLED}:
        raise Refused(Reason.NOTHING_TO_CHANGE)
    steps = tuple(_app_step(situation.apps, app_id, state) for app_id, state in states.items()) if create else ()
    return Plan(
        kind=Kind.CONSENT,
        tenant_id=tenant_state.guid(situation.tenant_id),
        object_key="consent",
        basis=tuple(Basis(look=tenant_state.app_look(one), state=state.value) for one, state in states.items()),
        steps=tuple(step for step in steps if step),
        effect=ConsentEffect(
            apps=tuple(_app_effect(app_id, state, create=create) for app_id, state in states.items()),
            links=consent_links(situation.tenant_id, login_url),
        ),
    )


def consent_links(tenant_id: str, login_url: str) -> tuple[ConsentLink, ...]:
    """Microsoft's two links, service first, bound to the tenant: `common` would consent in whatever tenant signs in."""
    return tuple(
        ConsentLink(app_id=app_id, url=_link(app_id, tenant_state.guid(tenant_id), login_url)) for app_id in APPS
    )


def profile(situation: TenantState, marker: str) -> Plan:
    """Create the profile, or correct the one that sets the value wrongly. `marker`: random, to know our own again.

    Raises Refused: NOTHING_TO_CHANGE, PROFILE_OBSCURED and as only_source.
    """
    found = only_source(situation)
    return _correct(situation, found) if found else _create(situation, marker)


def _app_step(apps: Rows, app_id: str, state: AppState) -> Step | None:
    if state is AppState.ENABLED:
        return None
    if state is AppState.MISSING:
        write = Write(method="POST", path="/v1.0/servicePrincipals", body={"appId": app_id})
    else:
        found = next(row for row in apps if row.get("appId") == app_id)
        path = f"/v1.0/servicePrincipals/{tenant_state.guid(tenant_state.text(found, 'id'))}"
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


def _create(situation: TenantState, marker: str) -> Plan:
    uri = tenant_state.oma_uri(situation.tenant_id)
    name = "Use PIN Recovery"
    row = _right_row(uri)
    look = Look(kind=LookKind.MADE, path=tenant_state.PROFILES_PATH, subject=f"pinbot:{tenant_state.guid(marker)}")
    body: dict[str, JsonValue] = {
        "@odata.type": PROFILE_TYPE,
        "displayName": name,
        "description": f"Created by the PIN reset bot after approval. [{look.subject}]",
        "omaSettings": [row],
    }
    step = Step(
        write=Write(method="POST", path=tenant_state.PROFILES, body=body),
        look=look,
        before=[],
        after=[{"made": True, "settings": [tenant_state.setting_state(row)]}],
        repeatable=False,
    )
    effect = ProfileEffect(profile_name=name, oma_uri=uri, unclear=len(unclear(situation)))
    return _profile_plan(situation, "profile:new", step, effect)


def _correct(situation: TenantState, found: Row) -> Plan:
    wrong = tenant_state.differences(found, situation.tenant_id)
    name = tenant_state.text(found, "displayName")
    if not wrong:
        raise Refused(Reason.NOTHING_TO_CHANGE)
    bad = tenant_state.settings(found)
    others = [row for row in tenant_state.all_settings(found) if row not in bad]
    if any(row.get("value") == tenant_state.OBSCURED for row in others):
        raise Refused(Reason.PROFILE_OBSCURED, profile=name)
    uri = tenant_state.oma_uri(situation.tenant_id)
    rows = [*(dict(row) for row in others), _right_row(uri)]
    profile_id = tenant_state.guid(tenant_state.text(found, "id"))
    step = Step(
        write=Write(
            method="PATCH",
            path=f"{tenant_state.PROFILES}/{profile_id}",
            body={"@odata.type": PROFILE_TYPE, "omaSettings": [*rows]},
        ),
        look=tenant_state.SOURCES_LOOK,
        before=tenant_state.state_of(tenant_state.SOURCES_LOOK, situation.profiles),
        after=[{"id": tenant_state.text(found, "id"), "settings": [tenant_state.setting_state(row) for row in rows]}],
        repeatable=True,
    )
    effect = ProfileEffect(profile_id=profile_id, profile_name=name, oma_uri=uri, differences=wrong)
    return _profile_plan(situation, f"profile:{profile_id}", step, effect)


def _right_row(uri: str) -> dict[str, JsonValue]:
    return {
        "@odata.type": tenant_state.BOOLEAN,
        "displayName": "PIN Reset Settings",
        "description": "Enable PIN recovery",
        "omaUri": uri,
        "value": True,
    }


def _profile_plan(situation: TenantState, object_key: str, step: Step, effect: ProfileEffect) -> Plan:
    return Plan(
        kind=Kind.PROFILE,
        tenant_id=tenant_state.guid(situation.tenant_id),
        object_key=object_key,
        basis=(Basis(look=step.look, state=step.before),),
        steps=(step,),
        effect=effect,
    )
