"""The way out as the chat rooms see it: replies go in, and are drawn here."""

from dataclasses import replace

from bot.chat.turn import FileOffer, Place, Sent
from bot.teams import drawing
from bot.teams.outbound import Outbound
from dialogs.words.replies import Reply


class TeamsChannel:
    """Implements bot.chat.turn.Channel."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self.open_personal = outbound.open_personal

    async def send(
        self, place: Place, reply: Reply, language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        """A new message; in a channel as a reply in the thread."""
        drawn = drawing.message(reply, language)
        return await self._outbound.send(
            place, replace(drawn, card=None, file=file) if file else drawn, reply_to=reply_to
        )

    async def update(self, sent: Sent, reply: Reply, language: str) -> None:
        """A new card in the old one's place."""
        await self._outbound.update(sent, drawing.message(reply, language))
