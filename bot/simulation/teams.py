"""Teams' side of the conversation: what people write, press, install and remove, as signed activities to the bot."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aiohttp

from bot.simulation.chats import (
    CARD,
    FILE_CONSENT,
    ChatEvent,
    Chats,
    Conversation,
    Json,
    Said,
    Where,
    channel_id,
    team_id,
)
from bot.simulation.people import Employee
from bot.simulation.signing import ChannelService

BOT_NAME = "PIN Reset"
MOST_REFRESHING = 60  # members of a chat in which every client refreshes
TIMEZONE = "Europe/Berlin"
_ZONE = timezone(timedelta(hours=1))
_KINDS = {"personal": "personal", "group": "groupChat", "channel": "channel"}


@dataclass(frozen=True)
class BotAnswer:
    """What the bot's route answered: HTTP status and, after a press, the JSON. Status 0: the bot was not called."""

    status: int
    body: Any
    activity: Json


@dataclass(frozen=True)
class TeamsClient:
    """What somebody uses: the language that their Teams is set to, and where it runs (Windows, iOS, Android …)."""

    locale: str
    platform: str = "Windows"


@dataclass
class TeamsService:
    """`clients`: by person key, of those who use another one than most. `bot_url` is the bot's messages URL, e.g.
    http://127.0.0.1:3978/api/messages, set once it listens.
    """

    chats: Chats
    channel: ChannelService
    app_id: str
    tenant_id: str
    service_url: str
    session: aiohttp.ClientSession
    bot_url: str = ""
    locale: str = "en-US"
    clients: dict[str, TeamsClient] = field(default_factory=dict)

    def client(self, person_key: str) -> TeamsClient:
        """What this person uses."""
        return self.clients.get(person_key, TeamsClient(self.locale))

    def use(self, person_key: str, client: TeamsClient) -> None:
        """From now on this person uses another one."""
        self.clients[person_key] = client
        self.chats.tell(ChatEvent("members", self.chats.personal(person_key), person=person_key))

    async def say(self, person_key: str, text: str, *, where: Where = "personal", mention: bool = True) -> BotAnswer:
        """A person writes. Outside their own chat the bot hears only what mentions it."""
        activity_id = self.chats.new_id()
        conversation = self.chats.place(where, person_key, activity_id)
        activity = self.message(person_key, text, conversation, activity_id, mention=mention)
        self.chats.keep(conversation, person_key, activity, activity_id)
        if where != "personal" and not mention:
            return BotAnswer(0, None, activity)
        return await self.post(activity)

    async def press(
        self, person_key: str, activity_id: str, verb: str, data: Json | None = None, *, trigger: str = "manual"
    ) -> BotAnswer:
        """A person presses an Action.Execute; a card in the answer becomes what this person sees.

        `data` is the action's data with the inputs, merged as Teams does it. Raises KeyError for an unknown message.
        """
        conversation, said = self.chats.find(activity_id)
        action = {"type": "Action.Execute", "verb": verb, "data": data or {}}
        answer = await self.post(
            self._activity(person_key, "invoke", conversation, f"f:{uuid.uuid4()}")
            | {"name": "adaptiveCard/action", "replyToId": activity_id}
            | {"value": {"action": action, "trigger": trigger}}
        )
        body = answer.body if isinstance(answer.body, dict) else {}
        if answer.status == 200 and body.get("type") == CARD:
            self.chats.view(activity_id, person_key, body["value"])
        elif answer.status == 200 and isinstance(body.get("value"), str):
            self.chats.tell(ChatEvent("notice", conversation, said, person_key, body["value"]))
        return answer

    async def search(self, person_key: str, text: str, dataset: str, *, where: Where = "personal") -> BotAnswer:
        """What a client asks with each letter that somebody types into a field that searches."""
        conversation = self.chats.place(where, person_key, self.chats.new_id())
        value = {"queryText": text, "queryOptions": {"skip": 0, "top": 15}, "dataset": dataset}
        activity = self._activity(person_key, "invoke", conversation, f"f:{uuid.uuid4()}")
        return await self.post(activity | {"name": "application/search", "value": value})

    async def refresh(self, person_key: str, said: Said) -> None:
        """What a client does by itself when it shows a card that asks for it: up to sixty people, or those it names."""
        conversation, _ = self.chats.find(said.id)
        wanted = (said.card or {}).get("refresh") or {}
        action, named = wanted.get("action") or {}, wanted.get("userIds")
        address = self.chats.company.people[person_key].chat_id
        may = address in named if named else len(conversation.members) <= MOST_REFRESHING
        if action.get("type") == "Action.Execute" and may and person_key not in said.views:
            await self.press(person_key, said.id, action["verb"], action.get("data"), trigger="automatic")

    async def take_file(self, person_key: str, activity_id: str, *, accept: bool = True) -> BotAnswer:
        """A person agrees to take a file that the bot offered, or does not; where it may be put is this tenant's."""
        conversation, said = self.chats.find(activity_id)
        offered = next(one for one in said.activity["attachments"] if one["contentType"] == FILE_CONSENT)
        context = offered["content"]["acceptContext" if accept else "declineContext"]
        value: Json = {"type": "fileUpload", "action": "accept" if accept else "decline", "context": context}
        if accept:
            address = f"{self.service_url}upload/{activity_id}"
            value["uploadInfo"] = {"name": offered["name"], "uploadUrl": address, "uniqueId": activity_id}
        activity = self._activity(person_key, "invoke", conversation, f"f:{uuid.uuid4()}")
        return await self.post(activity | {"name": "fileConsent/invoke", "replyToId": activity_id, "value": value})

    async def submit(self, person_key: str, activity_id: str, data: Json) -> BotAnswer:
        """An old client sends Action.Submit as a message without text."""
        conversation, _ = self.chats.find(activity_id)
        activity = self._activity(person_key, "message", conversation, self.chats.new_id())
        return await self.post(activity | {"replyToId": activity_id, "value": data})

    async def install(
        self,
        person_key: str,
        where: Where = "personal",
        *,
        gap: float = 0.0,
        action: str = "add",
        update_first: bool = True,
        named: bool = True,
    ) -> list[BotAnswer]:
        """A person adds the app for themselves, to the group chat or to the team: Teams tells it by two events.

        `gap`: seconds between the two; without one they are under way at the same time. `action`: `add-upgrade` after
        an update of the app. `update_first`: the conversationUpdate comes before the installationUpdate. `named`:
        Teams says who it was, as it does not always where a person did nothing.
        """
        if where == "personal":
            self.chats.installed.add(person_key)
        return await self._changed(
            person_key, where, action, "membersAdded", gap=gap, update_first=update_first, named=named
        )

    async def remove(self, person_key: str, where: Where = "personal", *, action: str = "remove") -> list[BotAnswer]:
        """A person removes the app there. `action`: `remove-upgrade` before an update of the app."""
        if where == "personal":
            self.chats.installed.discard(person_key)
        return await self._changed(person_key, where, action, "membersRemoved")

    async def again(self, answer: BotAnswer) -> BotAnswer:
        """The same activity once more, as Teams sends it when the first answer took too long."""
        return await self.post(answer.activity)

    async def post(self, activity: Json, token: str = "") -> BotAnswer:
        """Any activity, signed unless a token is given."""
        bearer = token or self.channel.token(self.app_id, self.service_url)
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json; charset=utf-8"}
        async with self.session.post(self.bot_url, data=json.dumps(activity), headers=headers) as response:
            body = await response.read()
            is_json = response.content_type == "application/json" and body
            return BotAnswer(response.status, json.loads(body) if is_json else None, activity)

    def message(
        self, person_key: str, text: str, conversation: Conversation, activity_id: str, *, mention: bool = True
    ) -> Json:
        """The activity of something written; in groups and channels it begins with the bot's name."""
        activity = self._activity(person_key, "message", conversation, activity_id)
        activity |= {"text": text, "textFormat": "plain"}
        if conversation.where != "personal" and mention:
            name = f"<at>{BOT_NAME}</at>"
            entity = {"type": "mention", "text": name, "mentioned": {"id": f"28:{self.app_id}", "name": BOT_NAME}}
            activity["text"] = f"{name} {text}"
            activity["entities"] = [entity, *activity["entities"]]
        return activity

    async def _changed(
        self,
        person_key: str,
        where: Where,
        action: str,
        members: str,
        *,
        gap: float = 0.0,
        update_first: bool = True,
        named: bool = True,
    ) -> list[BotAnswer]:
        conversation = self.chats.added_to(where, person_key)
        if where == "personal":
            self.chats.tell(ChatEvent("members", conversation, person=person_key))
        installation = self._activity(person_key, "installationUpdate", conversation, f"f:{uuid.uuid4()}")
        update = self._activity(person_key, "conversationUpdate", conversation, f"f:{uuid.uuid4()}")
        del update["locale"], update["entities"]  # Teams tells no language with this one
        events = [update | {members: [{"id": f"28:{self.app_id}"}]}, installation | {"action": action}]
        if not named:
            events = [event | {"from": {"id": f"28:{self.app_id}"}} for event in events]
        first, second = events if update_first else reversed(events)

        async def later() -> BotAnswer:
            await asyncio.sleep(gap)
            return await self.post(second)

        return [*await asyncio.gather(self.post(first), later())]

    def _activity(self, person_key: str, kind: str, conversation: Conversation, activity_id: str) -> Json:
        now, client = datetime.now(UTC), self.client(person_key)
        info = {"type": "clientInfo", "locale": client.locale, "platform": client.platform, "timezone": TIMEZONE}
        return {
            "type": kind,
            "id": activity_id,
            "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "localTimestamp": now.astimezone(_ZONE).isoformat(timespec="milliseconds"),
            "localTimezone": TIMEZONE,
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": _account(self.chats.company.people[person_key]),
            "conversation": self._conversation(conversation),
            "recipient": {"id": f"28:{self.app_id}", "name": BOT_NAME},
            "entities": [info],
            "channelData": self._channel_data(conversation),
            "locale": client.locale,
        }

    def _conversation(self, conversation: Conversation) -> Json:
        account: Json = {
            "id": conversation.id,
            "conversationType": _KINDS[conversation.where],
            "tenantId": self.tenant_id,
        }
        return account if conversation.where == "personal" else account | {"isGroup": True}

    def _channel_data(self, conversation: Conversation) -> Json:
        data: Json = {"tenant": {"id": self.tenant_id}}
        if conversation.where == "channel":
            data |= {"teamsChannelId": channel_id(), "teamsTeamId": team_id()}
            data |= {"channel": {"id": channel_id()}, "team": {"id": team_id(), "name": "IT Operations"}}
        return data


def _account(person: Employee) -> Json:
    return {"id": person.chat_id, "name": person.name, "aadObjectId": person.object_id}


def actions(card: Any) -> Iterator[Json]:
    """Every Action.Execute that a card shows, unfolded ones included; its refresh is the client's own and no button."""
    if isinstance(card, dict):
        if card.get("type") == "Action.Execute":
            yield card
        for name, part in card.items():
            if not (name == "refresh" and card.get("type") == "AdaptiveCard"):
                yield from actions(part)
    elif isinstance(card, list):
        for part in card:
            yield from actions(part)
