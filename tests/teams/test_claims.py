"""The bot looks at the claims of a token itself, as if the SDK looked at its signature only (T1 in SECURITY.md)."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botframework.connector.auth import ChannelValidation, GovernmentChannelValidation

from bot.errors import Unauthorised
from bot.teams.botbuilder import Verifier

APP = "00000000-0000-4000-8000-000000000001"
ISSUERS = {False: "https://api.botframework.com", True: "https://api.botframework.us"}
ACTIVITY = {"serviceUrl": "https://smba.trafficmanager.net/teams/", "channelId": "msteams"}
LASTING = {"nbf": 1_000, "exp": 1_000 + 3_600}


async def _heard(monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any], *, government: bool = False) -> bool:
    """Does a call with these claims get through, whatever the SDK says to them?"""

    async def lax(*_: object) -> SimpleNamespace:
        return SimpleNamespace(claims=claims)

    for validation in (ChannelValidation, GovernmentChannelValidation):
        monkeypatch.setattr(validation, "authenticate_channel_token", lax)
    keys: Any = SimpleNamespace(url="https://login.example/keys", fetched=0.0, clock=lambda: 0.0)
    try:
        await Verifier(APP, keys, government=government, now=lambda: datetime.now(UTC)).authenticate("Bearer token")
    except Unauthorised:
        return False
    return True


def _claims(*, government: bool = False, **changed: Any) -> dict[str, Any]:
    made = {"iss": ISSUERS[government], "aud": APP, "serviceurl": ACTIVITY["serviceUrl"], **LASTING, **changed}
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("government", [False, True])
async def test_a_token_of_the_channel_for_this_bot_is_heard(monkeypatch: pytest.MonkeyPatch, government: bool) -> None:
    assert await _heard(monkeypatch, _claims(government=government), government=government)
    assert not await _heard(monkeypatch, _claims(government=not government), government=government)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": [ISSUERS[False]]},
        {"aud": "00000000-0000-4000-8000-000000000002"},
        {"aud": None},
        {"aud": [APP]},
        {"serviceurl": None},
        {"serviceurl": ""},
        {"ver": "1.0"},
        {"appid": APP},
        {"exp": 1_000},
        {"exp": 1_000 + 24 * 3_600 + 1},
        {"nbf": None},
    ],
    ids=str,
)
async def test_any_other_token_is_refused_whatever_the_sdk_lets_in(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    assert not await _heard(monkeypatch, _claims(**changed))
