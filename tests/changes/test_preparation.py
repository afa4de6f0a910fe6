"""Consent and profile: exact requests, found by setting and app id, wrong ones shown as differences."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason, Refused
from bot.changes import consent, profile
from bot.changes.consent import ConsentEffect
from bot.changes.profile import ProfileEffect
from bot.changes.tenant_state import TenantState
from bot.reset_rules import profiles
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState
from bot.reset_rules.sources import Aspect
from bot.simulation.objects import intune
from dialogs.words.replies import Names
from tests.approvals.harness import (
    PROFILE,
    TENANT,
    apps,
    consent_plan,
    profile_plan,
    right_profile,
    state_of_tenant,
)

LOGIN = "https://login.microsoftonline.com"
MARKER = "12345678-0000-4000-8000-000000000000"
DEVICE = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
BOOLEAN, STRING = "#microsoft.graph.omaSettingBoolean", "#microsoft.graph.omaSettingString"
EVERYBODY = (intune.everybody(PROFILE),)
OTHER = "99999999-2222-4333-8444-555555555555"


def _profile(uri: str = DEVICE, kind: str = BOOLEAN, value: Any = True, *others: dict[str, Any]) -> dict[str, Any]:
    setting = {"@odata.type": kind, "displayName": "PIN", "omaUri": uri, "value": value}
    return dict(right_profile()) | {"displayName": "Somebody's profile", "omaSettings": [*others, setting]}


def test_consent_by_links_writes_nothing_and_names_the_tenant() -> None:
    plan = consent_plan()
    assert plan.steps == ()
    effect = ConsentEffect.model_validate(plan.effect)
    assert [link.app_id for link in effect.links] == [PIN_SERVICE, PIN_CLIENT]
    for link in effect.links:
        parts = urlsplit(link.url)
        assert (parts.netloc, parts.path) == ("login.microsoftonline.com", f"/{TENANT}/oauth2/authorize")
        assert parse_qs(parts.query)["client_id"] == [link.app_id]
        assert parse_qs(parts.query)["prompt"] == ["admin_consent"]
    client = parse_qs(urlsplit(effect.links[1].url).query)
    assert client["resource"] == ["https://cred.microsoft.com/"]
    assert client["redirect_uri"] == [f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{PIN_CLIENT}"]


def test_T43_the_bot_creates_and_enables_these_two_apps_and_no_other() -> None:  # noqa: N802
    rows = apps(AppState.DISABLED, AppState.MISSING)
    plan = consent.consent(TenantState(TENANT, rows, ()), confirmed=False, create=True, login_url=LOGIN)
    assert [(step.write.method, step.write.path, step.write.body) for step in plan.steps] == [
        ("PATCH", f"/v1.0/servicePrincipals/{rows[0]['id']}", {"accountEnabled": True}),
        ("POST", "/v1.0/servicePrincipals", {"appId": PIN_CLIENT}),
    ]
    effect = ConsentEffect.model_validate(plan.effect)
    assert [one.act for one in effect.apps] == ["enable", "create"]
    assert [link.app_id for link in effect.links] == [PIN_SERVICE, PIN_CLIENT]


@pytest.mark.parametrize("create", [True, False])
def test_consent_that_is_there_is_not_asked_again(create: bool) -> None:
    with pytest.raises(Refused) as caught:
        consent.consent(TenantState(TENANT, apps(), ()), confirmed=True, create=create, login_url=LOGIN)
    assert caught.value.reason is Reason.NOTHING_TO_CHANGE


@pytest.mark.parametrize("create", [True, False])
def test_apps_without_a_grant_get_their_links(create: bool) -> None:
    plan = consent.consent(TenantState(TENANT, apps(), ()), confirmed=False, create=create, login_url=LOGIN)
    assert plan.steps == ()
    effect = ConsentEffect.model_validate(plan.effect)
    assert [link.app_id for link in effect.links] == [PIN_SERVICE, PIN_CLIENT]


def test_a_new_profile_is_exactly_that_of_the_instructions() -> None:
    plan = profile.profile(state_of_tenant(apps(), ()), MARKER)
    (step,) = plan.steps
    assert (step.write.method, step.write.path) == ("POST", "/v1.0/deviceManagement/deviceConfigurations")
    body: Any = step.write.body
    assert (body["@odata.type"], body["displayName"]) == (
        "#microsoft.graph.windows10CustomConfiguration",
        "Use PIN Recovery",
    )
    assert f"[pinbot:{MARKER}]" in body["description"]
    (setting,) = body["omaSettings"]
    assert (setting["@odata.type"], setting["omaUri"], setting["value"]) == (BOOLEAN, DEVICE, True)
    assert not step.repeatable


@pytest.mark.parametrize(
    ("uri", "kind", "value", "aspects"),
    [
        (DEVICE, STRING, "true", {Aspect.TYPE}),
        (DEVICE, STRING, "****", {Aspect.TYPE}),
        (DEVICE, BOOLEAN, False, {Aspect.VALUE}),
        (DEVICE.replace(TENANT, f"{{{TENANT}}}"), BOOLEAN, True, {Aspect.BRACES}),
        (DEVICE.replace(TENANT, OTHER), BOOLEAN, True, {Aspect.TENANT}),
        (DEVICE.replace("./Device", "./User").replace(TENANT, OTHER), BOOLEAN, True, {Aspect.TENANT}),
        (DEVICE.replace("./Device/Vendor/MSFT", "./Vendor/MSFT/Policy"), BOOLEAN, True, {Aspect.PATH}),
        (DEVICE.replace(TENANT, f"{{{OTHER}}}"), STRING, "true", {Aspect.BRACES, Aspect.TENANT, Aspect.TYPE}),
    ],
)
def test_a_wrong_profile_is_shown_as_a_difference_and_corrected(
    uri: str, kind: str, value: Any, aspects: set[Aspect]
) -> None:
    kept = {"@odata.type": BOOLEAN, "displayName": "Other", "omaUri": "./Device/Vendor/MSFT/Other", "value": False}
    found = _profile(uri, kind, value, kept)
    plan = profile.profile(state_of_tenant((), (found,)), MARKER)
    effect = ProfileEffect.model_validate(plan.effect)
    assert {one.aspect for one in effect.differences} == aspects
    assert effect.profile_name == "Somebody's profile"
    (step,) = plan.steps
    assert (step.write.method, step.write.path) == ("PATCH", f"/v1.0/deviceManagement/deviceConfigurations/{PROFILE}")
    rows: Any = step.write.body["omaSettings"]
    assert rows[0] == kept
    assert [one["omaUri"] for one in rows[1:]] == [DEVICE]


@pytest.mark.parametrize("uri", [DEVICE, DEVICE.lower(), DEVICE.replace("./Device/", "./"), DEVICE.upper()])
def test_a_right_profile_is_kept_whatever_its_name(uri: str) -> None:
    found = _profile(uri)
    assert profiles.differences(found, TENANT) == ()
    with pytest.raises(Refused) as caught:
        profile.profile(state_of_tenant((), (found,)), MARKER)
    assert caught.value.reason is Reason.NOTHING_TO_CHANGE


def test_two_right_profiles_are_double_work_and_no_conflict() -> None:
    two = (right_profile(), dict(right_profile()) | {"id": OTHER, "displayName": "Second"})
    with pytest.raises(Refused) as caught:
        profile.profile(state_of_tenant((), two, EVERYBODY), MARKER)
    assert caught.value.reason is Reason.NOTHING_TO_CHANGE


def test_different_values_on_the_same_devices_are_for_humans_and_both_are_named() -> None:
    off = dict(_profile(value=False)) | {"id": OTHER, "displayName": "Use PIN Recovery"}
    with pytest.raises(Refused) as caught:
        profile.profile(state_of_tenant((), (right_profile(), off), EVERYBODY), MARKER)
    named = Names((f"Use PIN Recovery (…{PROFILE[-12:]})", f"Use PIN Recovery (…{OTHER[-12:]})"))
    assert (caught.value.reason, caught.value.values) == (Reason.PROFILE_CONFLICT, {"profiles": named})


def test_a_profile_with_an_obscured_row_is_not_written_back() -> None:
    secret = {"@odata.type": STRING, "displayName": "Secret", "omaUri": "./Device/Vendor/MSFT/X", "value": "****"}
    with pytest.raises(Refused) as caught:
        profile.profile(state_of_tenant((), (_profile(DEVICE, STRING, "true", secret),)), MARKER)
    assert caught.value.reason is Reason.PROFILE_OBSCURED


@pytest.mark.parametrize("tenant", ["common", "../x", "", f"{TENANT}/../..", f"{{{TENANT}}}"])
def test_T42_only_a_guid_becomes_part_of_an_address(tenant: str) -> None:  # noqa: N802
    for plan in (consent_plan, profile_plan):
        with pytest.raises(Refused) as caught:
            plan(tenant)
        assert caught.value.reason is Reason.NOT_A_GUID


@pytest.mark.parametrize("plan", [consent_plan(), profile_plan()])
def test_a_plan_survives_its_own_text_and_any_change_shows_in_the_digest(plan: Plan) -> None:
    again = Plan.read(plan.canonical())
    assert (again, again.digest()) == (plan, plan.digest())
    assert plan.model_copy(update={"tenant_id": OTHER}).digest() != plan.digest()


def test_a_plan_with_a_field_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(ValueError, match="extra"):
        Plan.read(consent_plan().canonical().replace('"basis"', '"also":1,"basis"', 1))
