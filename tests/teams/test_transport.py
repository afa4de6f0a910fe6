"""What a press is answered with, as Teams takes it."""

from bot.chat.turn import PressAnswer
from bot.teams.outbound import ServiceUrls
from bot.teams.transport import TeamsTransport
from dialogs.words.replies import Say, Text


class Nobody:
    """Fits bot.teams.transport.Authenticator."""

    async def authenticate(self, header: str) -> str:
        raise AssertionError(header)


TRANSPORT = TeamsTransport(Nobody(), ServiceUrls())


def _say(times: int) -> Say:
    return Say(Text("help.title"), tuple(Text("help.text") for _ in range(times)))


def test_a_press_is_answered_with_the_card() -> None:
    body = TRANSPORT.invoke_answer(PressAnswer(_say(1), "en"))
    assert body["type"] == "application/vnd.microsoft.card.adaptive"
    assert body["value"]["type"] == "AdaptiveCard"


def test_an_answer_that_teams_would_drop_for_its_size_is_a_short_text() -> None:
    body = TRANSPORT.invoke_answer(PressAnswer(_say(2_000), "en"))
    assert body["type"] == "application/vnd.microsoft.activity.message"
    assert body["value"].startswith("What I can do: Teams did not take my answer")


def test_a_brief_answer_is_the_title_alone() -> None:
    assert TRANSPORT.invoke_answer(PressAnswer(_say(1), "en", brief=True))["value"] == "What I can do"


def test_a_press_without_an_answer_is_taken_all_the_same() -> None:
    assert TRANSPORT.invoke_answer(None)["statusCode"] == 200
