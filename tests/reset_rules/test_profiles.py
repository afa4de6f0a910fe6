"""Rows are parsed and judged, all of them; however one is written, it is found, and nothing is made of it unproven."""

from typing import Any
from urllib.parse import quote

import pytest

from bot.reset_rules import profiles
from bot.reset_rules.sources import Aspect, RecoverySource, Scope, SourceKind, Value

TENANT = "0b1a6d6c-7f0e-4a53-9c1e-3f3f0c0a1b2c"
OTHER = "11111111-2222-4333-8444-555555555555"
NODE = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
USER = NODE.replace("./Device", "./User")
BOOLEAN, STRING = "#microsoft.graph.omaSettingBoolean", "#microsoft.graph.omaSettingString"
# Every blank that Unicode knows, and what only looks like one.
BLANKS = [
    *(chr(code) for code in (9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0xAD, 0x115F, 0x1160, 0x1680, 0x180E)),
    *(chr(code) for code in (*range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x2800, 0x3000, 0x3164)),
    *(chr(code) for code in (0xFEFF, 0xFFA0)),
]


def row(uri: str = NODE, value: Any = True, kind: str = BOOLEAN) -> dict[str, Any]:
    return {"@odata.type": kind, "displayName": "PIN", "omaUri": uri, "value": value}


def profile(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"id": OTHER, "displayName": "Hello", "omaSettings": list(rows)}


def read(*rows: dict[str, Any]) -> RecoverySource:
    found = profiles.custom(profile(*rows), TENANT, ())
    assert found is not None
    return found


def aspects(*rows: dict[str, Any]) -> set[Aspect]:
    return {one.aspect for one in profiles.differences(profile(*rows), TENANT)}


@pytest.mark.parametrize("uri", [NODE, NODE.lower(), NODE.upper(), NODE.replace("./Device/", "./")])
def test_case_and_an_implied_device_make_no_difference(uri: str) -> None:
    assert (read(row(uri)).value, read(row(uri)).is_right, aspects(row(uri))) == (Value.ON, True, set())


@pytest.mark.parametrize("blank", BLANKS, ids=lambda blank: f"U+{ord(blank):04X}")
@pytest.mark.parametrize("place", ["before", "after", "inside a word", "after a slash", "in the id", "for a while"])
def test_a_blank_of_any_kind_and_anywhere_is_found_named_and_made_visible(blank: str, place: str) -> None:
    uri = {
        "before": f"{blank}{NODE}",
        "after": f"{NODE}{blank}",
        "inside a word": NODE.replace("EnablePin", f"Enable{blank}Pin"),
        "after a slash": NODE.replace("/Enable", f"/{blank}Enable"),
        "in the id": NODE.replace("-4a53", f"-4a{blank}53"),
        "for a while": NODE.replace("/Policies/", f"/{blank * 3}Policies{blank}/"),
    }[place]
    found = read(row(uri))
    assert (found.value, found.is_right, found.sets) == (Value.BROKEN, False, frozenset())
    (difference,) = profiles.differences(profile(row(uri)), TENANT)
    assert difference.aspect is Aspect.PATH
    assert blank not in difference.found
    assert ("␣" if blank == " " else f"[U+{ord(blank):04X}]") in difference.found
    assert difference.wanted == NODE


@pytest.mark.parametrize(
    "uri",
    [
        NODE.replace("/Policies/", "//Policies/"),
        NODE.replace("/", "//"),
        f"{NODE}/",
        f"{NODE}//",
        NODE.replace("/", "\\"),
        quote(NODE, safe=""),
        quote(NODE.replace(TENANT, f"%{{{TENANT}}}".replace("%", "")), safe="./"),
        quote(quote(NODE, safe=""), safe=""),
        NODE.replace("/Enable", "/%20Enable"),
        NODE.replace("/Enable", "/%C2%A0Enable"),
        NODE.removeprefix("./"),
        f"/{NODE}",
    ],
)
def test_slashes_and_escapes_are_read_through_and_named(uri: str) -> None:
    found = read(row(uri))
    assert (found.value, found.sets) == (Value.BROKEN, frozenset())
    assert Aspect.PATH in aspects(row(uri))
    assert found.may_set == {True}  # nobody documents what Windows makes of it


@pytest.mark.parametrize("tenant", [f"{{{TENANT}}}", f"{{{TENANT.upper()}}}", f"{{{TENANT}", f"{TENANT}}}"])
def test_braces_round_the_id_are_named(tenant: str) -> None:
    assert aspects(row(NODE.replace(TENANT, tenant))) == {Aspect.BRACES}
    assert read(row(NODE.replace(TENANT, tenant))).value is Value.BROKEN


@pytest.mark.parametrize(
    ("uri", "kind", "value", "wanted"),
    [
        (NODE.replace(TENANT, OTHER), BOOLEAN, True, {Aspect.TENANT}),
        (NODE.replace(TENANT, "{tenantid}"), BOOLEAN, True, {Aspect.TENANT, Aspect.BRACES}),
        ("./Vendor/MSFT/Policy/PassportForWork/x/EnablePinRecovery", BOOLEAN, True, {Aspect.PATH}),
        (NODE.replace("Policies/", ""), BOOLEAN, True, {Aspect.PATH}),
        (NODE, STRING, "true", {Aspect.TYPE}),
        (NODE, "#microsoft.graph.omaSettingInteger", 1, {Aspect.TYPE}),
        (NODE, BOOLEAN, "true", {Aspect.VALUE}),
        (NODE, BOOLEAN, None, {Aspect.VALUE}),
    ],
)
def test_what_no_pc_takes_sets_nothing(uri: str, kind: str, value: Any, wanted: set[Aspect]) -> None:
    found = read(row(uri, value, kind))
    assert (found.value, found.may_set, aspects(row(uri, value, kind))) == (Value.BROKEN, frozenset(), wanted)


def test_false_is_off_and_a_difference() -> None:
    assert (read(row(value=False)).value, aspects(row(value=False))) == (Value.OFF, {Aspect.VALUE})


def test_a_row_for_users_works_for_these_users_and_is_not_wrong() -> None:
    found = read(row(USER))
    assert (found.value, found.is_right, found.for_users, found.sets) == (
        Value.ON,
        False,
        True,
        frozenset({(Scope.USER, True)}),
    )
    assert aspects(row(USER)) == set()
    both = read(row(USER), row())
    assert (both.is_right, both.for_users) == (True, False)


def test_all_rows_of_a_profile_are_judged() -> None:
    odd = row(f"{NODE}/")
    for rows in ((row(), row(value=False)), (row(value=False), row()), (row(), {**odd, "value": False})):
        assert (read(*rows).value, read(*rows).is_right) == (Value.CONTRADICTION, False)
        assert Aspect.VALUE in aspects(*rows)
    assert read(row(), row(USER, value=False)).value is Value.MIXED
    assert read(row(USER), row(value=False)).value is Value.MIXED
    assert not read(row(), row(USER, value=False)).is_right
    for more in (row(), odd, row(NODE.replace(TENANT, OTHER)), row(NODE, "true", STRING)):
        assert (read(row(), more).value, read(more, row()).is_right, aspects(row(), more)) == (Value.ON, True, set())
    assert read(row(NODE.replace(TENANT, OTHER)), row(value=False)).value is Value.OFF


def test_a_profile_without_such_a_row_is_none() -> None:
    assert profiles.custom(profile(row("./Device/Vendor/MSFT/X")), TENANT, ()) is None
    assert profiles.custom({"id": OTHER}, TENANT, ()) is None
    assert profiles.custom(profile(row(NODE.replace("PinRecovery", "PinRecoveryLog"))), TENANT, ()) is None


def test_a_policy_of_the_catalog_says_for_whom_and_what() -> None:
    node = "_vendor_msft_passportforwork_{tenantid}_policies_enablepinrecovery"

    def setting(scope: str, value: str) -> dict[str, Any]:
        chosen = {"value": f"{scope}{node}_{value}", "children": []}
        return {"settingInstance": {"settingDefinitionId": f"{scope}{node}", "choiceSettingValue": chosen}}

    def found(*settings: dict[str, Any], family: str = "none") -> RecoverySource | None:
        return profiles.catalog({"id": "c", "name": "C", "templateReference": {"templateFamily": family}}, settings)

    on, off = found(setting("device", "true")), found(setting("user", "false"))
    assert on
    assert off
    assert (on.kind, on.value, on.sets) == (SourceKind.CATALOG, Value.ON, frozenset({(Scope.DEVICE, True)}))
    assert (off.value, off.sets) == (Value.OFF, frozenset({(Scope.USER, False)}))
    twice = found(setting("device", "true"), setting("device", "false"), family="endpointSecurityAccountProtection")
    assert twice
    assert (twice.kind, twice.value) == (SourceKind.ACCOUNT_PROTECTION, Value.CONTRADICTION)
    odd = found(setting("device", "2"))
    assert odd
    assert odd.value is Value.UNREAD
    assert found() is None


def test_the_old_template_and_the_old_intents_say_it_in_their_own_ways() -> None:
    definition = "deviceConfiguration--windowsIdentityProtectionConfiguration_pinRecoveryEnabled"
    for said, wanted in (("true", Value.ON), ("false", Value.OFF), ("3", Value.UNREAD)):
        found = profiles.intent({"id": "i"}, ({"definitionId": definition, "valueJson": said},))
        assert found
        assert found.value is wanted
    assert profiles.intent({"id": "i"}, ({"definitionId": definition, "valueJson": "null"},)) is None
    on, off = (profiles.template({"id": "t", "pinRecoveryEnabled": value}) for value in (True, False))
    assert on
    assert off
    assert (on.value, on.is_certain) == (Value.ON, True)
    assert (off.value, off.is_certain) == (Value.OFF, False)  # "Not configured" on its page
    assert profiles.template({"id": "t", "pinRecoveryEnabled": None}) is None
