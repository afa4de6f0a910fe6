"""What surrounds the bot: Teams' connector and keys, its own address from outside, and what it keeps."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.check.condition import Condition, Stranger, Tables
from bot.check.finding import Finding, do, info, ok, unseen
from bot.check.services import CheckServices
from bot.check.signing_in import mistake
from bot.errors import SignInRefused
from bot.teams.reach import NOWHERE, Answerer, Endpoint
from bot.tenant.credentials import ENDS_SOON
from dialogs.words.replies import Names, Text
from dialogs.words.texts import below

OUT_OF_REACH = frozenset({"login", "permissions", "graph", "connector", "keys", "key_list"})  # what /readyz calls so
BACKUP_OLD = timedelta(days=7)


async def connector(services: CheckServices) -> tuple[Finding, ...]:
    """Asked for a conversation that there is not: that it knows none is the answer that is hoped for."""
    try:
        answer = await services.teams.conversation(NOWHERE)
    except SignInRefused as refused:
        return (mistake("login", refused, managed=services.identity.credential.is_managed),)
    if answer.status == 401:
        return (do("connector", "refused"),)
    if not answer.status:
        return (do("connector", "silent"),)
    if answer.status == 429 or answer.status >= 500:
        return (unseen("connector", "unwell"),)
    return (ok("connector", "accepted"),)


async def keys(services: CheckServices) -> tuple[Finding, ...]:
    """Without them no call of Teams can be believed."""
    return (ok("keys", "read") if await services.teams.keys_answer() else do("keys", "silent"),)


async def endpoint(services: CheckServices) -> tuple[Finding, ...]:
    """As far as it can be seen from this machine."""
    url = services.wanted.public_url
    if not url:
        return (info("endpoint", "not_set"),)
    found = await services.teams.endpoint(url)
    if found.front is not Answerer.BOT:
        return (do("endpoint", found.front.value, url=url),)
    return (ok("endpoint", "bot", url=url), *_certificate(found, services.now()))


def _certificate(found: Endpoint, now: datetime) -> Iterable[Finding]:
    if found.ends is not None:
        date, left = found.ends.astimezone(UTC).date(), found.ends - now
        yield (do if left < ENDS_SOON else ok)("endpoint", "ends" if left < ENDS_SOON else "lasts", date=date)


async def teams_channel(services: CheckServices) -> tuple[Finding]:
    """Whether it is on can't be asked; but when Teams has called, it was, and said where to answer."""
    url = await services.heard_from() if services.started else ""
    return (ok("teams_channel", "heard", url=url) if url else info("teams_channel", "not_heard"),)


async def channels(services: CheckServices) -> tuple[Finding, ...]:
    """Those that the settings name: are they there, with the bot in their team?"""
    return tuple([await _channel(services, name, one) for name, one in services.wanted.channels.items() if one])


async def _channel(services: CheckServices, setting: str, channel_id: str) -> Finding:
    answer = await services.teams.conversation(channel_id)
    if answer.status == 200:
        return ok("channels", "there", setting=setting)
    if answer.status == 403:
        return do("channels", "not_in_team", setting=setting)
    if answer.status in {400, 404}:
        return do("channels", "unknown", setting=setting)
    return unseen("channels", "no_connector" if answer.status == 401 else "unwell")


async def stored(services: CheckServices) -> tuple[Finding, ...]:
    """The database, its audit, its last copy."""
    found = await services.condition()
    if found.shape in {Tables.NONE, Tables.OLDER}:
        database = info("database", found.shape.value)
    else:
        database = (ok if found.shape is Tables.TODAY else do)("database", found.shape.value)
    if found.shape not in {Tables.TODAY, Tables.OLDER}:
        return (database,)
    if found.stranger is Stranger.TENANT:
        return (do("database", found.stranger.value), _audit(found), _backup(found, services.now()))
    return (database, _audit(found), _backup(found, services.now()))


def _audit(found: Condition) -> Finding:
    """Where no key opens even the first row, it is the keys that are wrong."""
    if found.audit is None:
        return do("audit", "unreadable")
    if found.audit.broken == 1 and found.stranger in {Stranger.KEY, Stranger.KEYS_BEFORE}:
        return do("audit", found.stranger.value)
    if found.audit.broken is not None:
        return do("audit", "broken", row=str(found.audit.broken))
    return ok("audit", "sound", count=found.audit.rows)


def _backup(found: Condition, now: datetime) -> Finding:
    if found.copied is None:
        return info("backup", "never")
    date = found.copied.date()
    return do("backup", "old", date=date) if now - found.copied > BACKUP_OLD else ok("backup", "taken", date=date)


async def running(services: CheckServices) -> tuple[Finding, ...]:
    """As /readyz says it."""
    silent = await services.silent()
    if silent is None:
        return (info("running", "not_here"),)
    if not silent:
        return (ok("running", "alive"),)
    own = set(silent) - OUT_OF_REACH  # the others have lines of their own
    return ((do if own else info)("running", "silent" if own else "waits", parts=Names(tuple(map(part, silent)))),)


def part(name: str) -> Text | str:
    """What it does, beside its name in the log; a bot of another version may say more of itself."""
    return Text(f"check.part.{name}", {"name": name}) if name in below("check.part.") else name
