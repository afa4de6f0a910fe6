"""Help shows what one's roles allow, and fails open to the plain help."""

import asyncio
from dataclasses import replace

import pytest

from bot.demo.gallery.fakes import ADMIN, APPROVER, Example, ExampleTenant
from bot.errors import TenantUnreachable
from dialogs.words.replies import Say
from tests.chat.asking import NOBODY, ask, shown

ADMINS, APPROVERS = "assign GROUP", "close NUMBER REASON"


@pytest.mark.parametrize(
    ("person", "there", "missing"),
    [
        (ADMIN, ["status", ADMINS], [APPROVERS]),
        (APPROVER, ["status", APPROVERS], [ADMINS]),
        (NOBODY, ["I forgot my PIN"], [ADMINS, APPROVERS, "whoami"]),
    ],
)
async def test_a_person_sees_only_what_they_may_do(person: str, there: list[str], missing: list[str]) -> None:
    reply = (await ask("help", person=person)).reply
    text = shown(reply)
    assert [words for words in there if words not in text] == []
    assert [words for words in missing if words in text] == []
    assert isinstance(reply, Say)
    assert len(reply.buttons) <= 6


class Unreachable(ExampleTenant):
    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:
        raise TenantUnreachable(object_id)


class Slow(ExampleTenant):
    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:
        await asyncio.Event().wait()
        return True


@pytest.mark.parametrize("roles", [Unreachable(), Slow()], ids=["unreachable", "slow"])
async def test_who_cannot_be_looked_up_gets_the_plain_help(roles: ExampleTenant) -> None:
    services = Example().services
    told = replace(services, help=replace(services.help, roles=roles))
    text = shown((await ask("help", told, person=ADMIN, seconds=0.01)).reply)
    assert "I forgot my PIN" in text
    assert ADMINS not in text


@pytest.mark.parametrize("intent", ["welcome", "unknown", "vague"])
async def test_other_greetings_need_no_look_up(intent: str) -> None:
    assert ADMINS not in shown((await ask(intent, person=ADMIN)).reply)
