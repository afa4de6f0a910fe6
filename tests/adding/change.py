"""`python -m tests.adding.change FOLDER`: a new name for the profile from the first word to the last card, with the
real store, service and worker, and a tenant that keeps what is written to it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cards
from bot.approvals import card
from bot.approvals.card import Shown
from bot.approvals.kind import Kinds
from bot.changes.kinds import kinds
from bot.changes.tenant_state import PROFILES_PATH
from bot.commands import Services
from bot.demo.gallery.company import ADMIN, TENANT, profile
from bot.demo.gallery.company import APPROVER as APPROVING
from bot.demo.gallery.example import Example
from bot.demo.gallery.tenant import ExampleTenant
from bot.store.records import Request
from bot.tenant import GraphCall, WriteResult
from cards.plain import plain
from dialogs.words import texts
from tests.adding.turn import said
from tests.approvals.harness import Harness, TableRoles, harness

NEW = "PIN recovery, EU"


@dataclass(frozen=True)
class KeepingTenant(ExampleTenant):
    """Shows in its reads what was written."""

    rows: list[dict[str, Any]] = field(default_factory=lambda: [profile()])
    sent: list[GraphCall] = field(default_factory=list)

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """The profiles as they are now."""
        return tuple(self.rows) if path == PROFILES_PATH else await ExampleTenant.read(self, path)

    async def send(self, call: GraphCall) -> WriteResult:
        """What Graph does with a PATCH."""
        self.sent.append(call)
        self.rows[0] |= call.body
        return WriteResult(status=200)


def _services(table: Harness, known: Kinds, tenant: KeepingTenant) -> Services:
    """Of an example, but with this store and this tenant."""
    example = Example(tenant)
    services, requests = example.services, replace(example.requests, approvals=table.approvals, kinds=known)
    planning = replace(example.planning, approvals=table.approvals)
    return replace(services, changes=replace(services.changes, planning=planning, requests=requests))


async def _story(folder: Path) -> None:
    tenant, roles = KeepingTenant(), TableRoles(admins={ADMIN}, deciders={APPROVING})
    async with harness(folder, roles=roles, writes=tenant, tenant=TENANT) as table:
        known = kinds(replace(Example(tenant).planning, approvals=table.approvals))
        services = _services(table, known, tenant)
        told = {"previewed": await said(services, "en", f"rename profile {NEW}")}
        plan = await known["rename"].plan(known["rename"].arguments.read({"title": NEW}))
        press = {"verb": "change.file", "kind": "rename", "title": NEW, "digest": plan.digest(), "reason": "CHG-1"}
        told["filed"] = await said(services, "en", json.dumps(press))
        request = (await table.approvals.open_of(ADMIN))[0]
        told["waiting"] = _drawn(request, known)
        await table.press(request, by=APPROVING)
        await table.worker.round()
        told["done"] = _drawn(await table.now(request), known)
        told["sent"] = "\n".join(f"{call.method} {call.path} {call.body['displayName']}" for call in tenant.sent)
        told["again"] = await said(services, "en", f"rename profile {NEW}")
        told["too long"] = await said(services, "en", f"rename profile {'x' * 61}")
        told["too long to file"] = await said(services, "en", json.dumps({**press, "title": "x" * 61}))
        told["undone"] = await said(services, "en", f"undo {request.number}")
        print(json.dumps(told))


def _drawn(request: Request, known: Kinds) -> str:
    return plain(cards.render(card.base(Shown(request, known)), texts.words("en")))


if __name__ == "__main__":
    asyncio.run(_story(Path(sys.argv[1])))
