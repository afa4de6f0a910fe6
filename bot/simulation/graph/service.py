"""Microsoft Graph: who calls, with which permission, and is the question well put? Then the routes answer."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import jwt
from aiohttp import web

from bot.simulation.faults import Faults
from bot.simulation.graph import directory, installs, intune, odata, refusals, reports, writes
from bot.simulation.graph.installed import InstalledApps
from bot.simulation.graph.refusals import GraphRefusal, Stamp
from bot.simulation.routes import Received, Route
from bot.simulation.signing import Key
from bot.simulation.state import SimulatedTenant

AUDIENCES = ["https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us"]
ROUTES: tuple[Route, ...] = directory.ROUTES + intune.ROUTES + reports.OVERVIEWS
MOST_IN_A_BATCH = 20
EVERYTHING = (*ROUTES, *installs.ROUTES, *writes.CHANGES, *reports.REPORTS, intune.BATCH)
JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_401: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "Lifetime validation failed, the token is expired.",
    jwt.InvalidAudienceError: "Access token validation failure. Invalid audience.",
    jwt.InvalidSignatureError: "Signature validation failed.",
}


@dataclass(frozen=True)
class OneCall:
    """One call as it came, by itself or in a batch; `path` is what follows the version."""

    method: str
    version: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    origin: str
    ids: Stamp

    @property
    def where(self) -> str:
        """The whole path."""
        return f"/{self.version}{self.path}"


@dataclass(frozen=True)
class GraphService:
    """Answers under /v1.0 and /beta. `key` is the login service's: only its tokens count."""

    tenant: SimulatedTenant
    apps: InstalledApps
    key: Key

    def add_to(self, app: web.Application, faults: Faults) -> None:
        """Serve as part of an application."""

        async def handle(request: web.Request) -> web.Response:
            return await self._handle(request, faults)

        app.router.add_route("*", "/{version:v1\\.0|beta}/{path:.*}", faults.over("graph", handle, refusals.unwell))

    async def _handle(self, request: web.Request, faults: Faults) -> web.Response:
        ids, version = refusals.stamp(request), request.match_info["version"]
        try:
            asked = OneCall(
                request.method,
                version,
                request.path.removeprefix(f"/{version}"),
                dict(request.query),
                request.headers,
                await _body(request),
                str(request.url.origin()),
                ids,
            )
        except GraphRefusal as refusal:
            return refusals.answer(refusal, ids)
        return await self._batch(asked, faults) if asked.path == intune.BATCH.path else self._answer(asked)

    def _answer(self, asked: OneCall) -> web.Response:
        try:
            roles = self._roles(asked.headers.get("Authorization", ""))
            route, path = _find(asked.method, asked.version, asked.path)
            _permit(route, roles)
            if route.area is refusals.Area.INTUNE and not self.tenant.has_intune():
                raise refusals.bad_request("Request not applicable to target tenant.")
            options = _options(asked, route)
            call = Received(
                self.tenant,
                self.apps,
                asked.version,
                path,
                options,
                roles,
                asked.body,
                asked.method,
                asked.where,
                asked.headers,
            )
            return self._write(asked, route, call)
        except GraphRefusal as refusal:
            return refusals.answer(refusal, asked.ids)

    async def _batch(self, asked: OneCall, faults: Faults) -> web.Response:
        """Each call in it meets faults by itself, and answered in its own way."""
        try:
            self._roles(asked.headers.get("Authorization", ""))
            calls = [_part(asked, part) for part in _parts(asked.body)]
        except GraphRefusal as refusal:
            return refusals.answer(refusal, asked.ids)
        answers = await asyncio.gather(*(self._in_batch(number, part, faults) for number, part in calls))
        return web.json_response({"responses": answers}, headers=asked.ids.headers)

    async def _in_batch(self, number: str, part: OneCall, faults: Faults) -> dict[str, Any]:
        status = await faults.strike("graph", part.method, part.where)
        answer = refusals.answer(refusals.ill(status), part.ids) if status else self._answer(part)
        body = json.loads(answer.body) if isinstance(answer.body, bytes) else None
        return {"id": number, "status": answer.status, "headers": {"Content-Type": "application/json"}, "body": body}

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

    def _write(self, asked: OneCall, route: Route, call: Received) -> web.Response:
        headers = asked.ids.headers
        names = odata.select(call.options, route.shape.name, route.shape.properties)
        answer = route.answer(call)
        if answer is None:
            return web.Response(status=204 if route.success == 200 else route.success, headers=headers)
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="application/octet-stream", headers=headers)
        if isinstance(answer, int):
            return web.Response(text=str(answer), headers=headers)
        kind = f"{asked.origin}/{call.version}/$metadata#{_context(route, call)}"
        context = f"{kind}({','.join(names)})" if names else kind
        if isinstance(answer, list):
            document = {"@odata.context": context} | self._collection(asked, route, call, names, answer)
        else:
            document = {"@odata.context": f"{context}/$entity"} | route.shape.show(answer, names)
        return web.Response(
            body=json.dumps(document).encode(), status=route.success, headers={**headers, "Content-Type": JSON}
        )

    def _collection(
        self, asked: OneCall, route: Route, call: Received, names: list[str], found: list[Any]
    ) -> dict[str, Any]:
        if not all(isinstance(row, dict) for row in found):
            return {"value": found}
        rows = odata.narrow(found, call.options) if route.filtered else found
        size = self.tenant.page_size if "skiptoken" in route.options.split() else len(rows)  # others have no pages
        page = odata.page(rows, call.options, size)
        document: dict[str, Any] = {"@odata.count": len(rows)} if call.options.counted else {}
        if page.next_token:
            origin = self.tenant.foreign_next_link or asked.origin
            query = urlencode({**asked.query, "$skiptoken": page.next_token}, safe="$,", quote_via=quote)
            document["@odata.nextLink"] = f"{origin}{asked.where}?{query}"
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
    matching = [(route, match) for route in EVERYTHING if (match := route.pattern.fullmatch(path))]
    for route, match in matching:
        if route.method == method and version in route.versions:
            return route, match.groupdict()
    if matching:
        raise GraphRefusal(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    raise refusals.bad_request(f"Resource not found for the segment '{path.rpartition('/')[2]}'.")


def _permit(route: Route, roles: frozenset[str]) -> None:
    if not any(roles >= set(together.split("+")) for together in route.needs.split()):
        raise refusals.forbidden(route.area, route.needs.split())


def _options(asked: OneCall, route: Route) -> odata.Options:
    options = odata.Options(asked.query, asked.headers.get("ConsistencyLevel", "").lower() == "eventual")
    odata.check(options, route.options.split())
    return options


def _parts(body: Any) -> list[Any]:
    """The calls of a batch, each once."""
    parts = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(parts, list) or not parts:
        raise refusals.bad_request("Invalid batch payload format.")
    if len(parts) > MOST_IN_A_BATCH:
        raise refusals.bad_request(f"Number of batch request steps exceeds the maximum value of {MOST_IN_A_BATCH}.")
    if len({part.get("id") for part in parts}) < len(parts):
        raise refusals.bad_request("Duplicate request id found in the batch.")
    return parts


def _part(whole: OneCall, part: Any) -> tuple[str, OneCall]:
    url = urlsplit(str(part["url"]))
    query, path = dict(parse_qsl(url.query)), unquote(url.path)
    return str(part["id"]), replace(whole, method=str(part["method"]), path=path, query=query, body=part.get("body"))


async def _body(request: web.Request) -> Any:
    if not request.can_read_body:
        return None
    if request.content_type != "application/json":
        raise GraphRefusal(415, "RequestBodyRead", "A supported MIME type could not be found.")
    try:
        return json.loads(await request.read())
    except ValueError:
        raise refusals.bad_request("Unable to read JSON request payload.") from None
