"""A typed PIN, password or token is noticed in six languages; versions, tickets, times and device names are not one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.secrets import HIDDEN, mask
from dialogs.understanding.shapes import could_be_secret
from dialogs.understanding.understand import understand
from dialogs.understanding.windows import RELEASES, Release

PIN_SENTENCES = (  # noqa: RUF100
    "my pin is {}",
    "pin {} not working",
    "PIN:{}",
    "pin={}",
    "PIN({}) rejected",
    "{} is my pin",
    "new pin should be {} ok?",
    "the PIN for Windows is {}",
    "I type {} and windows says wrong pin",
    "the pin i use is {}",
    "pin{}",
    "code {} not accepted",
    "meine PIN {} geht nicht",
    "PIN lautet {}",
    "mon code pin est {}",
    "code PIN : {} refusé",
    "mi pin es {}",
    "mi pin {} no funciona",
    "o meu PIN é {}",
    "pin {} incorreto",
    "PINは{}です",
    "暗証番号は{}です。入れません",
    "暗証番号：{}",
)
PASSWORD_SENTENCES = (
    "My password is {}, is it needed for the reset?",
    "password: {}",
    "pw {} doesn't work",
    "{} is my password",
    "pwd={}",
    "I use {} as password, ok?",
    "mein Passwort ist {}",
    "Kennwort: {}",
    "mon mot de passe : {} et après ?",
    "mdp {}",
    "mi contraseña es {}",
    "contraseña: {}",
    "minha senha é {}",
    "senha: {}",
    "パスワードは{}です",
    "パスワード：{}",
)


@pytest.mark.parametrize("sentence", PIN_SENTENCES)
@given(pin=st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_digits_beside_the_word_pin_are_hidden(sentence: str, pin: str) -> None:
    text = sentence.format(pin)
    understood = understand(text, "en")
    assert understood.secret
    assert pin not in mask(text)
    assert not any(pin in value for value in understood.values.values())


@pytest.mark.parametrize("sentence", PASSWORD_SENTENCES)
@pytest.mark.parametrize(
    "password", ["Blue-Kayak-19", "Soleil2022!", "hunter22", "P@ssw0rd1", "SUMMER2024", "Berlin_2025"]
)
def test_passwords_beside_the_word_are_hidden(sentence: str, password: str) -> None:
    hidden = mask(sentence.format(password))
    assert HIDDEN in hidden
    assert password not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "my pin is eins zwei drei vier",
        "pin one-two-three-four",
        "un deux trois quatre ne marche pas",
        "3 3 9 1 is not accepted as pin",
        "3-3-9-1 pin wrong",
        "482913",
        "1234 doesn't work",
        "I forgot my PIN! It was 3391.",
        "Is PIN recovery on? mine was 3391",
        "The PIN does not work. 339104",
        "Can you reset my PIN? 3391 is the old one",
        "Olvidé mi PIN. Era 3391.",
        "My password is refused. It is Summer2024!",
        "Mot de passe refusé. C'était Hiver2024!",
        "暗証番号は一二三四です",
        "password is sunshine",
        'my password "correct horse" is fine',
        "Passwort: Sonnenblume",
        "123456-234567-345678-456789",
        "log says Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
        "secret Q8x7Zt~9Kw2Lm4Np6Rs8Uv0Xy1Ab3Cd5Ef7G used",
    ],
)
def test_other_ways_to_give_a_secret_away(text: str) -> None:
    assert HIDDEN in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "forgot pin on Windows 10 1809",
        "Does the PIN reset work on Windows 10 1703 hybrid machines?",
        "PIN forgotten, build 26100",
        "windows 11 22H2 pin forgotten",
        "Pro 20H2 machines ok?",
        "ver shows 10.0.18363 on a Pro laptop, is it ok",
        "pin reset error 0x80090033",
        "PIN reset ends with CAA20004 (AADSTS650052)",
        "error code 1234 during pin reset",
        "forgot my PIN, laptop is CON-LT-0142",
        "my laptop (DESKTOP-4F7K2QX) wants a PIN I forgot",
        "forgot pin again, ticket INC0048213",
        "forgot pin, ticket 884213",
        "assign to finance laptops, ticket CHG-2291",
        "forgot pin, my number is +44 20 7946 0958",
        "my extension is 4711, forgot PIN",
        "room 1204, pin forgotten",
        "PIN forgotten. 4711 is my extension",
        "My PIN stopped working. 1809 is my Windows",
        "PIN fails. It is 2026 and nothing helps",
        "PIN gone! 3000 users wait",
        "Forgot my PIN. Call 4357",
        "ive been typing my pin for 10 min & it says incorrect everytime",
        "my mobile wants a SIM code, 2 tries left",
        "PIN reset for 1500 devices",
        "PIN forgotten since 2023",
        "my PIN from 2019 no longer works",
        "called you at 10:30, pin forgotten",
        "forgot the PIN of my Surface Pro 7",
        "forgot PIN after update KB5034441",
        "6 digit pin forgotten",
        "meaning of event ID 300",
        "approve request 1042",
        "history 1000",
        "Thumbprint : 5D7E1FAB34DE98765D7E1FAB34DE98765D7E1FAB",
        "OnPremTgt : NO CloudTgt : YES KerbTopLevelNames : .windows.net,.windows.net:1433,.azure.net:3342",
        "pin reset on Windows Server 2019",
        "password forgotten",
        "password: forgotten",
        "Passwort: keine Ahnung",
        "my password is wrong",
        "mon mot de passe est incorrect",
        "PIN = unknown",
        "mail to user1@contoso.com: pin forgotten",
        "https://contoso.com/pin2024/reset does not open",
        "tenant id 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "PIN vergessen, Durchwahl 4711",
        "PIN忘れ、内線4711",
        "PINを3回間違えました",
        "21Vianet availability",
        "",
    ],
)
def test_numbers_that_are_no_secret_stay(text: str) -> None:
    assert mask(text) == text


def test_what_is_not_secret_can_still_be_read() -> None:
    assert mask("my pin 3391 is wrong on CON-LT-0142") == f"my pin {HIDDEN} is wrong on CON-LT-0142"


def test_an_oma_uri_with_its_tenant_id_is_no_secret() -> None:
    path = "./Device/Vendor/MSFT/PassportForWork/0b1a6d6c-7f0e-4a53-9c1e-3f3f0c0a1b2c/Policies/EnablePinRecovery"
    assert mask(f"is {path} the right path?") == f"is {path} the right path?"


@pytest.mark.parametrize("release", RELEASES, ids=lambda one: one.name)
def test_no_release_of_the_table_is_taken_for_a_secret(release: Release) -> None:
    assert not could_be_secret(release.version)
    assert not could_be_secret(str(release.build))
