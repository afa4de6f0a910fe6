"""Activity JSON into Turns and messages into activity JSON: pure, table by table."""

from typing import Any

import pytest

from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.teams import wire
from bot.teams.drawing import Message
from tests.teams.door.calls import APP_ID, PERSON_ID, TEAMS_URL, TENANT_ID, message, press

BOT = f"28:{APP_ID}"
Json = dict[str, Any]


def _activity(**changed: Any) -> Json:
    return message(APP_ID, TENANT_ID, PERSON_ID, TEAMS_URL, "a:1", "I forgot my PIN") | changed


def _turn(**changed: Any) -> Turn:
    turn = wire.read(_activity(**changed))
    assert turn is not None
    return turn


def test_a_message_becomes_a_turn() -> None:
    assert _turn(id="42", replyToId="41") == Turn(
        kind=TurnKind.MESSAGE,
        activity_id="42",
        person=Person(TENANT_ID, PERSON_ID, "29:somebody", "Some Body"),
        place=Place(PlaceKind.PERSONAL, "a:1", TENANT_ID, TEAMS_URL, BOT, "en-US"),
        text="I forgot my PIN",
        locale="en-US",
        card_id="41",
    )


def test_ids_are_compared_in_lower_case() -> None:
    sender = {"id": "29:x", "aadObjectId": PERSON_ID.upper()}
    turn = _turn(**{"from": sender}, conversation={"id": "a:1", "tenantId": TENANT_ID.upper()})
    assert (turn.person.object_id, turn.person.tenant_id, turn.place.tenant_id) == (PERSON_ID, TENANT_ID, TENANT_ID)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, TurnKind.MESSAGE),
        ({"text": None, "value": {"verb": "help"}}, TurnKind.MESSAGE),
        (press(), TurnKind.BUTTON),
        (press() | {"name": "task/fetch"}, None),
        ({"type": "installationUpdate", "action": "add"}, TurnKind.INSTALLED),
        ({"type": "installationUpdate", "action": "add-upgrade"}, TurnKind.INSTALLED),
        ({"type": "installationUpdate"}, TurnKind.INSTALLED),
        ({"type": "installationUpdate", "action": "remove"}, TurnKind.REMOVED),
        ({"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}, {"id": BOT}]}, TurnKind.INSTALLED),
        ({"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}, None, 5]}, None),
        ({"type": "conversationUpdate", "membersRemoved": [{"id": BOT}]}, None),
        ({"type": "conversationUpdate"}, None),
        ({"type": "messageReaction"}, None),
        ({"type": "messageUpdate"}, None),
        ({"type": "typing"}, None),
        ({"type": "event"}, None),
    ],
)
def test_what_came_in_is_told_apart(changed: Json, kind: TurnKind | None) -> None:
    turn = wire.read(_activity(**changed))
    assert (turn.kind if turn else None) == kind


@pytest.mark.parametrize(
    ("conversation", "kind"),
    [
        ({"conversationType": "personal"}, PlaceKind.PERSONAL),
        ({"conversationType": "groupChat"}, PlaceKind.GROUP),
        ({"conversationType": "channel"}, PlaceKind.CHANNEL),
        ({"conversationType": "something new"}, PlaceKind.CHANNEL),
        ({"conversationType": None}, PlaceKind.CHANNEL),
        ({}, PlaceKind.CHANNEL),
    ],
)
def test_a_place_is_private_only_when_teams_says_so(conversation: Json, kind: PlaceKind) -> None:
    assert _turn(conversation={"id": "19:x", "tenantId": TENANT_ID} | conversation).place.kind is kind


@pytest.mark.parametrize(
    ("changed", "tenant"),
    [
        ({}, TENANT_ID),
        ({"channelData": None}, TENANT_ID),
        ({"conversation": {"id": "a:1"}}, TENANT_ID),
        ({"conversation": {"id": "a:1"}, "channelData": {}}, ""),
        ({"channelData": {"tenant": {"id": "another"}}}, ""),
        ({"channelData": {"tenant": {"id": TENANT_ID.upper()}}}, TENANT_ID),
        ({"channelData": {"tenant": "text"}}, TENANT_ID),
    ],
)
def test_the_tenant_is_the_one_that_all_say(changed: Json, tenant: str) -> None:
    assert wire.tenant_id(_activity(**changed)) == tenant


def _mention(text: str, of: str = BOT) -> Json:
    return {"type": "mention", "text": text, "mentioned": {"id": of}}


@pytest.mark.parametrize(
    ("text", "entities", "read"),
    [
        ("<at>PIN Reset</at> hello", [_mention("<at>PIN Reset</at>")], "hello"),
        ("hello <at>PIN Reset</at>!", [_mention("<at>PIN Reset</at>")], "hello !"),
        ("<at>PIN Reset</at>", [_mention("<at>PIN Reset</at>")], ""),
        ("<at>PIN Reset</at> <at>PIN Reset</at> x", [_mention("<at>PIN Reset</at>")], "x"),
        ("<at>Ana</at> hello", [_mention("<at>Ana</at>", "29:ana")], "<at>Ana</at> hello"),
        ("<at>PIN Reset</at> hello", [], "<at>PIN Reset</at> hello"),
        ("PIN Reset hello", [_mention("<at>PIN Reset</at>")], "PIN Reset hello"),
        ("hello", [_mention("")], "hello"),
        ("hello", [{"type": "mention"}, {"type": "clientInfo"}, None, 5], "hello"),
        ("hello", [{"type": "mention", "text": None, "mentioned": {"id": BOT}}], "hello"),
        ("  two\n\tlines\u00a0here ", None, "two lines here"),
        (None, None, ""),
    ],
)
def test_what_was_written_is_read_without_the_mention_of_the_bot(text: Any, entities: Any, read: str) -> None:
    assert _turn(text=text, entities=entities).text == read


def _pressed(data: Any, **action: Any) -> Json:
    return press() | {"value": {"action": {"verb": "pin.device", "data": data, **action}, "trigger": "manual"}}


@pytest.mark.parametrize(
    ("changed", "button"),
    [
        (_pressed({"choice": "a", "verb": "other"}), {"choice": "a", "verb": "pin.device"}),
        (_pressed({}), {"verb": "pin.device"}),
        (_pressed(None), {"verb": "pin.device"}),
        ({"text": None, "value": {"verb": "help", "choice": "a"}}, {"verb": "help", "choice": "a"}),
        ({"value": "text"}, {}),
        ({"value": [1]}, {}),
        ({"type": "installationUpdate", "value": {"verb": "help"}}, {}),
    ],
)
def test_a_press_is_flattened_from_new_clients_and_old_ones(changed: Json, button: Json) -> None:
    assert _turn(**changed).button == button


@pytest.mark.parametrize(
    ("trigger", "automatic"), [("automatic", True), ("manual", False), (None, False), (["automatic"], False)]
)
def test_a_card_that_the_client_refreshed_by_itself_is_no_click(trigger: Any, automatic: bool) -> None:
    value = press()["value"] | {"trigger": trigger}
    assert _turn(**press() | {"value": value}).automatic is automatic


PLACE = Place(PlaceKind.PERSONAL, "a:1", TENANT_ID, TEAMS_URL, BOT)
CARD = {"type": "AdaptiveCard", "version": "1.5"}


def test_a_message_out_carries_a_card_or_text_never_both() -> None:
    own = {"type": "message", "from": {"id": BOT}, "conversation": {"id": "a:1"}, "summary": "In short"}
    assert wire.write(Message("In short", text="Hello"), PLACE) == own | {"text": "Hello"}
    assert wire.write(Message("In short", CARD, "Hello"), PLACE) == own | {
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}]
    }


@pytest.mark.parametrize(
    ("answer", "kind", "value"),
    [
        (Message("In short", CARD), "application/vnd.microsoft.card.adaptive", CARD),
        (Message("In short", text="Done"), "application/vnd.microsoft.activity.message", "Done"),
        (None, "application/vnd.microsoft.activity.message", ""),
    ],
)
def test_a_press_is_answered_with_200_in_the_body_too(answer: Message | None, kind: str, value: Any) -> None:
    assert wire.invoke_answer(answer) == {"statusCode": 200, "type": kind, "value": value}


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Tokyo", "UTC"])
def test_the_zone_of_the_reader_is_part_of_the_turn(name: str) -> None:
    assert str(_turn(localTimezone=name).zone) == name


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        7,
        {"a": 1},
        "Mars/Olympus",
        "W. Europe Standard Time",
        "../../etc/passwd",
        "America",
        "/etc/localtime",
        "x" * 999,
    ],
)
def test_what_is_no_zone_is_none(name: Any) -> None:
    assert _turn(localTimezone=name).zone is None


INFO = {"type": "clientInfo", "locale": "ja-JP"}


@pytest.mark.parametrize(
    ("changed", "language"),
    [
        ({"locale": "de-DE"}, "de-DE"),
        ({"locale": "pt_BR", "entities": [INFO]}, "pt_BR"),
        ({"locale": None, "entities": [INFO]}, "ja-JP"),
        ({"locale": "../../etc", "entities": [INFO]}, "ja-JP"),
        ({"locale": "de" + "-aaaaaaaa" * 3}, ""),
        ({"locale": None}, ""),
        ({"locale": "", "entities": [{"type": "clientInfo", "locale": 5}]}, ""),
    ],
    ids=str,
)
def test_the_language_is_the_clients_where_it_tells_one(changed: Json, language: str) -> None:
    turn = _turn(**changed)
    assert (turn.locale, turn.place.language) == (language, language)


def test_a_channel_does_not_take_on_the_language_of_who_writes_there() -> None:
    in_channel = {"id": "19:x@thread.tacv2", "conversationType": "channel", "tenantId": TENANT_ID}
    turn = _turn(conversation=in_channel, locale="de-DE")
    assert (turn.locale, turn.place.language) == ("de-DE", "")
