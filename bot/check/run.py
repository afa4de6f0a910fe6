"""All looks at once, after the sign-in that most of them need, within a time that is handed in. Nothing is written."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.check import around, in_tenant, people, signing_in
from bot.check.finding import AREAS, Finding, Level, ok, unseen
from bot.check.services import CheckServices
from bot.errors import BotError, NotPermitted, StoreUnavailable, TenantUnreachable, where

log = logging.getLogger(__name__)

SECONDS = 20.0  # for all looks together
_WHY = {TimeoutError: "late", NotPermitted: "not_permitted", TenantUnreachable: "no_answer", StoreUnavailable: "store"}


@dataclass(frozen=True, slots=True)
class Probe:
    """`area`: what it is about, or the first of several. `signed_in`: it needs a token for Graph."""

    area: str
    act: Callable[[CheckServices], Awaitable[Sequence[Finding]]]
    signed_in: bool = True


LOGIN = Probe("login", signing_in.login, signed_in=False)
LOOKS = (
    Probe("clock", signing_in.clock, signed_in=False),
    Probe("credential", signing_in.credential),
    Probe("permissions", signing_in.permissions),
    Probe("intune", in_tenant.intune),
    Probe("admins", people.groups),
    Probe("rollout", in_tenant.rollout),
    Probe("second_approval", in_tenant.second_approval),
    Probe("connector", around.connector),
    Probe("keys", around.keys, signed_in=False),
    Probe("endpoint", around.endpoint, signed_in=False),
    Probe("teams_channel", around.teams_channel, signed_in=False),
    Probe("app", in_tenant.app),
    Probe("channels", around.channels),
    Probe("database", around.stored, signed_in=False),
    Probe("running", around.running, signed_in=False),
)

Progress = Callable[[Sequence[Finding]], None]


def _nobody(_found: Sequence[Finding]) -> None:
    """Nobody follows."""


async def check(services: CheckServices, seconds: float = SECONDS, progress: Progress = _nobody) -> tuple[Finding, ...]:
    """Everything, in the order of an operator. `progress` is told of each look when it is done."""
    until = asyncio.get_running_loop().time() + seconds
    first = await _found(LOGIN, services, until, progress)
    signed_in = all(one.state is Level.OK for one in first)
    looks = [one for one in LOOKS if signed_in or not one.signed_in or _is_in_a_file(one, services)]
    found = await asyncio.gather(*(_found(one, services, until, progress) for one in looks))
    skipped = [unseen(one.area, "not_signed_in") for one in LOOKS if one not in looks]
    all_found = [ok("settings", "read"), *first, *(one for each in found for one in each), *skipped]
    findings = tuple(sorted(all_found, key=lambda one: AREAS.index(one.area)))
    services.kept.keep(findings)
    return findings


def _is_in_a_file(look: Probe, services: CheckServices) -> bool:
    """A certificate's end is in its file."""
    return look.area == "credential" and services.identity.credential.certificate is not None


async def _found(look: Probe, services: CheckServices, until: float, progress: Progress) -> Sequence[Finding]:
    """Whatever goes wrong in one look is told in its place, and the others go on."""
    try:
        async with asyncio.timeout_at(until):
            found = await look.act(services)
    except (BotError, TimeoutError) as error:
        found = (unseen(look.area, next((why for kind, why in _WHY.items() if isinstance(error, kind)), "refused")),)
    except Exception as error:  # noqa: BLE001 - a look that fails says nothing about the others
        log.error("check: %s failed: %s", look.area, where(error))  # noqa: TRY400 - a traceback would carry ids
        found = (unseen(look.area, "failed"),)
    progress(found)
    return found
