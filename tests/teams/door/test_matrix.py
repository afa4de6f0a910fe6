"""Every case of the matrix against the whole bot: the right status, nothing run or sent without proof, quiet logs."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from bot.chat.pipeline import Pipeline
from bot.chat.turn import PressAnswer, Turn
from bot.demo import run
from bot.simulation import World
from tests.deadlines import GENEROUS
from tests.teams.door import calls
from tests.teams.door.cases import CASES, Case
from tests.teams.door.changes import odd_jwks

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "canary-that-nobody-may-log"


@dataclass
class Bot:
    """The whole bot in front of the simulated tenant; `ran` is what reached the pipeline."""

    world: World
    session: aiohttp.ClientSession
    ran: list[Turn]

    def good(self) -> calls.Call:
        """A call that is let in, with a canary in it."""
        call = calls.good_in(self.world)
        call.activity["from"]["name"] = CANARY
        return call


@pytest.fixture(scope="module")
def ran() -> Iterator[list[Turn]]:
    """Every turn that the door lets through, from here on."""
    seen: list[Turn] = []
    handle = Pipeline.handle

    async def write_down(self: Pipeline, turn: Turn) -> PressAnswer | None:
        seen.append(turn)
        return await handle(self, turn)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pipeline, "handle", write_down)
        yield seen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(ran: list[Turn]) -> AsyncIterator[Bot]:
    """One bot for all cases; the key endpoint publishes odd keys beside the good one."""
    async with (
        run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="100000") as world,
        aiohttp.ClientSession() as session,
    ):
        published = world.channel.keys()["keys"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(world.channel, "keys", lambda: {"keys": [*odd_jwks(), *published]})
            yield Bot(world, session, ran)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_call_gets_its_status_and_runs_only_when_it_is_proven(
    bot: Bot, case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    call = bot.good()
    case.change(call)
    bot.ran.clear()
    bot.world.faults.forget()
    status, body, _ = await call.send(bot.session, calls.origin(bot.world))
    assert (status, len(bot.ran)) == (case.status, int(case.runs))
    if not case.runs:
        assert CANARY.encode() not in body
        assert b"Traceback" not in body
        assert bot.world.faults.count("connector") == bot.world.faults.count("graph") == 0
    _assert_quiet(caplog, call)


def _assert_quiet(caplog: pytest.LogCaptureFixture, call: calls.Call) -> None:
    """No content, token or traceback in any log line; a refusal is one line."""
    own = [record for record in caplog.records if record.name.startswith("bot.")]
    assert len(own) <= 1
    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    signature = call.bearer().rpartition(".")[2]
    assert not any(record.exc_info or record.stack_info for record in caplog.records)
    assert CANARY not in logged
    assert "hello" not in logged
    assert not signature or signature not in logged


LET_IN_BY_THE_SDK = {
    "no end",
    "an end in ten years",
    "no service URL in the token",
    "no service URL",
    "no channel",
    "a key without endorsements",
    "another channel, 1",
    "another tenant",
    "nobody's object id, 1",
    "an emulator's issuer, 1",
    "our own outbound token",
    "a skill's token, version 1",
    "GET that asks for a WebSocket",
    "an answer in the same call, 1",
}


async def test_the_matrix_has_what_the_sdk_alone_would_let_in_and_no_name_twice() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 60
    assert {case.name for case in CASES if case.status >= 400 and not case.runs} >= LET_IN_BY_THE_SDK
