"""Activity JSON into Turns and messages into activity JSON. Pure, and shared by whatever SDK carries it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from bot.chat.turn import FileOffer, Person, Place, PlaceKind, Turn, TurnKind
from bot.teams.drawing import Message
from bot.teams.written import line, written
from dialogs.words.replies import Choice, Literal
from dialogs.words.texts import literal

CARD = "application/vnd.microsoft.card.adaptive"
INVOKE_MESSAGE = "application/vnd.microsoft.activity.message"
ACTION = "adaptiveCard/action"
SEARCH = "application/search"
SEARCH_RESULT = "application/vnd.microsoft.search.searchResponse"
FILE_CONSENT = "application/vnd.microsoft.teams.card.file.consent"
FILE_ACTION = "fileConsent/invoke"
_KINDS = {"personal": PlaceKind.PERSONAL, "groupChat": PlaceKind.GROUP, "channel": PlaceKind.CHANNEL}
PHONES = frozenset({"ios", "ipados", "android"})
# Kinds of mention that name nobody in particular.
_MANY = frozenset({"team", "channel", "tag", "everyone", "chat", "bot", "application"})
_TAG = re.compile(r"(?=.{2,16}\Z)[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}", re.ASCII)  # as long as it is kept
_ZONE_NAME = re.compile(r"[A-Za-z]\w{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}", re.ASCII)

Activity = Mapping[str, Any]


def tenant_id(activity: Activity) -> str:
    """The tenant that Teams names, lower case; empty when it names none or two different ones."""
    named = {
        str(found).lower()
        for found in (
            _at(activity, "conversation", "tenantId"),
            _at(activity, "channelData", "tenant", "id"),
            _at(activity, "from", "tenantId"),  # a shared channel has people of other tenants
        )
        if found
    }
    return named.pop() if len(named) == 1 else ""


def read(activity: Activity) -> Turn | None:
    """The turn, or None for what the product does not use: reactions, edits, typing, events."""
    kind = _kind(activity)
    if kind is None:
        return None
    text, attached = _text(activity) if kind is TurnKind.MESSAGE else (_searched(activity, "queryText"), False)
    return Turn(
        kind=kind,
        activity_id=str(activity.get("id", "")),
        person=_person(activity),
        place=_place(activity),
        text=text,
        button=_button(activity),
        dataset=_searched(activity, "dataset"),
        automatic=_at(activity, "value", "trigger") == "automatic",
        locale=_language(activity),
        zone=_zone(activity.get("localTimezone")),
        card_id=str(activity.get("replyToId") or ""),
        attached=attached,
        mentioned=tuple(_mentioned(activity)) if kind is TurnKind.MESSAGE else (),
        on_phone=any(str(_at(one, "platform")).lower() in PHONES for one in _entities(activity, "clientInfo")),
        targeted=_at(activity, "recipient", "isTargeted") is True,
    )


def write(message: Message, place: Place) -> dict[str, Any]:
    """The activity that carries a message."""
    activity: dict[str, Any] = {
        "type": "message",
        "from": {"id": place.bot_id},
        "conversation": {"id": place.conversation_id},
        "summary": message.summary,
    }
    if message.file:
        return activity | {"attachments": [_consent(message.file, message.summary)]}
    if message.card is None:
        return activity | {"text": message.text}
    return activity | {"attachments": [{"contentType": CARD, "content": message.card}]}


def _consent(file: FileOffer, description: str) -> dict[str, Any]:
    content = {
        "description": description,
        "sizeInBytes": file.size,
        "acceptContext": {"verb": file.accept},
        "declineContext": {"verb": file.decline},
    }
    return {"contentType": FILE_CONSENT, "name": file.name, "content": content}


def invoke_answer(message: Message | None) -> dict[str, Any]:
    """The body that answers a press: the card that takes the old one's place, or a line of text."""
    if message and message.card:
        return {"statusCode": 200, "type": CARD, "value": message.card}
    return {"statusCode": 200, "type": INVOKE_MESSAGE, "value": message.text if message else ""}


def _zone(name: Any) -> ZoneInfo | None:
    """As IANA calls it. The client's word: what is no zone of this machine is none."""
    if not isinstance(name, str) or not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no such file, a folder, or a file that is no zone
        return None


def search_answer(found: Iterable[Choice]) -> dict[str, Any]:
    """The body that answers a search: titles letter by letter, as a client draws them in a list."""
    results = [
        {"title": literal(one.title.text) if isinstance(one.title, Literal) else one.value, "value": one.value}
        for one in found
    ]
    return {"statusCode": 200, "type": SEARCH_RESULT, "value": {"results": results}}


def _searched(activity: Activity, name: str) -> str:
    """A part of a search; empty for all else, and for one of which a part is no text."""
    parts = {one: _at(activity, "value", one) for one in ("queryText", "dataset")}
    readable = activity.get("name") == SEARCH and all(isinstance(part, str) for part in parts.values())
    return str(parts[name]) if readable else ""


def _kind(activity: Activity) -> TurnKind | None:
    match activity["type"]:
        case "message":
            return TurnKind.MESSAGE
        case "invoke" if activity.get("name") == ACTION:
            return TurnKind.BUTTON
        case "invoke" if activity.get("name") == SEARCH:
            return TurnKind.SEARCH
        case "invoke" if activity.get("name") == FILE_ACTION:
            return TurnKind.MESSAGE  # Teams wants no card in answer: what is said comes by itself
        case "installationUpdate":
            return TurnKind.REMOVED if str(activity.get("action", "")).startswith("remove") else TurnKind.INSTALLED
        case "conversationUpdate" if _bot_was_added(activity):
            return TurnKind.INSTALLED
    return None


def _bot_was_added(activity: Activity) -> bool:
    bot = _at(activity, "recipient", "id")
    return any(_at(member, "id") == bot for member in activity.get("membersAdded") or ())


def _person(activity: Activity) -> Person:
    sender = activity["from"]
    return Person(
        tenant_id=tenant_id(activity),
        object_id=str(sender.get("aadObjectId") or "").lower(),
        chat_id=str(sender["id"]),
        name=str(sender.get("name") or ""),
    )


def _place(activity: Activity) -> Place:
    conversation = activity["conversation"]
    kind = _KINDS.get(str(conversation.get("conversationType")), PlaceKind.CHANNEL)  # in doubt others read along
    return Place(
        kind=kind,
        conversation_id=str(conversation["id"]),
        tenant_id=tenant_id(activity),
        service_url=str(activity["serviceUrl"]),
        bot_id=str(_at(activity, "recipient", "id") or ""),
        language=_language(activity) if kind is PlaceKind.PERSONAL else "",
    )


def _text(activity: Activity) -> tuple[str, bool]:
    """What was written, without the mention that addresses the bot; and whether there is something beside the words."""
    found, bot = written(activity), _at(activity, "recipient", "id")
    text = found.text
    for entity in _entities(activity, "mention"):
        if _at(entity, "mentioned", "id") == bot:
            for spoken in (_at(entity, "text"), f"<at>{_at(entity, 'mentioned', 'name')}</at>"):
                text = text.replace(line(str(spoken or "")) or "\n", " ")
    return line(text), found.attached


def _mentioned(activity: Activity) -> Iterator[str]:
    """The other people that a message names, by their address."""
    for entity in _entities(activity, "mention"):
        address, kind = _at(entity, "mentioned", "id"), str(_at(entity, "mentioned", "type")).lower()
        somebody = isinstance(address, str) and not address.startswith(("28:", "19:")) and kind not in _MANY
        if somebody and address not in {activity["from"]["id"], activity["recipient"]["id"]}:
            yield str(address)


def _entities(activity: Activity, kind: str) -> list[Any]:
    return [one for one in activity.get("entities") or () if _at(one, "type") == kind]


def _button(activity: Activity) -> dict[str, Any]:
    """What was pressed; old clients send it as a message with a value."""
    value = activity.get("value")
    if not isinstance(value, Mapping):
        return {}
    if activity["type"] != "invoke":
        return _said(value) if activity["type"] == "message" and "verb" in value else {}
    if activity.get("name") == FILE_ACTION:
        return {"verb": _at(value, "context", "verb"), "upload_url": _at(value, "uploadInfo", "uploadUrl") or ""}
    data = _at(value, "action", "data")
    return {**(_said(data) if isinstance(data, Mapping) else {}), "verb": _at(value, "action", "verb")}


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as text, whatever a client makes of a number or a tick; what was left empty is not there."""
    return {name: _plain(value) for name, value in data.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _language(activity: Activity) -> str:
    """The client's tag; empty where it tells none that could be one."""
    told = (activity.get("locale"), *(_at(one, "locale") for one in _entities(activity, "clientInfo")))
    return next((one for one in told if isinstance(one, str) and _TAG.fullmatch(one)), "")


def _at(found: Any, *path: str) -> Any:
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
