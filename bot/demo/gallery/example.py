"""What a command answers in the company of the examples."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import IO, cast

from bot.answers.services import AnswerServices
from bot.approvals.service import Approvals
from bot.approvals.services import ApprovalServices
from bot.changes.kinds import kinds
from bot.changes.services import ChangeServices, Planning
from bot.chat.command import Asked
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Channel, Sent, Turn, TurnKind
from bot.check.services import CheckServices
from bot.commands import Services, commands
from bot.demo.gallery.company import ADMIN, CHANNEL, CHAT, FILLING, HELP_DESK, NOW, PERSON, TENANT
from bot.demo.gallery.fakes import ExampleChats, ExampleLookup, Filed, Handing, NoDevices
from bot.demo.gallery.tenant import ExampleTenant
from bot.help.services import HelpServices
from bot.helpdesk.services import HelpDeskServices, LookupServices
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Trust
from bot.store.audit import AuditEntry
from bot.store.conversations import Conversations
from bot.store.gaps import Gaps
from bot.store.outbox import Notification
from bot.store.questions import Questions
from bot.store.records import Event, Request
from bot.tenant import (
    Devices,
    Lookup,
)
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.replies import Reply, Text
from dialogs.words.texts import FALLBACK


@dataclass(frozen=True, slots=True)
class Example:
    """What an example is about; everything else is as it mostly is."""

    tenant: ExampleTenant = field(default_factory=ExampleTenant)
    filed: Filed = field(default_factory=Filed)
    devices: Devices = field(default_factory=NoDevices)
    handing: Handing = field(default_factory=Handing)
    trust: Trust = Trust.UNKNOWN
    help_desk: HelpDesk = HELP_DESK
    files: bool = True
    audited: tuple[AuditEntry, ...] = (
        AuditEntry(1, NOW, Event.FILED.value, 12, ADMIN, {"digest": "222265c0f66b"}, "5f" * 32),
    )
    creates_apps: bool = False
    undelivered: tuple[Notification, ...] = ()  # that Teams did not take
    lookup: Lookup = field(default_factory=ExampleLookup)
    chats: Channel = field(default_factory=ExampleChats)
    seconds: float = 60.0  # until an answer has to go out
    waits: bool = False  # for what comes later, too
    awaits: bool = True  # one more PC, of which somebody wants to hear when it is ready
    now: datetime = NOW
    notices: tuple[Text, ...] = ()  # what the last check found

    @property
    def services(self) -> Services:
        """What the commands of all rooms get."""
        tenant, gaps, files = self.tenant, cast("Gaps", self.handing), Files(self.files, _upload)
        conversations = cast("Conversations", self.handing)
        return Services(
            help=HelpServices(tenant, tenant, self.help_desk, gaps),
            pin_reset=PinResetServices(self.devices, self.trust, self.help_desk, FILLING, _now, self),
            changes=ChangeServices(self.planning, self.requests, tenant, conversations, lambda: self.notices),
            answers=AnswerServices(FILLING, gaps, self.help_desk, files, _now),
            helpdesk=HelpDeskServices(
                TENANT,
                CHANNEL if self.help_desk.takes_questions else "",
                30,
                cast("Questions", self.handing),
                conversations,
                self.devices,
                tenant,
                self.help_desk,
                self.languages,
                _now,
            ),
            check=cast("CheckServices", None),  # nobody asks an example for it: its card is drawn from findings
            lookup=self._lookup,
        )

    async def wait(self, object_id: str, device: str, language: str) -> bool:  # noqa: ARG002 - as AwaitedPcs
        """Kept nowhere."""
        return self.awaits

    @property
    def languages(self) -> Languages:
        """Nobody told one."""
        return Languages(self.handing, self.tenant, FALLBACK, 1.0)

    @property
    def _lookup(self) -> LookupServices:
        return LookupServices(
            lookup=self.lookup,
            devices=self.devices,
            roles=self.tenant,
            trust=self.trust,
            help_desk=self.help_desk,
            languages=self.languages,
            conversations=cast("Conversations", self.handing),
            chats=self.chats,
            audit=_unwritten,
            chat_of=partial(self.handing.personal_of, TENANT),
            now=_now,
            has_group=True,
        )

    @property
    def planning(self) -> Planning:
        """What plans are worked out from."""
        approvals, login_url = cast("Approvals", self.filed), "https://login.microsoftonline.com"
        return Planning(TENANT, login_url, self.creates_apps, self.tenant, self.tenant.sources, self.tenant, approvals)

    @property
    def requests(self) -> ApprovalServices:
        """What the approvals' own commands get."""
        return ApprovalServices(
            TENANT,
            cast("Approvals", self.filed),
            kinds(self.planning),
            self.tenant,
            self.tenant,
            _Trail(self.audited),
            Files(self.files, _upload),
            _nowhere,
            _everywhere,
            _nobody,
            self.help_desk,
            self.languages,
            lambda: self.now,
            undelivered=self._undelivered,
        )

    async def _undelivered(self, _most: int) -> list[Notification]:
        return [*self.undelivered]

    async def said(self, key: str, *, person: str = ADMIN, **values: str) -> Reply:
        """What a command answers. `key`: an intent or a verb of it."""
        command = next(one for one in commands(self.services) if key in (*one.intents, *one.verbs))
        turn = Turn(
            TurnKind.MESSAGE,
            "1",
            replace(PERSON, object_id=person),
            CHAT,
            text=values.get("text", ""),
            secret=HIDDEN in str(values),
        )
        until = asyncio.get_running_loop().time() + self.seconds
        answer = await command.run(Asked(turn, until, key, pressed=key not in command.intents), values)
        return await answer.later() if self.waits and answer.later else answer.reply


LATER = NOW + timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Trail:
    """An audit of these rows."""

    rows: tuple[AuditEntry, ...]

    async def newest(self, most: int) -> list[AuditEntry]:
        return [*self.rows[-most:]]

    async def size(self) -> tuple[int, int]:
        return len(self.rows), 0

    async def slices(self) -> AsyncIterator[list[AuditEntry]]:
        yield [*self.rows]


async def _nowhere(_request: int, _sent: Sent, _object_id: str) -> None: ...


async def _everywhere(_request: int, _sent: Sent) -> bool:
    return True


async def _nobody(_request: Request) -> frozenset[str]:
    return frozenset()


async def _unwritten(_event: Event, _actor: str, _detail: Mapping[str, str]) -> None:
    """Examples keep no audit."""


async def _upload(_url: str, _content: bytes | IO[bytes]) -> None:
    """Examples send no file."""


def _now() -> datetime:
    return NOW


KINDS = Example().requests.kinds
