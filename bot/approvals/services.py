"""What the commands of this room are given by bot.app."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.approvals.kind import Kinds
from bot.approvals.service import Approvals
from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.turn import Sent
from bot.store.audit import AuditEntry
from bot.store.outbox import Notification
from bot.store.records import Request
from bot.tenant import People, Roles


async def _nothing(_most: int) -> list[Notification]:
    return []


@dataclass(frozen=True, slots=True)
class ApprovalServices:
    """`audit`: the rows since a moment, oldest first. `remember`: where a copy of a request's card is, and whose chat;
    `shows`: is this message such a copy? `unreached`: approvers without a copy, to whom the bot can't write.
    `undelivered`: so many of the notifications that Teams did not take yet."""

    tenant_id: str
    approvals: Approvals
    kinds: Kinds
    roles: Roles
    people: People
    audit: Callable[[datetime], Awaitable[list[AuditEntry]]]
    files: Files
    remember: Callable[[int, Sent, str], Awaitable[None]]
    shows: Callable[[int, Sent], Awaitable[bool]]
    unreached: Callable[[Request], Awaitable[frozenset[str]]]
    help_desk: HelpDesk
    now: Callable[[], datetime]
    deadlines: Deadlines = STANDARD
    undelivered: Callable[[int], Awaitable[list[Notification]]] = _nothing
