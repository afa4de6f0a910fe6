"""Examples of what check answers to an admin: what an operator meets, and each line that a look can come to."""

from collections.abc import Iterator, Mapping
from datetime import date

from bot.check import command
from bot.check.around import part
from bot.check.finding import AREAS, Finding, Level, do, info, ok, unseen
from bot.check.permissions import EXTRAS, permissions
from dialogs.words.replies import Names, Reply, Value
from dialogs.words.texts import below

_VALUES: Mapping[str, Value] = {
    "authority": "sccm",
    "by": "Directory.Read.All",
    "count": 3,
    "date": date(2026, 12, 9),
    "days": 12,
    "error": "invalid_client",
    "group": "PIN Reset Approvers",
    "id": "5a3c1f0e-9d2b-4e86-8c57-2b1d4f6a7e90",
    "minutes": 9,
    "needed": 4,
    "number": "7000222",
    "parts": Names(tuple(map(part, (*below("check.part."), "of another version")))),
    "permission": "User.Read.All",
    "reached": 2,
    "row": "17",
    "setting": "PINBOT_APPROVER_GROUP_ID",
    "url": "https://pinbot.example.com",
}
_RIGHT = {
    "settings": "read",
    "login": "signed_in",
    "clock": "right",
    "credential": "managed federated secret_lasts certificate_lasts",
    "permissions": "granted",
    "intune": "licensed",
    "approvers": "members in_channel reached",
    "roles": "enough",
    "rollout": "nothing",
    "second_approval": "not_wanted",
    "connector": "accepted",
    "keys": "read",
    "endpoint": "bot lasts",
    "teams_channel": "heard",
    "app": "there",
    "channels": "there",
    "database": "today",
    "audit": "sound",
    "backup": "taken",
    "running": "alive",
}
_KNOWN = {
    "permissions": "covered unused",
    "intune": "authority",
    "admins": "dynamic owners_add",
    "approvers": "not_met given",
    "rollout": "consent elsewhere",
    "second_approval": "wanted",
    "endpoint": "not_set",
    "teams_channel": "not_heard",
    "app": "not_seen",
    "database": "none older",
    "backup": "never",
    "running": "not_here waits",
}
_WRONG = {
    "login": (
        "tenant_unknown other_cloud app_unknown app_disabled secret_wrong secret_expired certificate_unknown "
        "assertion_time federation blocked identity_missing refused"
    ),
    "clock": "ahead behind",
    "credential": "is_an_identity secret_ends certificate_ends certificate_ended",
    "permissions": "none waiting superfluous",
    "intune": "no_licence",
    "approvers": "missing distribution_list no_security_group empty nobody_counts unreachable",
    "roles": "same_group one_person too_few",
    "rollout": "app_disabled conflict switched_off",
    "connector": "refused silent",
    "keys": "silent",
    "endpoint": "silent certificate unserved other ends",
    "app": "absent waits",
    "channels": "not_in_team unknown",
    "database": "newer unreadable other_tenant network_share",
    "audit": "broken unreadable other_key keys_before",
    "backup": "old",
    "running": "silent",
}
_UNSEEN = (
    "no_answer late not_permitted not_signed_in refused failed store token which_secret members unwell no_connector"
)
_DAYS: dict[str, tuple[Finding, ...]] = {
    "check: three things to do": (
        do("credential", "secret_ends", date=date(2026, 12, 9), days=12),
        do("permissions", "missing.Device_Read_All", permission="Device.Read.All"),
        do("approvers", "distribution_list", setting="PINBOT_APPROVER_GROUP_ID", group="PIN Reset Approvers"),
        ok("settings", "read"),
        ok("login", "signed_in"),
        info("rollout", "consent"),
        info("backup", "never"),
        unseen("intune", "late"),
    ),
    "check: the secret has expired": (
        do("login", "secret_expired", number="7000222"),
        *(unseen(area, "not_signed_in") for area in AREAS[3:11]),
    ),
    "check: not all was seen": (ok("login", "signed_in"), unseen("intune", "no_answer")),
    "check: all is right": (ok("login", "signed_in"), ok("connector", "accepted"), info("backup", "never")),
}


async def replies() -> dict[str, Reply]:
    """By name."""
    wrong = [*_each(Level.DO, _WRONG), *_missing()]
    lists = [wrong[first : first + command.MOST_LISTED] for first in range(0, len(wrong), command.MOST_LISTED)]
    cards = _DAYS | {f"check: what may be wrong, {number}": tuple(one) for number, one in enumerate(lists, 1)}
    cards["check: more than a card lists"] = tuple(wrong)
    cards["check: what may be known"] = (*_each(Level.OK, _RIGHT), *_each(Level.INFO, _KNOWN))
    cards["check: what may not be seen"] = tuple(unseen("connector", why) for why in _UNSEEN.split())
    return {"check: looking": command.LOOKING, **{name: command.card(found) for name, found in cards.items()}}


def _each(level: Level, lines: dict[str, str]) -> Iterator[Finding]:
    return (Finding(area, name, level, _VALUES) for area, names in lines.items() for name in names.split())


def _missing() -> Iterator[Finding]:
    for one in permissions():
        name = f"missing.{one.name.replace('.', '_')}"
        yield Finding("permissions", name, Level.INFO if one.set in EXTRAS else Level.DO, {"permission": one.name})
