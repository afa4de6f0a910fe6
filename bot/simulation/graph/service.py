"""Microsoft Graph: who calls, with which permission, and is the question well put? Then the routes answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from aiohttp import web

from bot.simulation.faults import Faults
from bot.simulation.graph import directory, intune, odata, refusals, reports, writes
from bot.simulation.graph.refusals import GraphRefusal, Stamp
from bot.simulation.routes import Received, Route
from bot.simulation.signing import Key
from bot.simulation.state import SimulatedTenant

AUDIENCES = ["https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us"]
ROUTES: tuple[Route, ...] = directory.ROUTES + intune.ROUTES + reports.OVERVIEWS
EVERYTHING = ROUTES + writes.CHANGES + reports.REPORTS
JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_401: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "Lifetime validation failed, the token is expired.",
    jwt.InvalidAudienceError: "Access token validation failure. Invalid audience.",
    jwt.InvalidSignatureError: "Signature validation failed.",
}


@dataclass(frozen=True)
class GraphService:
    """Answers under /v1.0 and /beta. `key` is the login service's: only its tokens count."""

    tenant: SimulatedTenant
    key: Key

    def add_to(self, app: web.Application, faults: Faults) -> None:
        """Serve as part of an application."""
        handle = faults.over("graph", self._handle, refusals.unwell)
        app.router.add_route("*", "/{version:v1\\.0|beta}/{path:.*}", handle)

    async def _handle(self, request: web.Request) -> web.Response:
        ids = refusals.stamp(request)
        try:
            roles = self._roles(request.headers.get("Authorization", ""))
            version = request.match_info["version"]
            route, path = _find(request.method, version, request.path.removeprefix(f"/{version}"))
            _permit(route, roles)
            if route.area is refusals.Area.INTUNE and not self.tenant.has_intune():
                raise refusals.bad_request("Request not applicable to target tenant.")
            call = Received(
                self.tenant,
                version,
                path,
                _options(request, route),
                roles,
                await _body(request),
                request.method,
                request.path,
                request.headers,
            )
            return self._write(request, route, call, ids)
        except GraphRefusal as refusal:
            return refusals.answer(refusal, ids)

    def _roles(self, header: str) -> frozenset[str]:
        kind, _, token = header.partition(" ")
        if kind != "Bearer" or not token:
            raise GraphRefusal(401, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            claims = self.key.read(token, AUDIENCES)
        except jwt.PyJWTError as error:
            said = _401.get(type(error), "CompactToken parsing failed with error code: 80049217")
            raise GraphRefusal(401, "InvalidAuthenticationToken", said) from None
        if claims.get("tid") != self.tenant.id:
            raise GraphRefusal(401, "InvalidAuthenticationToken", "Access token is of another tenant.")
        return frozenset(claims.get("roles", ()))

    def _write(self, request: web.Request, route: Route, call: Received, ids: Stamp) -> web.Response:
        names = odata.select(call.options, route.shape.name, route.shape.properties)
        found = route.answer(call)
        if found is None:
            return web.Response(status=204, headers=ids.headers)
        if isinstance(found, bytes):
            return web.Response(body=found, content_type="application/octet-stream", headers=ids.headers)
        if isinstance(found, int):
            return web.Response(text=str(found), headers=ids.headers)
        kind = f"{request.url.origin()}/{call.version}/$metadata#{_context(route, call)}"
        context = f"{kind}({','.join(names)})" if names else kind
        if isinstance(found, list):
            document = {"@odata.context": context} | self._collection(request, route, call, names, found)
        else:
            document = {"@odata.context": f"{context}/$entity"} | route.shape.show(found, names)
        return web.Response(
            body=json.dumps(document).encode(), status=route.success, headers={**ids.headers, "Content-Type": JSON}
        )

    def _collection(
        self, request: web.Request, route: Route, call: Received, names: list[str], found: list[Any]
    ) -> dict[str, Any]:
        if not all(isinstance(row, dict) for row in found):
            return {"value": found}
        rows = odata.narrow(found, call.options) if route.filtered else found
        size = self.tenant.page_size if "skiptoken" in route.options.split() else len(rows)  # others have no pages
        page = odata.page(rows, call.options, size)
        document: dict[str, Any] = {"@odata.count": len(rows)} if call.options.counted else {}
        if page.next_token:
            origin = self.tenant.foreign_next_link or str(request.url.origin())
            query = urlencode({**request.query, "$skiptoken": page.next_token}, safe="$,", quote_via=quote)
            document["@odata.nextLink"] = f"{origin}{request.path}?{query}"
        return document | {"value": [route.shape.show(row, names) for row in page.rows]}


def _context(route: Route, call: Received) -> str:
    """`users('…')/managedDevices` for `/users/{id}/managedDevices`."""
    if route.shape.name.startswith("Edm."):
        return f"Collection({route.shape.name})"
    segments = route.path.strip("/").split("/")
    if segments[-1].startswith("{") or "(" in segments[-1]:
        segments[-1] = ""
    return "/".join(segments).strip("/").partition("(")[0].replace("/{id}", f"('{call.path.get('id', '')}')")


def _find(method: str, version: str, path: str) -> tuple[Route, Mapping[str, str]]:
    matching = [(route, found) for route in EVERYTHING if (found := route.pattern.fullmatch(path))]
    for route, found in matching:
        if route.method == method and version in route.versions:
            return route, found.groupdict()
    if matching:
        raise GraphRefusal(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    raise refusals.bad_request(f"Resource not found for the segment '{path.rpartition('/')[2]}'.")


def _permit(route: Route, roles: frozenset[str]) -> None:
    if not any(roles >= set(together.split("+")) for together in route.needs.split()):
        raise refusals.forbidden(route.area, route.needs.split())


def _options(request: web.Request, route: Route) -> odata.Options:
    options = odata.Options(dict(request.query), request.headers.get("ConsistencyLevel", "").lower() == "eventual")
    odata.check(options, route.options.split())
    return options


async def _body(request: web.Request) -> Any:
    if not request.can_read_body:
        return None
    if request.content_type != "application/json":
        raise GraphRefusal(415, "RequestBodyRead", "A supported MIME type could not be found.")
    try:
        return json.loads(await request.read())
    except ValueError:
        raise refusals.bad_request("Unable to read JSON request payload.") from None
