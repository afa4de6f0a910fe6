"""Each person is spoken to in their own language, also when nobody asked; a channel has one."""

from dataclasses import dataclass, replace

import pytest

from bot.chat.people import Languages
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.errors import NotFound, StoreUnavailable, TenantUnreachable
from bot.reset_rules.facts import Account

ANA = Person("tenant", "ana", "29:ana", "Ana")
CHAT = Place(PlaceKind.PERSONAL, "a:1", "tenant", "https://teams.example", "28:bot")


@dataclass
class Known:
    """What the database and the tenant know of Ana."""

    seen: str | Exception = ""
    chosen: str | Exception = ""
    asked: int = 0

    async def personal_of(self, _tenant_id: str, _object_id: str) -> Place | None:
        if isinstance(self.seen, Exception):
            raise self.seen
        return replace(CHAT, language=self.seen) if self.seen else None

    async def account(self, object_id: str) -> Account:
        self.asked += 1
        if isinstance(self.chosen, Exception):
            raise self.chosen
        return Account(object_id, "Ana", "ana@example.com", language=self.chosen)

    @property
    def languages(self) -> Languages:
        return Languages(self, self, "fr", 1.0)


@pytest.mark.parametrize(
    ("known", "spoken"),
    [
        (Known("de-DE", "ja"), "de-DE"),
        (Known("", "ja"), "ja"),
        (Known(), "fr"),
        (Known(chosen=NotFound()), "fr"),
        (Known(chosen=TenantUnreachable()), "fr"),
        (Known(seen=StoreUnavailable(), chosen="ja"), "fr"),
    ],
)
async def test_the_language_last_seen_comes_before_the_tenants_and_that_before_the_setting(
    known: Known, spoken: str
) -> None:
    assert await known.languages.of("tenant", "ana") == spoken
    assert await known.languages.of_turn(Turn(TurnKind.INSTALLED, "1", ANA, CHAT)) == spoken


async def test_a_client_that_tells_its_language_is_believed_without_a_look() -> None:
    known = Known("de-DE", "ja")
    assert await known.languages.of_turn(Turn(TurnKind.MESSAGE, "1", ANA, CHAT, locale="es-MX")) == "es-MX"
    assert known.asked == 0


async def test_a_channel_that_the_bot_was_added_to_has_the_language_of_the_setting() -> None:
    channel = replace(CHAT, kind=PlaceKind.CHANNEL)
    nobody = replace(ANA, object_id="")
    assert await Known("de-DE").languages.of_turn(Turn(TurnKind.INSTALLED, "1", nobody, channel)) == "fr"
