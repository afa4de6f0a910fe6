"""Whatever somebody pastes gets an answer or a plain refusal, and no secret of it is kept, logged or shown."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.demo import run
from bot.simulation import World
from bot.simulation.chats import channel_id
from cards.plain import plain
from tests.deadlines import GENEROUS
from tests.journeys.test_ask_a_person import in_channel, newest, press

CANARY = "cAnaRy"  # in every secret below
JWT = f"eyJ0eXAiOiJKV1Qi{CANARY}.eyJhdWQiOiIwMDAwMDAw{CANARY}.c2lnbmF0dXJl{CANARY}"
SECRETS = (
    f"Authorization: Bearer opaque.{CANARY}-0123456789",
    f'{{"access_token":"{JWT}","token_type":"Bearer","refresh_token":"0.AXoA{CANARY}0123456789abcdefghijklmnopqrstuv"}}',
    f"AZURE_CLIENT_SECRET=abc8Q~{CANARY}0123456789abcdefghijklmnopqr",
    f"secret value abc8Q~{CANARY}0123456789abcdefghijklmnopqr was used",
    f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={CANARY}0123456789abcdefghijklmno/pqrs+tuv==;Suffix=core",
    f"Server=tcp:db.example;User ID=sa;Password={CANARY}1;Encrypt=True",
    f"GET https://user:{CANARY}@proxy.example/login?code=0.AA{CANARY}&state=1 200",
    f"Cookie: ESTSAUTH=1.{CANARY}; session={CANARY}",
    f"-----BEGIN PRIVATE KEY----- MIIEvQIBADAN{CANARY} -----END PRIVATE KEY-----",
    f"split by what nobody sees: eyJ0eXAi\u200bOiJKV1Qi{CANARY}0123456789",
)
HOSTILE = (
    "lorem ipsum " * 833 + "dolor",  # 10,000 characters
    "a" * 10_000,
    "\N{ROBOT FACE}\N{FACE WITH TEARS OF JOY}" * 40,
    "\u202e\u2066frobnicate\u2069 the\u200f gizmo\u202c",
    "<script>alert(1)</script><img src=x onerror=alert(1)> frobnicate &lt;b&gt;",
    "# frobnicate **gizmo** [tap here](https://evil.example) `code` | a | b |",
    "<at>Everybody</at> frobnicate <at id='0'>PIN Reset</at>",
    "frobnicate \x00 gizmo \x1b[31m",
    "\u0335" * 3_000 + "z",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 70 + "$",
    "CON-LT-" * 250 + "$",
    "'; DROP TABLE questions; --",
    "=cmd|' /C calc'!A0",
)


@asynccontextmanager
async def bot(tmp_path: Path, **settings: str) -> AsyncIterator[World]:
    kept = f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite3'}"
    async with run.running(
        "rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_DATABASE_URL=kept, **settings
    ) as world:
        yield world


MARKUP = frozenset("*_[]`#|<>~\\")  # what Teams reads as markdown, or as HTML


def elements(found: object) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
        for part in found.values():
            yield from elements(part)
    elif isinstance(found, list):
        for part in found:
            yield from elements(part)


def shown(world: World, person: str = "user") -> list[str]:
    return [plain(one.card or {}) for one in world.chats.personal(person).by_bot()]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]))
async def test_each_is_answered_once_and_can_be_handed_on_harmlessly(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bot(tmp_path) as world:
        assert (await world.teams.say("user", text)).status == 200
        (said,) = shown(world)
        assert said.splitlines()[0] != "Something went wrong on my side"
        message = newest(world, "user")
        await world.teams.press("user", message.id, "question.ask", {"question": text[:1_500]})
        if "is with the help desk" in await press(world, "user", message, "Hand it on", question=text[:1_000]):
            card = (await in_channel(world, 1)).activity
            read_as_markdown = [one for one in elements(card) if one.get("type") in {"TextBlock", "FactSet"}]
            theirs = [str(one.get("text", one)) for one in read_as_markdown if "frobnicate" in json.dumps(one)]
            assert not any(MARKUP & {*said} for said in theirs)
            assert not any("entities" in one or "msteams" in one for one in elements(card))
        else:
            assert "Please write your question first" in plain(message.card_of("user") or {})
    assert "turn failed" not in {record.getMessage().partition(":")[0] for record in caplog.records}


async def test_tokens_in_pasted_logs_are_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    answers: list[Any] = []
    async with bot(tmp_path, PINBOT_TURNS_PER_MINUTE="100000") as world:
        for number, secret in enumerate(SECRETS, 1):
            log = f"frobnicate the gizmo {number} 2026-11-24T09:00:00Z ERROR {secret} trace ends"
            await world.teams.say("user", log)
            await world.teams.say("user", log, where="group")
            message = newest(world, "user")
            for verb, name in (
                *(("question.ask", "question"), ("pin.trouble", "detail"), ("answer.bad", "question")),
                *(("question.answer", "answer"), ("question.send", "question")),
            ):
                pressed = await world.teams.press("user", message.id, verb, {name: log, "answer": log})
                answers.append(pressed.body)
            person = ("user", "hybrid", "several", "federated")[number % 4]
            await world.teams.press(person, message.id, "question.send", {"question": log})
            card = await in_channel(world, min(number, 3))
            await press(world, "approver", card, "Take it") if number == 1 else None
            await world.teams.press("approver", card.id, "question.answer", {"number": "1", "answer": log})
            answers.append(card.views)
        kept = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))  # noqa: ASYNC240 - a moment only
    kept += b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))  # noqa: ASYNC240
    sent = [one.activity for chat in world.chats.conversations.values() for one in chat.by_bot()]
    logged = [f"{record.getMessage()} {vars(record)} {record.exc_text}" for record in caplog.records]
    conversations = {"logs": logged, "output": capfd.readouterr(), "database": kept, "sent": sent, "answers": answers}
    assert [name for name, place in conversations.items() if CANARY in str(place)] == []
    assert b"frobnicate the gizmo" in kept
    assert "frobnicate the gizmo" in str(sent)
    assert any(chat.startswith(channel_id()) for chat in world.chats.conversations)


async def test_a_question_asked_a_hundred_times_is_answered_until_the_limit_and_then_refused_once(
    tmp_path: Path,
) -> None:
    async with bot(tmp_path) as world:
        for _ in range(100):
            assert (await world.teams.say("user", "how do I frobnicate the gizmo")).status == 200
        said = shown(world)
        assert len(said) == 31
        assert len(set(said[:30])) == 1
        assert "That was a lot at once" in said[30]


async def test_a_question_asked_a_hundred_times_within_the_limit_has_a_hundred_equal_answers(tmp_path: Path) -> None:
    async with bot(tmp_path, PINBOT_TURNS_PER_MINUTE="1000") as world:
        for _ in range(100):
            await world.teams.say("user", "how do I frobnicate the gizmo")
        assert len(shown(world)) == 100
        assert len(set(shown(world))) == 1
