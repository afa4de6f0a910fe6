"""What is kept of a pasted text: tokens, keys and what points to a person are taken out, the rest stays readable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.redact import LONGEST, anonymous, clean, redact
from dialogs.understanding.secrets import HIDDEN

GUID = "0b1a6d6c-7f0e-4a53-9c1e-3f3f0c0a1b2c"

# What is written, and what is left of it.
REDACTED = [
    ("Authorization: Bearer abc.def_0123", f"Authorization: Bearer {HIDDEN}"),
    ("a eyJhbGciOi.eyJzdWIi.c2ln b", f"a {HIDDEN} b"),
    ("cut off eyJhbGciOiJSUzI1", f"cut off {HIDDEN}"),
    ('{"client_secret": "x1y2z3"}', f'{{"client_secret": "{HIDDEN}"}}'),
    ("secret abc8Q~ABCDEFGHIJKLMNOPQRSTUVWX x", f"secret {HIDDEN} x"),
    ("User ID=sa;Password=Hunter;Encrypt=True", f"User ID=sa;Password={HIDDEN};Encrypt=True"),
    ("SharedAccessKeyName=Root;SharedAccessKey=abc+/=;x", f"SharedAccessKeyName=Root;SharedAccessKey={HIDDEN};x"),
    ("https://a:b@host/x?code=0.AA&state=1", f"https://{HIDDEN}/x?{HIDDEN}&state=1"),
    ("-----BEGIN PRIVATE KEY----- MII -----END PRIVATE KEY----- x", f"{HIDDEN} x"),
    ("-----BEGIN RSA PRIVATE KEY----- MII without an end", HIDDEN),
    ("key 0123456789abcdef0123456789abcdef.", f"key {HIDDEN}."),
    ("blob AbCdEf0123456789xyz/AbCdEf0123456789+w==", f"blob {HIDDEN}"),
    ("&lt;b&gt; two\n lines", "<b> two lines"),
    ("eyJhbGci\u200bOiJSUzI1", HIDDEN),
    ("error 734912 when I type Pa55-Canary!", f"error {HIDDEN} when I type {HIDDEN}"),
]
# What an admin pastes and the help desk has to read.
KEPT = (
    f"./Device/Vendor/MSFT/PassportForWork/{GUID}/Policies/EnablePinRecovery",
    f"https://login.microsoftonline.com/{GUID}/oauth2/v2.0/authorize?client_id={GUID}",
    "Microsoft-Windows-User Device Registration/Admin event 304 0x801C03ED on CON-LT-0142",
    "2026-11-24T09:00:00Z Windows-11 22H2, build 26100 since 2025, ticket INC0048213",
    "AADSTS650052 CAA20004 10.0.26100.1742 uma.keller@contoso.example",
    "Is basic authentication needed? Which bearer? The token is missing.",
    "HKLM\\SOFTWARE\\Microsoft\\Policies\\PassportForWork",
)


@pytest.mark.parametrize(("text", "left"), REDACTED)
def test_tokens_and_keys_are_taken_out(text: str, left: str) -> None:
    assert redact(text) == left


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_what_is_kept_has_no_typed_pin_either_and_is_no_longer_than_asked_for() -> None:
    assert "493817" not in clean("my pin is 493817 and Bearer abcdefgh1", 100)
    assert len(clean("word " * 3_000, 200)) <= 200
    assert clean("a" * (LONGEST + 1), 200) == ""


def test_what_is_kept_without_a_name_points_to_nobody() -> None:
    text = f"uma.keller@contoso.example on CON-LT-0142, device {GUID}, call +49 30 55 01 23: greyed out on Windows-11"
    assert anonymous(text, 500) == f"{HIDDEN} on {HIDDEN}, device {HIDDEN}, call {HIDDEN}: greyed out on Windows-11"


@given(st.text(max_size=300))
def test_any_text_can_be_stored_afterwards(text: str) -> None:
    left = clean(text, 200)
    left.encode()  # raises for half a character
    assert not any(unicodedata.category(char)[0] == "C" for char in left)
