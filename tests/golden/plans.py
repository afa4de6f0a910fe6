"""One plan for each way to ask for each kind of change, and what is stored when it is filed, approved and rejected."""

from pathlib import Path
from typing import Any

from tests.golden.product import (
    ADA,
    BOOLEAN,
    TENANT,
    AppState,
    Harness,
    Plan,
    RecoverySource,
    Request,
    SourceKind,
    Verdict,
    apps,
    assignment,
    consent,
    group,
    harness,
    profile,
    ready_tenant,
    right_profile,
    row,
    state_of_tenant,
    tenant_state,
)

LOGIN = "https://login.microsoftonline.com"
MARKER = "12345678-0000-4000-8000-000000000000"
NODE = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
FILTER: dict[str, Any] = {
    "deviceAndAppManagementAssignmentFilterId": "eeeeeeee-0000-4000-8000-000000000001",
    "deviceAndAppManagementAssignmentFilterType": "include",
}
PILOT, FINANCE, KIOSKS, BRANCH = (
    group(number, devices=number * 10, name=name)
    for number, name in enumerate(("Pilot Ring", "Finance Laptops", "Kiosk Devices", "Außenstellen „Nord“"), 1)
)
KNOWN = {one.id: one for one in (PILOT, FINANCE, KIOSKS, BRANCH)}
ROLLED_OUT = (row(PILOT), row(KIOSKS, excluded=True))
OTHERS: tuple[dict[str, Any], ...] = (
    row(PILOT, **FILTER),
    row(KIOSKS, excluded=True) | {"intent": "remove"},
    {"id": "everything", "target": {"@odata.type": tenant_state.ALL_DEVICES, **FILTER}},
    {
        "id": "collection",
        "target": {
            "@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget",
            "collectionId": "SMS00001",
        },
    },
)


def plans() -> dict[str, Plan]:
    """By name."""
    nothing, no_profile = state_of_tenant(()), state_of_tenant(apps())
    half = state_of_tenant(apps(AppState.DISABLED, AppState.MISSING), ())
    unclear = state_of_tenant(apps(), (), others=(RecoverySource(SourceKind.CATALOG, assignments=None, is_read=False),))
    wrong = state_of_tenant(apps(), (_wrong_profile(),))
    include = assignment.assign(ready_tenant(*ROLLED_OUT), [FINANCE], [], KNOWN)
    unassign = assignment.unassign(ready_tenant(*ROLLED_OUT), [PILOT, KIOSKS], KNOWN)
    return {
        "consent by link": consent.consent(nothing, confirmed=False, create=False, login_url=LOGIN),
        "consent, apps created": consent.consent(nothing, confirmed=False, create=True, login_url=LOGIN),
        "consent, one app enabled, one created": consent.consent(half, confirmed=False, create=True, login_url=LOGIN),
        "consent, only the grant": consent.consent(no_profile, confirmed=False, create=True, login_url=LOGIN),
        "profile created": profile.profile(no_profile, MARKER),
        "profile created, not all clear": profile.profile(unclear, MARKER),
        "profile corrected": profile.profile(wrong, MARKER),
        "assign, first group": assignment.assign(ready_tenant(), [BRANCH], [], KNOWN),
        "assign, include": include,
        "assign, exclude": assignment.assign(ready_tenant(*ROLLED_OUT), [], [FINANCE], KNOWN),
        "assign, include and exclude": assignment.assign(ready_tenant(*ROLLED_OUT), [FINANCE], [BRANCH], KNOWN),
        "assign beside others' targets": assignment.assign(ready_tenant(*OTHERS), [FINANCE], [BRANCH], KNOWN),
        "unassign": unassign,
        "unassign beside others' targets": assignment.unassign(ready_tenant(*OTHERS), [KIOSKS], KNOWN),
        "undo an assignment": assignment.undo(include, ready_tenant(*ROLLED_OUT, row(FINANCE), row(BRANCH)), KNOWN),
        "undo a removal": assignment.undo(unassign, ready_tenant(row(FINANCE)), KNOWN),
    }


def _wrong_profile() -> dict[str, Any]:
    """Somebody's own, with a setting of theirs beside a text where a Boolean belongs."""
    theirs = {
        "@odata.type": BOOLEAN,
        "displayName": "Ours",
        "omaUri": "./Device/Vendor/MSFT/X",
        "value": False,
    }
    kind = "#microsoft.graph.omaSettingString"
    wrong = {
        "@odata.type": kind,
        "displayName": "PIN",
        "omaUri": NODE.replace(TENANT, f"{{{TENANT}}}"),
        "value": "true",
    }
    return {**right_profile(), "displayName": "PIN-Rücksetzung", "omaSettings": [theirs, wrong]}


async def stored(folder: Path) -> dict[str, Any]:
    """What the store holds of each plan: filed twice, rejected once and approved once, in one fixed harness."""
    async with harness(folder) as table:
        return {name: await _stored(table, plan) for name, plan in plans().items()}


async def _stored(table: Harness, plan: Plan) -> dict[str, Any]:
    rejected = await _decided(table, plan, Verdict.REJECT)
    approved = await _decided(table, plan, Verdict.APPROVE)
    await table.approvals.cancel(approved.number, table.who(ADA))  # the next plan may be about the same object
    return {
        "plan": approved.plan,
        "digest": approved.digest,
        "kind": approved.kind,
        "object": approved.object_key,
        "rejected": _seals(table, rejected),
        "approved": _seals(table, approved),
    }


async def _decided(table: Harness, plan: Plan, verdict: Verdict) -> Request:
    request = await table.filed(plan)
    ruling = await table.press(request, verdict=verdict)
    assert ruling.refused is None
    return await table.now(request)


def _seals(table: Harness, request: Request) -> dict[str, Any]:
    (decision,) = request.decisions
    return {
        "number": request.number,
        "request": request.seal,
        "nonce": table.approvals.nonce(request),
        "nonce_hash": request.nonce_hash,
        "decision": decision.seal,
    }
