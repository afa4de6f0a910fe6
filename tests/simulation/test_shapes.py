"""What the simulated Graph answers, and what the bot asks, fits the shapes that Microsoft publishes for Graph."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.simulation import World
from bot.simulation.graph.service import ROUTES
from bot.simulation.routes import Route
from bot.tenant.devices import GraphDevices
from tests.conftest import BESIDE
from tests.simulation.clients import call, real_graph
from tests.simulation.paths import body_of, filled, headers_of

SHAPES = Path(__file__).parents[3] / "shared" / "graph" / "openapi-subset.json"
NO_SHAPES = pytest.mark.skipif(not SHAPES.is_file(), reason=f"shared/graph {BESIDE}")
BEARER = {"Authorization": "Bearer a.b.c"}  # the shapes want one; whose it is does not matter to them

# Not in that document, a part of Graph: of beta, the cast of the page on advanced queries, and what a check or the help
# desk reads of a tenant.
NOT_PUBLISHED = {
    "/users",
    "/groups/{id}/transitiveMembers/microsoft.graph.{kind}",
    "/deviceManagement/configurationPolicies/{id}/assignments",
    "/deviceManagement/intents",
    "/deviceManagement/intents/{id}/settings",
    "/deviceManagement/intents/{id}/assignments",
    "/deviceManagement/operationApprovalPolicies",
    "/subscribedSkus",
    "/appCatalogs/teamsApps",
    "/applications(appId='{app_id}')",
    "/servicePrincipals(appId='{app_id}')/appRoleAssignments",
}
NOT_CHECKED = re.compile(r"/beta/deviceManagement/(intents.*|deviceConfigurations)")  # as the bot asks them

pytestmark = NO_SHAPES


@pytest.fixture(scope="session")
def published() -> dict[str, Any]:
    """The document itself."""
    document: dict[str, Any] = json.loads(SHAPES.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def shapes(published: dict[str, Any]) -> Any:
    """The document, ready to check calls."""
    from openapi_core import OpenAPI

    return OpenAPI.from_dict(published)


def check(shapes: Any, method: str, url: str, body: bytes, headers: dict[str, str], answer: httpx.Response) -> None:
    """Raises openapi_core.exceptions.OpenAPIError when the call or its answer does not fit."""
    from openapi_core.testing import MockRequest, MockResponse

    parsed = httpx.URL(url)
    request = MockRequest(
        "https://graph.microsoft.com",
        method.lower(),
        parsed.path,
        args=dict(parsed.params),
        headers=headers | BEARER,
        data=body or None,
    )
    content_type = answer.headers["Content-Type"].partition(";")[0]
    shapes.validate_request(request)
    shapes.validate_response(request, MockResponse(answer.content, answer.status_code, content_type=content_type))


def _rows(published: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    """Each row of the table with each version in which Microsoft's document has it."""
    known = {path.replace("{appId}", "{app_id}").replace("{deviceId}", "{device_id}") for path in published["paths"]}
    for route in ROUTES:
        for version in route.versions:
            paths = {f"/{version}{route.path}", f"/{version}{route.path.replace('{kind}', 'device')}"}
            if paths & known:
                yield route, version


async def test_each_path_answers_in_the_published_shape(world: World, shapes: Any, published: dict[str, Any]) -> None:
    world.tenant.permissions |= {"Directory.Read.All", "Organization.Read.All"}
    checked = set()
    for route, version in _rows(published):
        path, body = f"/{version}{filled(world, route)}", body_of(world, route)
        reply = await call(world, path, method=route.method, body=body, headers=headers_of(route))
        answer = httpx.Response(reply.status, content=reply.body, headers=dict(reply.headers))
        assert reply.status == 200
        check(shapes, route.method, path, json.dumps(body).encode() if body else b"", headers_of(route), answer)
        checked.add(route.path)
    assert checked | NOT_PUBLISHED == {route.path for route in ROUTES}


@pytest.mark.parametrize("path", ["/v1.0/users/nobody", "/v1.0/groups?$select=shoeSize", "/v1.0/organization"])
async def test_refusals_have_the_published_shape(world: World, shapes: Any, path: str) -> None:
    world.faults.throttle("graph/v1.0/organization", retry_after="7")
    reply = await call(world, path)
    assert reply.status in {400, 404, 429}
    check(shapes, "GET", path, b"", {}, httpx.Response(reply.status, content=reply.body, headers=dict(reply.headers)))


async def test_what_the_bot_asks_and_gets_fits_for_everybody(world: World, shapes: Any) -> None:
    seen: list[httpx.Response] = []

    async def keep(response: httpx.Response) -> None:
        await response.aread()
        seen.append(response)

    async with real_graph(world) as graph:
        graph._http.event_hooks = {"response": [keep]}
        tenant = GraphDevices(graph, world.tenant.id, time.monotonic)
        for person in world.company.people.values():
            await tenant.inventory(person.object_id)
    for response in seen:
        request = response.request
        if NOT_CHECKED.fullmatch(request.url.path):
            continue
        check(shapes, request.method, str(request.url), request.content, {}, response)
    assert len(seen) > len(world.company.people) * 4


def test_the_permissions_are_those_that_microsoft_publishes(published: dict[str, Any]) -> None:
    documented = {path.replace("{appId}", "{app_id}").replace("{deviceId}", "{device_id}"): methods
                  for path, methods in published["paths"].items()}  # fmt: skip
    for route in ROUTES:
        if route.path in NOT_PUBLISHED:
            continue
        path = f"/{route.versions[-1]}{route.path.replace('{kind}', 'device')}"
        found = documented.get(path) or documented[f"/v1.0{route.path.replace('{kind}', 'device')}"]
        wanted = found[route.method.lower()]["x-permissions"]["application"]
        assert set(route.needs.split()) <= {*wanted["least"], *wanted["other"]}, route.path
        assert set(route.needs.split()) & set(wanted["least"]), route.path
