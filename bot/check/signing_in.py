"""Can the bot sign in, by a clock that is right, with a secret that lasts, and what may it then do?"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.check.finding import Finding, do, info, ok, unseen
from bot.check.permissions import Granted, Judged, judged, wanted_sets
from bot.check.services import CheckServices
from bot.errors import BotError, SignInRefused
from bot.tenant.credentials import ENDS_SOON, certificate_ends
from bot.tenant.login import roles
from bot.tenant.models import AppSecret

APART = timedelta(minutes=5)  # of two clocks: beyond that Teams' calls and certificates are refused
HINT = 3  # characters of a secret that Entra shows

# Entra's numbers. Microsoft may add to them, so that what is not here is told as it is.
MISTAKES = {
    90002: "tenant_unknown",
    90038: "other_cloud",
    900382: "other_cloud",
    500011: "other_cloud",
    700016: "app_unknown",
    7000229: "app_unknown",
    7000112: "app_disabled",
    7000215: "secret_wrong",
    7000222: "secret_expired",
    700024: "assertion_time",
    700027: "certificate_unknown",
    **dict.fromkeys((70021, 700211, 700212, 700213), "federation"),
    53003: "blocked",
    530035: "blocked",
}


async def login(services: CheckServices) -> tuple[Finding]:
    """The one that most others wait for."""
    try:
        await services.token()
    except SignInRefused as refused:
        return (mistake("login", refused, managed=services.identity.credential.is_managed),)
    return (ok("login", "signed_in"),)


def mistake(area: str, refused: SignInRefused, *, managed: bool) -> Finding:
    """The refusal in words, with its number."""
    if managed and not refused.number:
        return do(area, "identity_missing", error=refused.error)
    known = MISTAKES.get(refused.number)
    if known:
        return do(area, known, number=str(refused.number))
    return do(area, "refused", error=refused.error, number=str(refused.number))


async def clock(services: CheckServices) -> tuple[Finding]:
    """Against the login service's, as it stood in its last answer."""
    theirs = services.their_time()
    if theirs is None:
        return (unseen("clock", "no_answer"),)
    apart = services.now() - theirs
    if abs(apart) <= APART:
        return (ok("clock", "right"),)
    name = "ahead" if apart > timedelta() else "behind"
    return (do("clock", name, minutes=round(abs(apart).total_seconds() / 60)),)


async def credential(services: CheckServices) -> tuple[Finding]:
    """When it ends. What a certificate says needs no tenant; a secret's end only Entra knows."""
    used = services.identity.credential
    if used.is_managed or used.token_file:
        return (ok("credential", "managed" if used.is_managed else "federated"),)
    if used.certificate:
        return (_ending("certificate", await asyncio.to_thread(certificate_ends, used.certificate), services.now()),)
    secrets = await services.tenant.secrets(services.identity.app_id)
    if secrets is None:
        return (do("credential", "is_an_identity"),)
    secret = str(await asyncio.to_thread(used.for_msal))
    ends = _end_of_secret(secrets, secret[:HINT], services.now())
    return (unseen("credential", "which_secret") if ends is None else _ending("secret", ends, services.now()),)


def _end_of_secret(found: Iterable[AppSecret], hint: str, now: datetime) -> datetime | None:
    """Of those that begin like ours the first to end from now on: with an ended one there was no signing in."""
    alike = (one.end_date_time for one in found if hint and one.hint == hint)
    return min((end for end in alike if end and end > now), default=None)


def _ending(kind: str, ends: datetime, now: datetime) -> Finding:
    left, date = ends - now, ends.astimezone(UTC).date()
    if left < timedelta():
        return do("credential", f"{kind}_ended", date=date)
    if left < ENDS_SOON:
        return do("credential", f"{kind}_ends", date=date, days=left.days)
    return ok("credential", f"{kind}_lasts", date=date)


async def permissions(services: CheckServices) -> tuple[Finding, ...]:
    """What stands in the token that the bot works with; for what is missing there, whether it was granted since."""
    granted = roles(await services.token())
    if granted is None:
        return (unseen("permissions", "token"),)
    wanted = wanted_sets(writes=services.wanted.writes, creates_apps=services.wanted.creates_apps)
    findings = [*judged(granted, wanted)]
    since = await _granted_since(services)
    if not granted and not since:
        return (do("permissions", "none"),)
    return tuple(_permission(one, since) for one in findings)


async def _granted_since(services: CheckServices) -> frozenset[str]:
    try:
        return await services.tenant.granted_roles(services.identity.app_id)
    except BotError:  # it takes a permission too
        return frozenset()


def _permission(one: Judged, since: frozenset[str]) -> Finding:
    slug = one.name.replace(".", "_")
    if one.granted is Granted.YES:
        return ok("permissions", "granted", permission=one.name)
    if one.granted is Granted.COVERED:
        return info("permissions", "covered", permission=one.name, by=one.by)
    if one.granted is Granted.NOT_NEEDED:
        return (
            do("permissions", "superfluous", permission=one.name)
            if _changes(one.name)
            else info("permissions", "unused", permission=one.name)
        )
    if one.role_id in since:
        return do("permissions", "waiting", permission=one.name)
    if one.granted is Granted.MISSING:
        return do("permissions", f"missing.{slug}", permission=one.name)
    return info("permissions", f"missing.{slug}", permission=one.name)


def _changes(permission: str) -> bool:
    """Can somebody who steals the bot's token do harm with it, and not only read?"""
    return ".Read." not in f"{permission}." or "ReadWrite" in permission
