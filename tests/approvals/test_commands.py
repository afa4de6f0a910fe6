"""A request's card: what a client is shown of it, and what becomes of that when the tenant does not answer."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from bot.demo.gallery.company import TENANT
from bot.store.records import State
from dialogs.words.replies import Say
from tests.approvals.harness import ADA, PRIYA, TableRoles, harness
from tests.chat.asking import ask, at_table, shown
from tests.deadlines import GENEROUS


@dataclass
class SilentRoles(TableRoles):
    """Answers nobody while `silent`."""

    silent: bool = False

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:
        if self.silent:
            await asyncio.Event().wait()
        return await super().is_approver(object_id, fresh=fresh)


async def test_a_card_that_is_drawn_anew_for_somebody_waits_for_their_role_as_long_as_it_is_told(
    tmp_path: Path,
) -> None:
    roles = SilentRoles()
    async with harness(tmp_path) as table:
        request = await table.filed()
        near = at_table(table, roles=roles, deadlines=replace(GENEROUS, look=0.05))
        view = (await ask("request.view", near, person=PRIYA, request=str(request.number))).view
        assert view
        roles.silent = True
        drawn, _ = await view.own(())
    assert "Waiting for approval" in shown(drawn)
    assert "Approve" not in shown(drawn).splitlines()


async def test_the_button_beside_ones_own_request_takes_it_back(tmp_path: Path) -> None:
    async with harness(tmp_path, tenant=TENANT) as table:
        request, near = await table.filed(), at_table(table)
        reply = (await ask("own_requests", near, person=ADA)).reply
        assert isinstance(reply, Say)
        (button,) = (one for one in reply.buttons if one.verb == "request.cancel")
        await ask(button.verb, near, dict(button.data), person=ADA)
        assert await table.state(request) is State.CANCELLED
