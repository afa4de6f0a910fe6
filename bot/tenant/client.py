"""The Graph SDK: its request builders and middleware, our own parsing. The only file that imports it.

The SDK's models cost 11 to 19 ms a device and seconds at the first call, so answers are taken as bytes.
"""

import asyncio
import json
import logging
import time
import uuid
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import kiota_abstractions.request_information as kiota_request
import kiota_http.httpx_request_adapter as kiota_adapter
import kiota_http.middleware.middleware as kiota_middleware
import requests.utils
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import RedirectHandlerOption, ResponseHandlerOption, RetryHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory
from pydantic import BaseModel, ValidationError

from bot.chat.deadlines import STANDARD, Deadlines
from bot.errors import BotError, NotFound, NotPermitted, TenantRefused, TenantUnreachable, short_code
from bot.logs import GRAPH_REQUEST
from bot.observed import UNOBSERVED, Observer, Service
from bot.telemetry.silent import SILENT
from bot.tenant import models

log = logging.getLogger(__name__)

for _traces in (kiota_request, kiota_adapter, kiota_middleware):  # whole addresses; our own spans have templates
    _traces.tracer = SILENT  # type: ignore[attr-defined,unused-ignore]

QUIET_SECONDS = 5.0  # after a 429 that does not say when to come back
LONGEST_QUIET = 60.0
MOST_PAGES = 20
MOST_GROUPS = 20  # that checkMemberGroups takes in one call

Answer = TypeVar("Answer", bound=BaseModel)
Row = TypeVar("Row", bound=BaseModel)

EVENTUAL = MappingProxyType({"ConsistencyLevel": "eventual"})  # what advanced queries of the directory need

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_IN_A_PATH = "/?&=$',()"


class _Bearer(AuthenticationProvider):
    """Puts our cached token on each request."""

    def __init__(self, token: Callable[[], Awaitable[str]]) -> None:
        self._token = token

    async def authenticate_request(self, request: Any, _context: Any = None) -> None:
        request.headers.add("Authorization", f"Bearer {await self._token()}")
        if not request.headers.get("client-request-id"):
            request.headers.add("client-request-id", str(uuid.uuid4()))


class _Watched(httpx.AsyncHTTPTransport):
    """Tells of each call and each 429, also of those that the SDK answers by waiting and trying again."""

    def __init__(self, throttled: Callable[[str], None], proxy: str | None, observer: Observer) -> None:
        super().__init__(limits=httpx.Limits(max_connections=50), proxy=proxy)
        self._throttled = throttled
        self._observer = observer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with self._observer.call(Service.GRAPH, request.method, request.url.path) as call:
            response = await super().handle_async_request(request)
            call.status = response.status_code
        if response.status_code == 429:
            self._throttled(response.headers.get("Retry-After", ""))
        return response


@dataclass
class Query:
    """The query options that we use, under the names of Graph."""

    select: str | None = None
    filter: str | None = None
    top: int | None = None
    search: str | None = None

    def get_query_parameter(self, name: str) -> str:
        """Kiota's templates hold the names percent-encoded."""
        return f"%24{name}"


@dataclass
class _Member:
    """The body of checkMemberGroups."""

    groups: list[str]

    def serialize(self, writer: Any) -> None:
        """Kiota's way to write a body."""
        writer.write_collection_of_primitive_values("groupIds", self.groups)


class Client:
    """Calls of one tenant's Graph. Every read raises errors.TenantUnreachable (no answer, throttled),
    errors.NotPermitted (403), errors.NotFound (404) or errors.TenantRefused (anything else)."""

    def __init__(
        self,
        token: Callable[[], Awaitable[str]],
        url: str,
        clock: Callable[[], float] = time.monotonic,
        deadlines: Deadlines = STANDARD,
        *,
        trust_env: bool = True,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """`trust_env`: go through the proxy that the environment names; a simulated Graph is on this machine."""
        self._clock = clock
        self.deadlines = deadlines
        self._quiet_until = float("-inf")
        retry = RetryHandlerOption(delay=1, max_retries=2)
        watched = _Watched(self._notice_throttling, _proxy(url) if trust_env else None, observer)
        http = httpx.AsyncClient(timeout=deadlines.silence, transport=watched)
        # The SDK wraps these in transports of its own, which close nothing.
        self._pools = [pool for pool in (http._transport, *http._mounts.values()) if pool]  # noqa: SLF001
        client = GraphClientFactory.create_with_default_middleware(
            client=http, options={RetryHandlerOption.get_key(): retry}
        )
        self._adapter = GraphRequestAdapter(_Bearer(token), client)
        self._adapter.base_url = f"{url}/v1.0"
        self._builders = GraphServiceClient(request_adapter=self._adapter)
        _load_builders(self._builders)
        self._http = client
        self._url = url

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()
        for pool in self._pools:
            await pool.aclose()

    async def rows(self, path: str) -> tuple[dict[str, Any], ...]:
        """A collection as it is, field for field; `path` from /v1.0 or /beta on."""
        return tuple(await self.listed(path, dict[str, Any]))

    async def listed(self, path: str, model: type[Any], headers: Mapping[str, str] = _NO_HEADERS) -> list[Any]:
        """The same, each row as a model."""
        info = RequestInformation(Method.GET)
        info.url = self._at(path)
        return await self._pages(info, model, headers)

    async def one(self, path: str, model: type[Answer], headers: Mapping[str, str] = _NO_HEADERS) -> Answer:
        """One object, or one page of several, by its path, from /v1.0 or /beta on."""
        info = RequestInformation(Method.GET)
        info.url = self._at(path)
        for name, value in headers.items():
            info.headers.add(name, value)
        return await self._send(info, model)

    async def post(self, path: str, body: Mapping[str, Any], model: type[Answer]) -> Answer:
        """The answer to a POST that only reads, so the SDK may send it again."""
        info = RequestInformation(Method.POST)
        info.url = self._at(path)
        info.content = json.dumps(dict(body)).encode()
        info.headers.add("Content-Type", "application/json")
        return await self._send(info, model)

    async def send_once(
        self, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[int | None, dict[str, str]]:
        """One write, sent once whatever comes: the status (None: no answer) and the headers in lower case.

        The SDK would send it again after 429, 503 and 504, and to another address after a redirect.
        """
        info = RequestInformation(Method(method))
        info.url = self._at(path)
        info.content = json.dumps(dict(body), sort_keys=True).encode()
        for name, value in {"Content-Type": "application/json", **headers}.items():
            info.headers.add(name, value)
        info.add_request_options(
            [
                RetryHandlerOption(max_retries=0, should_retry=False),
                RedirectHandlerOption(should_redirect=False),
                ResponseHandlerOption(NativeResponseHandler()),
            ]
        )
        try:
            async with asyncio.timeout(self.deadlines.write):
                answer: Any = await self._adapter.send_primitive_async(info, "bytes", {})
        except (httpx.HTTPError, TimeoutError, OSError, BotError) as error:  # the last: no token, so not sent either
            log.warning("graph: %s %s", method, type(error).__name__)
            return None, {}
        answered = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status_code >= 400:
            _tell(answer.status_code, answered)
        return answer.status_code, answered

    async def _one(self, builder: Any, model: type[Answer], query: Query, *, beta: bool = False) -> Answer:
        return await self._send(self._get(builder, query, beta=beta), model)

    async def _all(self, builder: Any, model: type[Row], query: Query, *, beta: bool = False) -> list[Row]:
        return await self._pages(self._get(builder, query, beta=beta), model)

    async def _some(self, builder: Any, model: type[Row], query: Query, headers: Mapping[str, str]) -> list[Row]:
        """The first page alone."""
        info = self._get(builder, query, beta=False)
        for name, value in headers.items():
            info.headers.add(name, value)
        return (await self._send(info, models.Collection[model])).value  # type: ignore[valid-type]  # as in _pages

    async def _pages(self, info: Any, model: type[Any], headers: Mapping[str, str] = _NO_HEADERS) -> list[Any]:
        rows: list[Any] = []
        for _ in range(MOST_PAGES):
            for name, value in headers.items():
                info.headers.add(name, value)
            page = await self._send(info, models.Collection[model])  # type: ignore[valid-type]  # pydantic builds it
            rows += page.value
            if not page.next_link:
                return rows
            info = RequestInformation(Method.GET)
            info.url = self._own(page.next_link)
        raise TenantRefused("more pages than any tenant should have")

    async def _member(self, builder: Any, groups: Iterable[str]) -> frozenset[str]:
        """A POST that only reads, so the SDK may send it again."""
        wanted = sorted(groups)
        found: set[str] = set()
        for start in range(0, len(wanted), MOST_GROUPS):
            info = builder.to_post_request_information(_Member(wanted[start : start + MOST_GROUPS]))
            found.update((await self._send(info, models.Ids)).value)
        return frozenset(found)

    def _get(self, builder: Any, query: Query, *, beta: bool) -> Any:
        info = builder.to_get_request_information(RequestConfiguration(query_parameters=query))
        if beta:
            info.path_parameters["baseurl"] = f"{self._url}/beta"
            info.url = info.url  # written out now: the adapter would put v1.0 back
        return info

    async def _count(self, builder: Any) -> int:
        """A number as plain text, sometimes with a byte order mark."""
        info = builder.count.to_get_request_information()
        info.path_parameters["baseurl"] = f"{self._url}/v1.0"
        info.url = info.url.replace("/graph.", "/microsoft.graph.")  # the name as Microsoft documents it
        info.headers.add("ConsistencyLevel", "eventual")
        return int((await self._bytes(info)).decode("utf-8-sig"))

    def _own(self, link: str) -> str:
        """The next page, at the configured Graph only: the request carries our token."""
        if urlsplit(link)[:2] != urlsplit(self._url)[:2]:
            raise TenantRefused("the next page is at another host")
        return link

    def _at(self, path: str) -> str:
        return f"{self._url}{quote(path, safe=_IN_A_PATH)}"

    async def _send(self, info: Any, model: type[Answer]) -> Answer:
        try:
            return model.model_validate_json(await self._bytes(info))
        except ValidationError:
            raise TenantRefused(f"an answer that is no {model.__name__}") from None

    @property
    def address(self) -> str:
        """Graph's own, without a version: for references to its objects."""
        return self._url

    def is_throttled(self) -> bool:
        """Has Graph asked to be left in peace for now? The SDK waits and tries again all the same."""
        return self._clock() < self._quiet_until

    def _notice_throttling(self, retry_after: str) -> None:
        seconds = min(float(retry_after), LONGEST_QUIET) if retry_after.isdecimal() else QUIET_SECONDS
        self._quiet_until = self._clock() + seconds

    async def _bytes(self, info: Any) -> bytes:
        try:
            async with asyncio.timeout(self.deadlines.read):
                return await self._adapter.send_primitive_async(info, "bytes", {}) or b""
        except APIError as error:
            raise _translated(error) from None
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            log.warning("graph: %s", type(error).__name__)
            raise TenantUnreachable(type(error).__name__) from None


def _proxy(url: str) -> str | None:
    """As MSAL finds it, HTTPS_PROXY and NO_PROXY: httpx asks nobody where it is given a transport."""
    proxy: str | None = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    return proxy


def _load_builders(client: Any) -> None:
    """The SDK imports its builders at their first use, which would be on the loop, and warns of its own old classes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        user, device = client.users.by_user_id("-"), client.devices.by_device_id("-")
        _ = user.managed_devices, user.registered_devices, user.check_member_groups, device.check_member_groups
        _ = user.authentication.windows_hello_for_business_methods
        management = client.device_management
        _ = management.managed_devices.by_managed_device_id("-")
        _ = management.device_configurations.by_device_configuration_id("-").assignments
        _ = client.domains.by_domain_id("-")
        members = client.groups.by_group_id("-").transitive_members
        _ = members.graph_user.count, members.graph_device.count


def _translated(error: Any) -> BotError:
    """Our error for Graph's; the log gets the status and the request ids and nothing else."""
    status = error.response_status_code or 0
    _tell(status, {name.lower(): value for name, value in (error.response_headers or {}).items()})
    if status == 403:
        return NotPermitted("graph")
    if status == 404:
        return NotFound("graph")
    if status == 429 or status >= 500:
        return TenantUnreachable(str(status))
    return TenantRefused(str(status))


def _tell(status: int, headers: Mapping[str, str]) -> None:
    request = short_code(headers.get("request-id", "-"))
    log.warning("graph: %s request-id %s", status, request, extra={GRAPH_REQUEST: request})
