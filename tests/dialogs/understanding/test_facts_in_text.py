"""Versions, editions, joins and codes are read out of questions, inventory lines and command output."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reset_rules.facts import Edition, Join, Trust
from dialogs.understanding.facts_in_text import FactsInText, error_codes, read
from dialogs.understanding.windows import RELEASES, Release

TENANT = "0b1f2d3c-0000-4000-8000-000000000001"
DSREGCMD = f"""
+----------------------------------------------------------------------+
| Device State                                                         |
+----------------------------------------------------------------------+

             AzureAdJoined : YES
          EnterpriseJoined : NO
              DomainJoined : YES
                DomainName : CONTOSO

                  TenantId : {TENANT.upper()}

                    NgcSet : YES
                  NgcKeyId : {{FA0DB076-A5D7-4844-82D8-50A2FB42EC7B}}
                  CanReset : DestructiveAndNonDestructive
           WorkplaceJoined : NO
"""
NOTHING = FactsInText()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("does it work on Windows 10 1803 Pro?", FactsInText(17134, "10", "1803", "pro")),
        ("we run Professional v1809, do we need to upgrade and to what", FactsInText(17763, "10", "1809", "pro")),
        ("Pro 20H2 machines ok?", FactsInText(19042, "10", "20H2", "pro")),
        ("ver shows 10.0.18363 on a Pro laptop", FactsInText(18363, "10", "1909", "pro")),
        ("Version 22H2 (OS Build 19045.3570)", FactsInText(19045, "10", "22H2")),
        ("win10 22h2", FactsInText(19045, "10", "22H2")),
        ("w11 24H2 enterprise", FactsInText(26100, "11", "24H2", "enterprise")),
        ("22H2 education", FactsInText(None, "", "22H2", "education")),
        ("build 26100", FactsInText(26100, "11", "24H2")),
        ("what release is 17763", FactsInText(17763, "10", "1809")),
        ("build 27999", FactsInText(27999, "11", "")),
        ("10.0.14000.1", FactsInText(14000, "10", "")),
        ("Windows 11 supported?", FactsInText(None, "11")),
        ("windows 10 version 2004", FactsInText(19041, "10", "2004")),
        ("we rolled this out in 2004", NOTHING),
        ("on 2017-09-09 at 17:09", NOTHING),
        ("does it work from 1709 to 1809", NOTHING),
        ("Windows Home, hmm?", FactsInText(edition="home")),
        ("can I reset it at home", NOTHING),
        ("LTSC 2019", FactsInText(17763, "10", "1809", "enterprise", ltsc=True)),
        ("is ltsc ok", FactsInText(edition="enterprise", ltsc=True)),
        ("Pro or Enterprise?", NOTHING),
        ("where are the enterprise applications", NOTHING),
        ("Pro Education laptop", FactsInText(edition="education")),
        ("1703 hybrid machines", FactsInText(15063, "10", "1703", join="hybrid")),
        ("hybrid azure ad joined", FactsInText(join="hybrid")),
        ("Entra joined", FactsInText(join="entra")),
        ("AAD registered laptop", FactsInText(join="registered")),
        ("on-premises only", FactsInText(join="on_premises")),
        ("azure ad joined or registered in workplace", NOTHING),
        ("key trust, hybrid", FactsInText(join="hybrid", trust="key")),
        ("cloud Kerberos trust", FactsInText(trust="cloud")),
        ("CON-LT-0142,10.0.19045.4046,Pro,AzureAd", FactsInText(19045, "10", "22H2", "pro", join="entra")),
        ("CON-LT-7,10.0.22631.1,Enterprise,ServerAd", FactsInText(22631, "11", "23H2", "enterprise", join="hybrid")),
        ("", NOTHING),
    ],
)
def test_what_a_text_says_of_a_device_is_read(text: str, expected: FactsInText) -> None:
    assert read(text) == expected


def test_the_output_of_dsregcmd_is_read() -> None:
    both = "DestructiveAndNonDestructive"
    expected = FactsInText(join="hybrid", tenant_id=TENANT, can_reset=both, hello_set="yes", pasted=True)
    assert read(DSREGCMD) == expected
    assert read(DSREGCMD.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize(
    ("azure", "domain", "workplace", "join"),
    [
        ("YES", "YES", "NO", "hybrid"),
        ("YES", "NO", "NO", "entra"),
        ("NO", "YES", "NO", "on_premises"),
        ("NO", "YES", "YES", "on_premises"),
        ("NO", "NO", "YES", "registered"),
        ("NO", "NO", "NO", ""),
    ],
)
def test_dsregcmd_tells_the_join(azure: str, domain: str, workplace: str, join: str) -> None:
    text = f"AzureAdJoined : {azure}\nDomainJoined : {domain}\nWorkplaceJoined : {workplace}\nhybrid?"
    assert read(text).join == join


def test_two_values_are_no_value() -> None:
    both = DSREGCMD + "CanReset : DestructiveOnly\n" + DSREGCMD.replace(TENANT.upper(), TENANT.replace("1", "2"))
    assert read(both) == replace(read(DSREGCMD), tenant_id="", can_reset="")


def test_the_value_of_canreset_is_read_as_windows_writes_it() -> None:
    assert read("it says destructiveonly, is that good").can_reset == "DestructiveOnly"  # nothing else is called so
    assert read("CanReset: destructiveonly").can_reset == "DestructiveOnly"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("0x801c03ed", ("0x801C03ED",)),
        ("error 801C03ED then 0X80090033 then 0x801c03ed", ("0x801C03ED", "0x80090033")),
        ("CAA20004 aadsts650052", ("CAA20004", "AADSTS650052")),
        ("0xCAA20004", ("CAA20004",)),
        ("error code: 65001", ("AADSTS65001",)),
        ("status: 0xc00000bb", ("0xC00000BB",)),
        ("my pin is 81234567", ()),  # may be somebody's PIN
        ("9115dd05-fad5-4f9c-acc7-80090033b04e", ()),
        ("event 300", ()),
    ],
)
def test_error_codes_are_read_in_one_form(text: str, codes: tuple[str, ...]) -> None:
    assert error_codes(text) == read(text).error_codes == codes


@pytest.mark.parametrize("release", RELEASES, ids=lambda one: one.name)
def test_every_release_of_the_table_is_read_by_its_name_and_by_its_build(release: Release) -> None:
    said = FactsInText(release.build, release.windows, release.version)
    assert read(f"does it work on {release.name}?") == said
    assert read(f"does it work on 10.0.{release.build}.1?") == said
    assert read(f"what is {release.build}") == said


def test_the_words_are_those_of_the_rules() -> None:
    assert {read(text).edition for text in ("Pro", "Enterprise", "Education", "Windows Home", "")} - {""} == set(
        Edition
    ) - {"unknown"}
    assert {read(text).join for text in ("hybrid", "entra joined", "aad registered", "on-prem")} == set(Join) - {
        "unknown"
    }
    assert {read(text).trust for text in ("key trust", "cert trust", "cloud trust")} == set(Trust) - {"unknown"}


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    facts = read(text)
    assert facts.build is None or 10_000 <= facts.build <= 99_999
    assert read(text + "\nWindows 11").windows in {"10", "11", ""}


@given(st.lists(st.sampled_from([*DSREGCMD.split(), "1803", "Pro", "0x801C03ED", "hybrid", ":", "\x00"]), max_size=30))
def test_scrambled_output_can_be_read(words: list[str]) -> None:
    assert read(" ".join(words)).join in {"hybrid", "entra", "on_premises", "registered", ""}


def test_a_long_log_is_read_to_its_limit_only() -> None:
    assert read("x" * 50_000 + " Windows 11") == NOTHING


STATUS = """
              AzureAdJoined : YES
               DomainJoined : YES
                     NgcSet : NO
                 AzureAdPrt : NO
           DeviceAuthStatus : FAILED. Device is either disabled or deleted
             IsDeviceJoined : YES
              PolicyEnabled : NO
         SessionIsNotRemote : NO
               PreReqResult : WillNotProvision
"""


def test_a_pasted_output_of_dsregcmd_is_read_whole() -> None:
    found = read(STATUS)
    assert (found.join, found.hello_set, found.provisioning) == ("hybrid", "no", "will_not")
    assert found.against == ("PolicyEnabled", "SessionIsNotRemote")
    assert (found.token, found.device_auth, found.pasted) == ("no", "failed", True)


@pytest.mark.parametrize("line", ["NgcSet : YES", "PreReqResult : WillProvision", "AzureAdPrt : YES"])
def test_one_line_of_it_is_enough(line: str) -> None:
    assert read(line).pasted
