"""Tokens for Graph and for Teams' connector. The only file that imports MSAL, which blocks: it runs in threads."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import msal
import requests
from msal.exceptions import MsalError

from bot.chat.deadlines import STANDARD, Deadlines
from bot.errors import SignInRefused, TenantUnreachable
from bot.tenant.credentials import Credential, Renewed

log = logging.getLogger(__name__)

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
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
    """MSAL sets no limit to a session that it is given, and a thread that waits can't be stopped from outside.

    It also drops what only the answers say: Entra's number of a refusal (of an unknown tenant it makes a ValueError),
    and what time it is there. `number` and `unwell` are of this thread's last answer.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._heard = threading.local()
        self.date: tuple[datetime, float] | None = None  # theirs, and when it was told

    @property
    def number(self) -> int:
        """0: none was told."""
        return getattr(self._heard, "number", 0)

    @property
    def unwell(self) -> bool:
        """A refusal that says nothing about who asks."""
        status = getattr(self._heard, "status", 0)
        return status == 429 or status >= 500

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        self._heard.number = self._heard.status = 0
        answer = super().send(request, **how | {"timeout": self._seconds})
        self._heard.number, self._heard.status = _number(answer), answer.status_code
        with suppress(KeyError, ValueError):
            self.date = parsedate_to_datetime(answer.headers["Date"]).replace(tzinfo=UTC), self._clock()
        return answer


def _number(answer: requests.Response) -> int:
    try:
        return int(answer.json()["error_codes"][0])
    except (ValueError, KeyError, TypeError, IndexError):
        return 0


class Login:
    """`token(scope)`, cached; one call to Entra at a time for a scope, never on the event loop."""

    def __init__(
        self,
        make: Callable[[], Any],
        session: _Session,
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

    def their_time(self) -> datetime | None:
        """What time it is by the login service's clock; None while it has not answered."""
        if self._session.date is None:
            return None
        date, read_at = self._session.date
        return date + timedelta(seconds=self._clock() - read_at)

    async def token(self, scope: str) -> str:
        """A bearer token for `<resource>/.default`.

        Raises errors.SignInRefused, errors.TenantUnreachable when there is no answer.
        """
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
        except TenantUnreachable as refused:
            log.warning("%s", refused)
            raise
        except (requests.RequestException, MsalError, TimeoutError, ValueError, OSError) as error:
            log.warning("login: %s", type(error).__name__)
            raise TenantUnreachable(f"login: {type(error).__name__}") from None
        token = str(answer["access_token"])
        if roles(token) == frozenset():
            log.warning("login: a token without any permission: grant them, and have an administrator consent")
        self._tokens[scope] = _Token(token, self._clock() + float(answer["expires_in"]))

    def _ask(self, scope: str) -> dict[str, Any]:
        """Raises SignInRefused. Entra's description names ids and addresses; its word and its number say enough."""
        try:
            answer = self._acquired(scope)
        except (requests.RequestException, MsalError, ValueError, OSError):
            if self._session.number and not self._session.unwell:
                raise SignInRefused("no authority", self._session.number) from None
            raise
        if "access_token" not in answer and self._session.unwell:
            raise TenantUnreachable(f"login: {answer.get('error', 'unwell')}")
        if "access_token" not in answer:
            codes = answer.get("error_codes") or [0]
            raise SignInRefused(str(answer.get("error", "no token")), int(codes[0]))
        return answer

    def _acquired(self, scope: str) -> dict[str, Any]:
        app = self._make()
        if isinstance(app, msal.ManagedIdentityClient):
            found: dict[str, Any] = app.acquire_token_for_client(resource=scope.removesuffix("/.default"))
        else:
            found = app.acquire_token_for_client(scopes=[scope])
        return found


def roles(token: str) -> frozenset[str] | None:
    """The permissions in a token for Graph; None where it is none or can't be read. For a diagnosis, never a decision:
    Microsoft promises nothing about a token's inside, and no signature is looked at."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    if "graph.microsoft" not in str(claims.get("aud")) and claims.get("aud") != GRAPH_APP:
        return None
    return frozenset(map(str, claims.get("roles") or ()))


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
        session.trust_env = False  # the identity's address is the machine's own: a proxy elsewhere can't answer for it
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
