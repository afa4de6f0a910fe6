"""The seam as one object: what the door asks of whichever SDK carries the calls."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from bot.chat.turn import PressAnswer, Turn
from bot.teams import wire
from bot.teams.drawing import Message, fitting, message
from bot.teams.outbound import ServiceUrls
from dialogs.words.replies import Choice


class Authenticator(Protocol):
    """The service URL that the token is good for. Raises errors.Unauthorised or errors.KeysUnavailable."""

    async def authenticate(self, header: str) -> str: ...


class TeamsTransport:
    """Fits bot.teams.door.Transport."""

    def __init__(self, verifier: Authenticator, urls: ServiceUrls) -> None:
        self.authenticate = verifier.authenticate
        self.allows = urls.allows

    def tenant_id(self, activity: Mapping[str, Any]) -> str:
        """The tenant that the activity names."""
        return wire.tenant_id(activity)

    def read(self, activity: Mapping[str, Any]) -> Turn | None:
        """The turn, or None."""
        return wire.read(activity)

    def search_answer(self, found: Iterable[Choice]) -> dict[str, Any]:
        """The body for a search."""
        return wire.search_answer(found)

    def invoke_answer(self, said: PressAnswer | None) -> dict[str, Any]:
        """The body for a press."""
        if said is None:
            return wire.invoke_answer(None)
        drawn = message(said.reply, said.language)
        return wire.invoke_answer(Message(drawn.summary, text=drawn.summary) if said.brief else fitting(drawn))
