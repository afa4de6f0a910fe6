"""Examples of what check answers to an admin."""

from bot.check import command
from bot.check.finding import AREAS, do, info, ok, unseen
from dialogs.words.replies import Reply

_WRONG = (
    do("credential", "secret_ends", date="2026-12-09", days="12"),
    do(
        "permissions",
        "missing.DeviceManagementManagedDevices_Read_All",
        permission="DeviceManagementManagedDevices.Read.All",
    ),
    do("approvers", "distribution_list", setting="PINBOT_APPROVER_GROUP_ID", group="PIN Reset Approvers"),
)
_RIGHT = (
    ok("settings", "read"),
    ok("login", "signed_in"),
    ok("clock", "right"),
    ok("connector", "accepted"),
    ok("database", "today"),
)
_GOOD_TO_KNOW = (info("rollout", "consent"), info("backup", "never"))


async def replies() -> dict[str, Reply]:
    """By name."""
    nothing_seen = tuple(unseen(area, "not_signed_in") for area in AREAS[3:11])
    return {
        "check: looking": command.LOOKING,
        "check: three things to do": command.card((*_WRONG, *_RIGHT, *_GOOD_TO_KNOW, unseen("intune", "late"))),
        "check: the secret has expired": command.card((do("login", "secret_expired", number="7000222"), *nothing_seen)),
        "check: not all was seen": command.card((*_RIGHT, unseen("intune", "no_answer"))),
        "check: all is right": command.card((*_RIGHT, *_GOOD_TO_KNOW)),
    }
