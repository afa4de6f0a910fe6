"""The way out: patient where Teams asks for patience, one try for everything else, allowed hosts only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.errors import NotSent
from bot.teams.drawing import Message
from bot.teams.outbound import BUDGET_SECONDS, RETRIED, TEAMS_HOSTS, TRIES, Failed, Outbound, ServiceUrls

PLACE = Place(PlaceKind.PERSONAL, "a:1", "tenant", "https://smba.trafficmanager.net/emea/", "28:bot")
HELLO = Message(summary="Hello", text="Hello")
ANA = Person("tenant", "object", "29:ana", "Ana")
FINAL = [0, 302, 307, 400, 401, 403, 404, 405, 409, 410, 413, 500, 501, 505]


@dataclass
class Scripted:
    """Fails as told, then takes what it is given."""

    failures: list[Failed] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def _next(self, *call: Any) -> str:
        self.calls.append(call)
        if self.failures:
            raise self.failures.pop(0)
        return f"id-{len(self.calls)}"

    async def send(self, service_url: str, conversation_id: str, reply_to: str, activity: dict[str, Any]) -> str:
        return self._next("send", service_url, conversation_id, reply_to, activity)

    async def update(self, service_url: str, conversation_id: str, activity_id: str, activity: dict[str, Any]) -> None:
        self._next("update", service_url, conversation_id, activity_id, activity)

    async def create(self, service_url: str, bot_id: str, chat_id: str, tenant_id: str) -> str:
        return self._next("create", service_url, bot_id, chat_id, tenant_id)


@dataclass
class Way:
    """An Outbound whose waiting is written down instead of done."""

    connector: Scripted
    slept: list[float] = field(default_factory=list)

    @property
    def out(self) -> Outbound:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return Outbound(self.connector, ServiceUrls(), sleep)


def _way(*failures: Failed) -> Way:
    return Way(Scripted(list(failures)))


@pytest.mark.parametrize("status", sorted(RETRIED))
async def test_a_message_is_sent_again_after_the_time_that_teams_asks_for(status: int) -> None:
    way = _way(Failed(status, "7", ""))
    assert (await way.out.send(PLACE, HELLO)).activity_id == "id-2"
    assert way.slept == [7.0]


@pytest.mark.parametrize("status", FINAL)
async def test_whatever_else_goes_wrong_is_tried_once(status: int) -> None:
    way = _way(Failed(status, "1", ""))
    with pytest.raises(NotSent):
        await way.out.send(PLACE, HELLO)
    assert (len(way.connector.calls), way.slept) == (1, [])


@pytest.mark.parametrize(
    "asked", [None, "", "soon", "-5", "1.5", "²", "Fri, 99 Dec 2027 23:59:59 GMT", "1 Jan 99999999999 1:1:1"]
)
async def test_without_a_usable_retry_after_the_pauses_grow(asked: str | None) -> None:
    way = _way(*(Failed(503, asked, "") for _ in range(TRIES - 1)))
    await way.out.send(PLACE, HELLO)
    assert [2**n * 0.5 <= pause <= 2**n for n, pause in enumerate(way.slept)] == [True] * (TRIES - 1)


async def test_the_number_of_tries_is_bounded() -> None:
    way = _way(*(Failed(429, "0", "") for _ in range(100)))
    with pytest.raises(NotSent):
        await way.out.send(PLACE, HELLO)
    assert (len(way.connector.calls), way.slept) == (TRIES, [0.0] * (TRIES - 1))


async def test_waiting_has_a_budget_over_all_tries() -> None:
    way = _way(*(Failed(429, "10", "") for _ in range(TRIES)))
    with pytest.raises(NotSent):
        await way.out.send(PLACE, HELLO)
    assert way.slept == [10.0, 10.0]


async def test_a_date_to_come_again_at_is_waited_for() -> None:
    way = _way(Failed(429, format_datetime(datetime.now(UTC) + timedelta(seconds=15), usegmt=True), ""))
    await way.out.send(PLACE, HELLO)
    assert [1 < pause <= 15 for pause in way.slept] == [True]  # without the date it would be at most 1


async def test_a_date_that_has_passed_is_not_waited_for() -> None:
    way = _way(Failed(429, "Fri, 31 Dec 1999 23:59:59 GMT", ""))
    await way.out.send(PLACE, HELLO)
    assert way.slept == [0.0]


@pytest.mark.parametrize("asked", [str(int(BUDGET_SECONDS) + 1), "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_who_asks_for_too_much_patience_is_given_up_at_once(asked: str) -> None:
    way = _way(Failed(429, asked, ""))
    with pytest.raises(NotSent) as refusal:
        await way.out.send(PLACE, HELLO)
    assert (way.slept, refusal.value.blocked) == ([], False)


async def test_who_gives_up_says_when_teams_may_take_it_and_of_what_is_final_nothing() -> None:
    with pytest.raises(NotSent) as refusal:
        await _way(Failed(429, "60", "")).out.send(PLACE, HELLO)
    assert refusal.value.after == 60.0
    with pytest.raises(NotSent) as refusal:
        await _way(*(Failed(503, "0", "") for _ in range(TRIES))).out.send(PLACE, HELLO)
    assert refusal.value.after == 0.0
    for status in FINAL:
        with pytest.raises(NotSent) as refusal:
            await _way(Failed(status, "60", "")).out.send(PLACE, HELLO)
        assert refusal.value.after is None


@pytest.mark.parametrize(
    ("status", "code", "blocked"),
    [
        (403, "MessageWritesBlocked", True),
        (403, "ConversationBlockedByUser", True),
        (403, "ForbiddenOperationException", True),
        (403, "BotNotInConversationRoster", True),
        (403, "BotDisabledByAdmin", True),
        (403, "InvalidBotApiHost", True),
        (401, "BotNotRegistered", False),
        (403, "", False),
        (403, "NotEnoughPermissions", False),
        (404, "ActivityNotFoundInConversation", True),
        (404, "ConversationNotFound", True),
        (404, "", False),
        (404, "MessageWritesBlocked", False),
        (429, "MessageWritesBlocked", False),
    ],
)
async def test_who_removed_or_muted_the_bot_and_what_is_gone_is_told_apart(
    status: int, code: str, blocked: bool
) -> None:
    way = _way(*(Failed(status, None, code) for _ in range(TRIES)))
    with pytest.raises(NotSent) as refusal:
        await way.out.send(PLACE, HELLO)
    assert refusal.value.blocked is blocked


async def test_a_message_goes_to_its_place_as_a_reply_where_there_is_something_to_reply_to() -> None:
    way = _way()
    sent = await way.out.send(PLACE, HELLO, reply_to="first")
    assert sent == Sent(PLACE, "id-1")
    kind, url, conversation, reply_to, activity = way.connector.calls[0]
    assert (kind, url, conversation, reply_to) == ("send", PLACE.service_url, "a:1", "first")
    assert (activity["type"], activity["text"], activity["from"]) == ("message", "Hello", {"id": "28:bot"})


async def test_an_update_takes_the_old_cards_place_and_is_as_patient() -> None:
    way = _way(Failed(429, "3", ""))
    await way.out.update(Sent(PLACE, "old"), Message(summary="New", card={"type": "AdaptiveCard"}))
    kind, url, conversation, activity_id, activity = way.connector.calls[1]
    assert (kind, url, conversation, activity_id) == ("update", PLACE.service_url, "a:1", "old")
    assert activity["attachments"][0]["content"] == {"type": "AdaptiveCard"}
    assert way.slept == [3.0]


async def test_a_personal_chat_is_opened_where_the_person_was_met() -> None:
    way = _way(Failed(502, "1", ""))
    near = replace(PLACE, kind=PlaceKind.CHANNEL, conversation_id="19:team")
    assert await way.out.open_personal(ANA, near) == replace(PLACE, conversation_id="id-2")
    assert way.connector.calls[1] == ("create", PLACE.service_url, "28:bot", "29:ana", "tenant")


_TO: dict[str, Callable[[Outbound, Place], Awaitable[object]]] = {
    "send": lambda out, place: out.send(place, HELLO),
    "update": lambda out, place: out.update(Sent(place, "old"), HELLO),
    "open_personal": lambda out, place: out.open_personal(ANA, place),
}


@pytest.mark.parametrize("what", _TO)
async def test_a_place_whose_address_is_not_allowed_is_never_called(what: str) -> None:
    way = _way()
    with pytest.raises(NotSent):
        await _TO[what](way.out, replace(PLACE, service_url="https://evil.example/"))
    assert way.connector.calls == []


ALLOWED = [
    *(f"https://{host}/teams/" for host in sorted(TEAMS_HOSTS)),
    "https://smba.trafficmanager.net",
    "https://smba.trafficmanager.net/amer/3c3f8f0e-0d1e-4b75-8f5a-0c1b2a394857/",
    "https://smba.trafficmanager.net:443/de/",
    "HTTPS://SMBA.TrafficManager.net/de/",
]
SIMULATED = "http://127.0.0.1:4010/teams"
NOT_THE_SIMULATED = [
    "http://127.0.0.1:4010/teamsters/",
    "http://127.0.0.1:4010/teams@evil.example/",
    "http://127.0.0.1:40100/teams/",
    "http://127.0.0.1:4010",
    "http://127.0.0.1:4010@evil.example/teams/",
    "https://127.0.0.1:4010/teams/",
    "http://localhost:4010/teams/",
]


@pytest.mark.parametrize("url", ALLOWED)
def test_teams_own_hosts_are_allowed(url: str) -> None:
    assert ServiceUrls().allows(url)


def test_the_simulated_connector_is_allowed_where_it_is_set() -> None:
    assert ServiceUrls(SIMULATED).allows(SIMULATED)
    assert ServiceUrls(SIMULATED).allows(f"{SIMULATED}/")
    assert not ServiceUrls().allows(SIMULATED)


@pytest.mark.parametrize("url", NOT_THE_SIMULATED)
def test_what_looks_like_the_simulated_connector_is_not_allowed(url: str) -> None:
    assert not ServiceUrls(SIMULATED).allows(url)


CARD = Message("Status", card={"type": "AdaptiveCard"}, instead="Status: too large")


@pytest.mark.parametrize("status", [400, 413])
async def test_what_teams_refuses_for_its_size_or_shape_is_said_in_plain_words_at_once(status: int) -> None:
    way = _way(Failed(status, None, "MessageSizeTooBig"))
    assert await way.out.send(PLACE, CARD, reply_to="7") == Sent(PLACE, "id-2", instead=True)
    assert [call[-1].get("text") for call in way.connector.calls] == [None, "Status: too large"]
    assert "attachments" not in way.connector.calls[1][-1]
    assert way.slept == []


@pytest.mark.parametrize("status", [400, 413])
async def test_an_update_that_teams_refuses_for_its_size_or_shape_leaves_plain_words_there(status: int) -> None:
    way = _way(Failed(status, None, ""))
    await way.out.update(Sent(PLACE, "9"), CARD)
    assert [(call[0], call[3], call[-1].get("text")) for call in way.connector.calls] == [
        ("update", "9", None),
        ("update", "9", "Status: too large"),
    ]


async def test_when_not_even_plain_words_are_taken_it_is_final_and_told_as_such() -> None:
    way = _way(Failed(413, None, ""), Failed(400, None, ""))
    with pytest.raises(NotSent) as caught:
        await way.out.send(PLACE, CARD)
    assert (caught.value.unfit, caught.value.blocked, len(way.connector.calls)) == (True, False, 2)


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_plain_words_are_for_size_and_shape_alone(status: int) -> None:
    way = _way(Failed(status, None, "BotNotInConversationRoster"))
    with pytest.raises(NotSent) as caught:
        await way.out.send(PLACE, CARD)
    assert (caught.value.unfit, len(way.connector.calls)) == (False, 1)


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        ("BotNotInConversationRoster", "BotNotInConversationRoster"),
        ("", "-"),
        ("X\n2026-01-01 00:00:00 INFO bot.approvals request 1 approved", "-"),
        ("X\r\n", "-"),
        ("\x1b[31mred", "-"),
        ("\u2028next", "-"),
        ("Ünïcode", "-"),
        ("what Ana wrote", "-"),
        ("x" * 65, "-"),
    ],
)
async def test_a_code_of_teams_is_logged_only_where_it_looks_like_one(
    caplog: pytest.LogCaptureFixture, sent: str, logged: str
) -> None:
    way = _way(Failed(403, None, sent))
    with pytest.raises(NotSent):
        await way.out.send(PLACE, HELLO)
    assert [record.getMessage() for record in caplog.records] == [f"teams refused: 403 {logged}"]
