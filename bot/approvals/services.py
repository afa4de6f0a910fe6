"""What the commands of this room are given by bot.app."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.approvals.kind import Kinds
from bot.approvals.service import Approvals
from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Sent
from bot.store.audit import AuditEntry
from bot.store.outbox import Notification
from bot.store.records import Request
from bot.tenant import People, Roles


async def _nothing(_most: int) -> list[Notification]:
    return []


class AuditTrail(Protocol):
    """See bot.store.audit.Trail."""

    async def newest(self, most: int) -> list[AuditEntry]: ...

    async def size(self) -> tuple[int, int]: ...

    def slices(self) -> AsyncIterator[list[AuditEntry]]: ...


@dataclass(frozen=True, slots=True)
class ApprovalServices:
    """`remember`: where a copy of a request's card is, and whose chat;
    `shows`: is this message such a copy? `unreached`: approvers without a copy, to whom the bot can't write.
    `undelivered`: so many of the notifications that Teams did not take yet."""

    tenant_id: str
    approvals: Approvals
    kinds: Kinds
    roles: Roles
    people: People
    audit: AuditTrail
    files: Files
    remember: Callable[[int, Sent, str], Awaitable[None]]
    shows: Callable[[int, Sent], Awaitable[bool]]
    unreached: Callable[[Request], Awaitable[frozenset[str]]]
    help_desk: HelpDesk
    languages: Languages
    now: Callable[[], datetime]
    deadlines: Deadlines = STANDARD
    undelivered: Callable[[int], Awaitable[list[Notification]]] = _nothing
