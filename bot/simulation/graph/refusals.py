"""Graph's refusals, in the words of its directory, of Intune and of the sign-in methods."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from aiohttp import web


class Area(StrEnum):
    """Which of Microsoft's services answers behind Graph; each words its errors in its own way."""

    DIRECTORY = "directory"
    INTUNE = "intune"
    SIGN_IN_METHODS = "sign_in_methods"
    TEAMS = "teams"


class GraphRefusal(Exception):
    """A call that Graph refuses."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = headers or {}


@dataclass(frozen=True)
class Stamp:
    """The ids of one call."""

    client: str
    request: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def headers(self) -> dict[str, str]:
        """As every answer carries them."""
        return {"request-id": self.request, "client-request-id": self.client}


def stamp(request: web.Request) -> Stamp:
    """The caller's own id where it gives one."""
    return Stamp(request.headers.get("client-request-id") or str(uuid.uuid4()))


def bad_request(message: str, code: str = "BadRequest") -> GraphRefusal:
    """400."""
    return GraphRefusal(400, code, message)


def not_found(area: Area, object_id: str) -> GraphRefusal:
    """404 for an object that the tenant has not."""
    if area is Area.INTUNE:
        return GraphRefusal(404, "ResourceNotFound", intune_message("An error has occurred"))
    text = f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not present."
    return GraphRefusal(404, "Request_ResourceNotFound", text)


def forbidden(area: Area, permissions: list[str]) -> GraphRefusal:
    """403 for a token without any of the permissions."""
    if area is Area.INTUNE:
        wanted = ", ".join(permissions)
        return GraphRefusal(
            403,
            "Forbidden",
            intune_message(
                "Application is not authorized to perform this operation. Application must have one of the following "
                f"scopes: {wanted}"
            ),
        )
    if area is Area.SIGN_IN_METHODS:
        return GraphRefusal(403, "accessDenied", "Request Authorization failed")
    if area is Area.TEAMS:
        return GraphRefusal(403, "UnknownError", "")
    return GraphRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def intune_message(text: str) -> str:
    """Intune puts a JSON document where a sentence belongs."""
    operation, activity = uuid.uuid4(), uuid.uuid4()
    said = f"{text} - Operation ID (for customer support): {operation} - Activity ID: {activity} - Url: https://fef/"
    document = {
        "_version": 3,
        "Message": said,
        "CustomApiErrorPhrase": "",
        "RetryAfter": None,
        "ErrorSourceService": "",
        "HttpHeaders": "{}",
    }
    return json.dumps(document, indent=2).replace("\n", "\r\n")


# What trouble on demand says.
_UNWELL = {
    429: ("TooManyRequests", "Too many requests"),
    503: ("serviceUnavailable", "The service is temporarily unavailable."),
    504: ("UnknownError", ""),
}


def unwell(request: web.Request, status: int) -> web.Response:
    """An answer of a service that is not well."""
    return answer(ill(status), stamp(request))


def ill(status: int) -> GraphRefusal:
    """What such a service says."""
    return GraphRefusal(status, *_UNWELL.get(status, ("UnknownError", "")))


def answer(refusal: GraphRefusal, ids: Stamp) -> web.Response:
    """The error document."""
    inner: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": ids.request,
        "client-request-id": ids.client,
    }
    error = {"code": refusal.code, "message": refusal.message, "innerError": inner}
    headers = {**ids.headers, **refusal.headers}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="", client_id="00000003-0000-0000-c000-000000000000"'
    return web.json_response({"error": error}, status=refusal.status, headers=headers)
