"""The simulated tenant in a process of its own, reset between lives and asked for the truth afterwards."""

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from bot.changes import tenant_state
from bot.simulation import World, simulate, state
from bot.simulation.faults import Fault
from bot.simulation.objects import entra, intune
from tests.approvals.harness import large_company
from tests.simulation.clients import GRAPH

RINGS = 12
ASKED = "ring-0"  # the group that the request is about
FILTER = {
    "deviceAndAppManagementAssignmentFilterId": "eeeeeeee-0000-4000-8000-000000000001",
    "deviceAndAppManagementAssignmentFilterType": "include",
}


@dataclass(frozen=True)
class Setting:
    """What a bot needs to work there."""

    url: str
    token: str
    tenant: str
    admins: str
    approvers: str
    people: dict[str, str]
    asked_group: str


class TenantProcess:
    """The other end of the wire."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reset(self, faults: dict[str, Any]) -> Setting:
        """A new tenant with these faults."""
        return Setting(**self._ask("reset", faults))

    def facts(self) -> dict[str, Any]:
        """What is there, and what was written."""
        found: dict[str, Any] = self._ask("facts")
        return found

    def foreign(self, group_id: str) -> None:
        """Another admin adds a group."""
        self._ask("foreign", group_id)

    def close(self) -> None:
        """Let the process end."""
        self._ask("close")

    def _ask(self, *question: Any) -> Any:
        self._connection.send(question)
        answer = self._connection.recv()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@contextmanager
def open_tenant() -> Iterator[TenantProcess]:
    """Start the process; it ends with the block."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()
    tenant_process = TenantProcess(ours)
    try:
        yield tenant_process
    finally:
        tenant_process.close()
        process.join(10)


def _serve(connection: Connection) -> None:
    asyncio.run(_answer(connection))


async def _answer(connection: Connection) -> None:
    """Questions come by pipe and are answered on the loop that serves Graph: nothing is half done then."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    loop.add_reader(connection.fileno(), asked.set)
    async with simulate("rollout", company=large_company(RINGS, 1)) as world:
        approving = asyncio.create_task(_people(world))
        while True:
            await asked.wait()
            asked.clear()
            while connection.poll():
                what, *rest = connection.recv()
                await asyncio.sleep(0.005)  # what a killed process had sent is carried out now, or never
                if what == "close":
                    approving.cancel()
                    connection.send(None)
                    return
                try:
                    connection.send(_ANSWERS[what](world, *rest))
                except Exception as error:  # noqa: BLE001 - the other end raises it
                    connection.send(error)


async def _people(world: World) -> None:
    """Microsoft's own approver, who agrees after a moment, and who gives the grant once both apps are there."""
    while True:
        await asyncio.sleep(0.01)
        if state.has_consent(world.tenant):
            _give_grant(world)
        for held in world.tenant.held.values():
            if held.status == "needsApproval":
                held.status = "approved"


def _give_grant(world: World) -> None:
    service, client = entra.pin_reset_apps()
    grant = entra.grant(client["id"], service["id"])
    world.tenant.grants[grant["id"]] = grant


def _reset(world: World, faults: dict[str, Any]) -> dict[str, Any]:
    fresh = faults["kind"] != "assign"
    tenant = state.build(world.company, "fresh" if fresh else "rollout")
    vars(world.tenant).update(vars(tenant))
    world.tenant.permissions |= state.CHANGING | {"Application.ReadWrite.All"}
    world.tenant.lag, world.tenant.multi_admin = faults["lag"], faults["multi_admin"]
    if not fresh:
        profile_id, rows = next(iter(world.tenant.assignments.items()))
        filtered = intune.assignment(profile_id, world.company.groups["ring-1"].id)
        filtered["target"] |= FILTER
        rows.append(filtered)
    world.faults.clear()
    world.faults.forget()
    for fault in faults["spells"]:
        place = "graph/v1.0/deviceManagement" if faults["kind"] != "consent" else "graph/v1.0/servicePrincipals"
        beta = "graph/beta/deviceManagement"
        conversations = (place, beta) if fault["method"] != "GET" else ("graph",)
        for one in conversations:
            world.faults.add(Fault(**fault | {"place": one}))
    people = {key: person.object_id for key, person in world.company.people.items()}
    return {
        "url": world.url,
        "token": world.login.issue(GRAPH),
        "tenant": world.tenant.id,
        "admins": world.company.groups["admins"].id,
        "approvers": world.company.groups["approvers"].id,
        "people": people,
        "asked_group": world.company.groups[ASKED].id,
    }


def _facts(world: World) -> dict[str, Any]:
    tenant = world.tenant
    rows = next(iter(tenant.assignments.values()), [])
    assigned = [row["target"]["groupId"] for row in rows]
    asked = world.company.groups[ASKED].id
    rings = [group.id for key, group in world.company.groups.items() if key.startswith("ring-")]
    first = [world.company.groups[key].id for key in ("pilot", "kiosks", "ring-1")] if rows else []
    sources = tenant_state.sources(tuple(tenant.profiles.values()))
    apps = len(tenant.service_principals)
    return {
        "written": [
            {"request_id": one.request_id, "what": [one.method, one.where, one.body]} for one in tenant.written
        ],
        "assigned": assigned,
        "asked_group": asked,
        "free_groups": [ring for ring in rings if ring not in {*assigned, asked}],
        "foreign": first + _added.get(id(world), []),
        "filters": sum(row["target"]["deviceAndAppManagementAssignmentFilterId"] is not None for row in rows),
        "filters_before": 1 if first else 0,
        "sources": len(sources),
        "effect": asked in assigned if rows else apps == 2 or len(sources) == 1,
    }


_added: dict[int, list[str]] = {}


def _foreign(world: World, group_id: str) -> None:
    """Seen at once: what somebody did seconds ago and reads don't show yet, nobody could know of."""
    profile_id, rows = next(iter(world.tenant.assignments.items()))
    world.tenant.assignments[profile_id] = [*rows, intune.assignment(profile_id, group_id)]
    _added.setdefault(id(world), []).append(group_id)


def _reset_and_forget(world: World, faults: dict[str, Any]) -> dict[str, Any]:
    _added.clear()
    return _reset(world, faults)


_ANSWERS: dict[str, Callable[..., Any]] = {"reset": _reset_and_forget, "facts": _facts, "foreign": _foreign}
