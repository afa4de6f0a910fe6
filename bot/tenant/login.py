"""Tokens for Graph and for Teams' connector. The only file that imports MSAL, which blocks: it runs in threads."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msal
import requests
from msal.exceptions import MsalError

from bot.chat.deadlines import STANDARD, Deadlines
from bot.errors import TenantUnreachable
from bot.tenant.credentials import Credential, Renewed

EARLY_SECONDS = 300.0  # a token is renewed this long before it ends
LOGIN_HOSTS = {
    "public": "https://login.microsoftonline.com",
    "usgov": "https://login.microsoftonline.us",
    "usgovdod": "https://login.microsoftonline.us",
}


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends: float


class _Session(requests.Session):
    """MSAL sets no limit to a session that it is given, and a thread that waits can't be stopped from outside."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        return super().send(request, **how | {"timeout": self._seconds})


class Login:
    """`token(scope)`, cached; one call to Entra at a time for a scope, never on the event loop."""

    def __init__(
        self,
        make: Callable[[], Any],
        session: requests.Session,
        deadlines: Deadlines = STANDARD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make  # MSAL's client as it is to be now
        self._session = session
        self._deadlines = deadlines
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._fetches: dict[str, asyncio.Task[None]] = {}

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    async def token(self, scope: str) -> str:
        """A bearer token for `<resource>/.default`. Raises errors.TenantUnreachable when there is none to be had."""
        if not self._good(scope):
            await asyncio.shield(self._fetching(scope))
        return self._tokens[scope].value

    def _good(self, scope: str) -> bool:
        token = self._tokens.get(scope)
        return token is not None and self._clock() < token.ends - EARLY_SECONDS

    def _fetching(self, scope: str) -> asyncio.Task[None]:
        """Everybody who needs a token waits for one fetch, and fails with it: nobody queues at a silent service."""
        task = self._fetches.get(scope)
        if task is None or task.done():
            task = self._fetches[scope] = asyncio.create_task(self._fetch(scope))
        return task

    async def _fetch(self, scope: str) -> None:
        try:
            async with asyncio.timeout(self._deadlines.login):
                answer = await _in_a_thread(partial(self._ask, scope))
        except (requests.RequestException, MsalError, TimeoutError, ValueError, OSError) as error:
            raise TenantUnreachable(f"login: {type(error).__name__}") from None
        if "access_token" not in answer:
            # Entra's description names ids and addresses; its short code is enough for the log.
            raise TenantUnreachable(f"login: {answer.get('error', 'no token')}")
        self._tokens[scope] = _Token(str(answer["access_token"]), self._clock() + float(answer["expires_in"]))

    def _ask(self, scope: str) -> dict[str, Any]:
        app = self._make()
        if isinstance(app, msal.ManagedIdentityClient):
            found: dict[str, Any] = app.acquire_token_for_client(resource=scope.removesuffix("/.default"))
        else:
            found = app.acquire_token_for_client(scopes=[scope])
        return found


def sign_in(
    app_id: str,
    tenant_id: str,
    credential: Credential,
    *,
    cloud: str = "public",
    login_url: str | None = None,
    login_ca: Path | None = None,
    deadlines: Deadlines = STANDARD,
) -> Login:
    """A Login for the bot's own app. `login_url` and `login_ca`: the simulated login service, on loopback only.

    Nobody is called yet, so that a bot starts while the login service is down. Raises ValueError for an unusable
    certificate.
    """
    session = _Session(deadlines.login_call)
    if credential.is_managed:
        identity = msal.UserAssignedManagedIdentity(client_id=app_id)
        managed = partial(msal.ManagedIdentityClient, identity, http_client=session)
        return Login(Renewed(credential, managed), session, deadlines)
    if login_url:
        session.verify = str(login_ca)
        session.trust_env = False  # else a CA bundle named in the environment would win over ours
    credential.for_msal()  # what can't be used is told now, not with the first token

    def confidential() -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            app_id,
            client_credential=credential.for_msal(),
            authority=f"{login_url or LOGIN_HOSTS[cloud]}/{tenant_id}",
            instance_discovery=False if login_url else None,
            http_client=session,
        )

    return Login(Renewed(credential, confidential), session, deadlines)


def _in_a_thread(ask: Callable[[], dict[str, Any]]) -> asyncio.Future[dict[str, Any]]:
    """In a thread of its own: one that hangs takes no place in the pool and does not keep the process from ending."""
    answer: Future[dict[str, Any]] = Future()
    answer.set_running_or_notify_cancel()  # who waits may give up; the thread goes on and its answer is dropped

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 - raised where the answer is awaited
            answer.set_exception(error)

    threading.Thread(target=run, name="login", daemon=True).start()
    return asyncio.wrap_future(answer)
