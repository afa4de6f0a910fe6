"""Help shows what one's roles allow, and fails open to the plain help."""

import asyncio
from dataclasses import replace

import pytest

from bot.chat.near import WISH
from bot.demo.gallery.company import ADMIN, APPROVER
from bot.demo.gallery.example import Example
from bot.demo.gallery.tenant import ExampleTenant
from bot.errors import TenantUnreachable
from dialogs.understanding.ranking.model import INTENT, model
from dialogs.words.replies import Say
from tests.chat.asking import NOBODY, ask, shown

ADMINS, APPROVERS = "assign Finance Laptops", "close 12"


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
    assert len(reply.buttons) <= 3


@pytest.mark.parametrize("person", [ADMIN, APPROVER])
async def test_what_needs_no_name_and_no_number_can_be_pressed_in_the_menu(person: str) -> None:
    reply = (await ask("help", person=person)).reply
    assert isinstance(reply, Say)
    pressed = [button for fold in reply.folds for button in fold.buttons]
    assert all(fold.buttons for fold in reply.folds)
    assert {button.verb for button in pressed} == {WISH}
    labels = {str(button.data["label"]) for button in pressed}
    assert labels - set(model().heads[INTENT].labels) == set()


async def test_thanks_is_answered_without_a_word_about_a_pin_that_nobody_set() -> None:
    text = shown((await ask("thanks")).reply)
    assert "You're welcome" in text
    assert "new PIN" not in text


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
