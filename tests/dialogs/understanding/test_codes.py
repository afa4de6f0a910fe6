"""One table of codes and of Microsoft's own sentences, for the answers and for the advice after a reset that failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.pin_reset.forgot import SITUATIONS
from bot.reset_rules.failures import Failure, of_code
from dialogs.understanding import codes
from dialogs.understanding.codes import KnownCode, by_code, by_either, by_message, codes_in
from dialogs.understanding.facts_in_text import error_codes
from dialogs.words.answers import StoredAnswer, answers

CODES = [(code, row) for row in codes.rows() for code in row.codes]
MESSAGES = [(message, row) for row in codes.rows() for message in row.messages]
LAUNCH = (
    "Failed to launch 'ms-appx-web://Microsoft.AAD.BrokerPlugin/9115dd05-fad5-4f9c-acc7-305d08b1b04e?code=0.AV' "
    "because the scheme does not have a registered handler."
)
SUBSCRIBED = (
    'AADSTS650052: The app needs access to a service ("https://cred.microsoft.com") that your organization '
    '"contoso.com" has not subscribed to or enabled.'
)
# What copying, retyping and other clients do to a sentence.
DISGUISES = {
    "as it is": "{}",
    "in capitals": "{}",
    "quoted": "it says “{}”. what now?",
    "in a report": "- 10:42 user reports: '{}' (correlation id 0b1f2d3c-0000-4000-8000-000000000001)",
    "over two lines": "{}",
    "with other apostrophes": "{}",
    "written out": "{}",
    "without hyphens": "{}",
}


def disguised(message: str, how: str) -> str:
    filled = message.replace("…", "'ms-appx-web://microsoft.aad.brokerplugin/9115dd05?code=0.AX' of Contoso Ltd.")
    changed = {
        "in capitals": filled.upper(),
        "over two lines": filled.replace(" ", "\n", 3).replace(" ", "  ", 2),
        "with other apostrophes": filled.replace("'", "’"),
        "written out": filled.replace("can't", "can not").replace("isn't", "is not").replace("You've", "You have"),
        "without hyphens": filled.replace("-", " "),
    }.get(how, filled)
    return DISGUISES[how].format(changed)


@pytest.mark.parametrize(("code", "row"), CODES, ids=[code for code, _ in CODES])
def test_every_code_has_an_answer_that_names_it_and_advice_that_knows_it(code: str, row: KnownCode) -> None:
    entry = answers()[row.answer]
    assert code.casefold() in f"{entry.title}\n{entry.text}".replace("*", "").casefold()
    assert by_code(f"the reset ended with error {code}, what now?") == row
    assert by_code(code.lower()) == row
    assert of_code(code) not in {Failure.UNKNOWN_CODE, Failure.OTHER}


def test_every_code_in_an_answer_is_in_the_table() -> None:
    named = {code: name for name, entry in answers().items() for code in error_codes(f"{entry.title}\n{entry.text}")}
    assert {code: name for code, name in named.items() if of_code(code) is Failure.UNKNOWN_CODE} == {}


def test_each_code_and_sentence_stands_in_one_row() -> None:
    listed = [*(code for code, _ in CODES), *(message.casefold() for message, _ in MESSAGES)]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("row", codes.rows(), ids=lambda row: row.answer)
def test_a_row_points_to_an_answer_and_to_what_a_person_is_told(row: KnownCode) -> None:
    assert row.answer in answers()
    assert row.failure in {"", *Failure}
    assert row.situation in {"", *SITUATIONS}


@pytest.mark.parametrize("how", DISGUISES)
@pytest.mark.parametrize(("message", "row"), MESSAGES, ids=[message for message, _ in MESSAGES])
def test_a_sentence_of_microsofts_is_known_whatever_copying_does_to_it(message: str, row: KnownCode, how: str) -> None:
    if codes.is_short(message) and DISGUISES[how] != "{}":
        assert by_message(disguised(message, how)) is None  # too common to be looked for inside other words
    else:
        assert by_message(disguised(message, how)) == row
        assert of_code(disguised(message, how)) not in {Failure.UNKNOWN_CODE, Failure.OTHER}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (LAUNCH, "consent_end_page"),
        (
            "console says failed to launch ms-appx-web://… because the scheme doesn't have a registered handler",
            "consent_end_page",
        ),
        (SUBSCRIBED, "caa20004"),
        ("PIN recovery app needs access to a service", "caa20004"),
        ("pin recovery app needs access to a service (https://cred.microsoft.com)", "caa20004"),
        (
            "We cant open that page right now. For security reasons you'll need to visit it from a browser",
            "cant_open_page",
        ),
        ("Something happened and your PIN isn’t available. Click to set up your PIN again.", "pin_not_available"),
        (
            "Your PIN is no longer available due to a change to the security settings on this device. Click to set up",
            "pin_not_available",
        ),
        (
            "This sign in option is disabled because of failed sign in attempts or repeated shutdowns.",
            "sign_in_option_disabled",
        ),
        (
            "PIN incorrect. You have entered an incorrect PIN several times. To try again, enter A1B2C3 below",
            "wrong_attempts",
        ),
        ("it just wants me to type a1b2c3 now", "wrong_attempts"),
        ("65001", "needs_admin_approval"),
        ("error code: 65001", "needs_admin_approval"),
        ("Fehler 90094", "needs_admin_approval"),
        ("AADSTS90094", "needs_admin_approval"),
        ("AADSTS500014", "app_disabled"),
        ("aadsts 700003", "device_gone"),
        ("profile state: -2016281112 (Remediation failed)", "remediation_failed"),
        ("0x87d1fde8", "remediation_failed"),
        ("error 65000 on our OMA-URI profile", "remediation_failed"),
        ("65000", "remediation_failed"),
    ],
)
def test_what_people_paste_finds_its_answer(text: str, answer: str) -> None:
    found = by_either(text)
    assert found is not None
    assert found.answer == answer


@pytest.mark.parametrize(
    "text",
    [
        "we have 65000 devices and 65001 users",
        "ticket 90094 is open",
        "does a change need admin approval?",
        "our reporting app needs access to a service account",
        "the remediation failed last week for another reason",
        "0x80091234",
        "0x801C044F",
        "AADSTS50126",
        "-2016281113",
        "-99999999999",
        "A1B2C34",
        "the page is open right now",
        "",
    ],
)
def test_what_is_not_in_the_table_is_not_known(text: str) -> None:
    assert by_either(text) is None


def test_a_negative_number_is_the_hexadecimal_code_that_intune_shows_so() -> None:
    hexadecimal = [code for code, _ in CODES if code.startswith("0x")]
    assert [code for code in hexadecimal if codes_in(f"({int(code, 16) - 2**32})") != (code,)] == []


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("AADSTS90094", Failure.NOT_CONSENTED),
        ("65001", Failure.NOT_CONSENTED),
        ("AADSTS500014", Failure.APP_DISABLED),
        ("0x80072F8F", Failure.NO_REMEDY),
        ("0x801C03F2", Failure.DIRECTORY),
        ("0xc00000bb", Failure.OTHER_METHOD),
        ("-2016281112", Failure.FOR_ADMINS),
        ("A1B2C3", Failure.BLOCKED),
        ("greyed out", Failure.NO_LINK),
        ("Something went wrong", Failure.OTHER),
        ("0x801C044F", Failure.UNKNOWN_CODE),
    ],
)
def test_advice_after_a_reset_that_failed_comes_from_the_same_table(code: str, failure: Failure) -> None:
    assert of_code(code) is failure


@given(st.text(max_size=500))
def test_any_text_is_looked_at_without_harm(text: str) -> None:
    found = by_either(text)
    assert found is None or found.answer in answers()


def test_a_row_that_means_nothing_or_two_things_is_refused() -> None:
    right = {"answer": "a", "failure": "b", "codes": ["c"]}
    assert KnownCode.model_validate(right).answer == "a"
    for wrong in (
        {**right, "situation": "s"},
        {**right, "failure": ""},
        {**right, "codes": []},
        {**right, "code": "c"},
    ):
        with pytest.raises(ValidationError):
            KnownCode.model_validate(wrong)


def test_an_answer_no_longer_carries_codes_of_its_own() -> None:
    assert "codes" not in StoredAnswer.model_fields
