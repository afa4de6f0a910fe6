"""A tenant that tells what an example says: what commands ask for, answered from data."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import IO, Any, cast

from bot.answers.services import AnswerServices
from bot.approvals.kind import Ending
from bot.approvals.policy import Who
from bot.approvals.service import MOST_LISTED, Approvals
from bot.approvals.services import ApprovalServices
from bot.approvals.upkeep import Behind
from bot.changes.kinds import kinds
from bot.changes.services import ChangeServices, Planning
from bot.changes.tenant_state import FILTERS_PATH, PROFILES_PATH, TenantState, oma_uri
from bot.chat.command import Asked
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Channel, FileOffer, Person, Place, PlaceKind, Sent, Turn, TurnKind
from bot.check.services import CheckServices
from bot.commands import Services, commands
from bot.errors import BotError, NotFound, NotSent
from bot.help.services import HelpServices
from bot.helpdesk.services import HelpDeskServices, LookupServices
from bot.pin_reset.services import PinResetServices
from bot.reset_rules import profiles as profiles_of_intune
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Account, Standing, Trust
from bot.reset_rules.sources import RecoverySource, Rows, Scope, Setting, SourceKind
from bot.store.audit import AuditEntry
from bot.store.conversations import Conversations
from bot.store.gaps import Gap, Gaps, Votes
from bot.store.outbox import Notification
from bot.store.questions import NewQuestion, Question, Questions, Stage
from bot.store.records import Event, Freeze, Request, RequestPage, State
from bot.tenant import (
    Devices,
    FoundPcs,
    FoundPeople,
    GraphCall,
    Group,
    Lookup,
    Overview,
    PersonsPcs,
    WriteResult,
)
from bot.tenant.apps import APPS_PATH
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.replies import Reply, Text
from dialogs.words.texts import FALLBACK

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TENANT = "0b1a6d6c-7f0e-4a53-9c1e-3f3f0c0a1b2c"
ADMIN, APPROVER, OTHER = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
HELPER = "00000000-0000-4000-8000-000000000004"  # of the help desk
ACCOUNTS = {
    ADMIN: Account(ADMIN, "Ada Brandt", "admin@contoso.example"),
    APPROVER: Account(APPROVER, "Priya Nair", "approver@contoso.example"),
    OTHER: Account(OTHER, "Tom Becker", "approver3@contoso.example"),
}
CHANNEL = "19:help-desk@thread.tacv2"
PERSON = Person(TENANT, ADMIN, "29:admin", "Ada Brandt")
CHAT = Place(PlaceKind.PERSONAL, CHANNEL, TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
HELP_DESK = HelpDesk("extension 4357", takes_questions=True)
FILLING = {"tenant_id": TENANT, "oma_uri": oma_uri(TENANT)}
PILOT = Group("10000000-0000-4000-8000-000000000001", "Pilot Ring", users=0, devices=480)
FINANCE = Group("10000000-0000-4000-8000-000000000002", "Finance Laptops", users=0, devices=120)
KIOSKS = Group("10000000-0000-4000-8000-000000000003", "Kiosk Devices", users=0, devices=35)
TWIN = Group("10000000-0000-4000-8000-000000000004", "Pilot Ring", users=12, devices=0)
PROFILE = "20000000-0000-4000-8000-000000000001"


def app(app_id: str, *, enabled: bool = True) -> dict[str, Any]:
    """A service principal."""
    return {"id": app_id, "appId": app_id, "accountEnabled": enabled}


def profile(value: object = True, uri: str = "", name: str = "Use PIN Recovery", number: int = 1) -> dict[str, Any]:
    """A custom profile with the setting."""
    kind = "Boolean" if isinstance(value, bool) else "String"
    row = {
        "@odata.type": f"#microsoft.graph.omaSetting{kind}",
        "displayName": "PIN Reset Settings",
        "omaUri": uri or oma_uri(TENANT),
        "value": value,
    }
    return {"id": f"{PROFILE[:-12]}{number:012}", "displayName": name, "omaSettings": [row]}


def target(group: Group, *, excluded: bool = False) -> dict[str, Any]:
    """A row of an assignment."""
    kind = "exclusionGroupAssignmentTarget" if excluded else "groupAssignmentTarget"
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", "groupId": group.id}}


NOT_FROZEN = Freeze(frozen=False, revision=0)
BOTH_APPS = (app(PIN_SERVICE), app(PIN_CLIENT))
SETS: Mapping[str, tuple[Setting, ...]] = {
    "on": (Setting(Scope.DEVICE, True),),
    "off": (Setting(Scope.DEVICE, False),),
    "mixed": (Setting(Scope.DEVICE, True), Setting(Scope.USER, False)),
    "contradiction": (Setting(Scope.DEVICE, True), Setting(Scope.DEVICE, False)),
    "unread": (),
}
EVERYBODY = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
UNREAD = RecoverySource(SourceKind.CATALOG, assignments=None, is_read=False)


def policy(
    sets: str = "on",
    kind: SourceKind = SourceKind.CATALOG,
    assignments: Rows | None = (EVERYBODY,),
    name: str = "Windows Hello baseline",
) -> RecoverySource:
    """A policy beside custom profiles; `sets`: a key of SETS."""
    number = f"{[*SourceKind].index(kind)}{[*SETS].index(sets)}"
    settings = SETS[sets]
    if (kind, sets) == (SourceKind.TEMPLATE, "off"):
        settings = (Setting(Scope.DEVICE, False, certain=False),)
    policy_id = f"30000000-0000-4000-8000-0000000000{number}"
    return RecoverySource(kind, policy_id, name, settings, assignments, is_read=sets != "unread")


BASELINE = (policy(),)
POLICIES = (
    policy("on", SourceKind.TEMPLATE),
    policy("off", SourceKind.TEMPLATE),
    *(policy(sets, kind) for kind in (SourceKind.CATALOG, SourceKind.ACCOUNT_PROTECTION) for sets in SETS),
    *(policy(sets, SourceKind.INTENT) for sets in ("on", "off", "contradiction", "unread")),
    *(replace(UNREAD, kind=kind) for kind in (SourceKind.CATALOG, SourceKind.TEMPLATE, SourceKind.INTENT)),
)


def sources(
    profiles: Iterable[Any], targets: Rows | None = (), others: Iterable[RecoverySource] = ()
) -> tuple[RecoverySource, ...]:
    """Custom profiles, all with these assignments, and policies beside them."""
    custom = (profiles_of_intune.custom(one, TENANT, targets) for one in profiles)
    return (*(one for one in custom if one), *others)


def tenant_state(
    apps: tuple[Any, ...], profiles: Iterable[Any], targets: Rows | None = (), others: Iterable[RecoverySource] = ()
) -> TenantState:
    """A tenant as it was read."""
    return TenantState(TENANT, apps, sources(profiles, targets, others))


@dataclass(frozen=True, slots=True)
class ExampleTenant:
    """Fits Writes, Rollout, Groups, People and Roles of bot.tenant; `sources` fits Sources."""

    apps: tuple[dict[str, Any], ...] = BOTH_APPS
    profiles: tuple[dict[str, Any], ...] = ()
    targets: tuple[dict[str, Any], ...] = ()
    policies: tuple[RecoverySource, ...] = ()  # what else sets the value
    grant: bool | BotError = True  # an error: it can't be read
    figures: Overview | None = None
    known: tuple[Group, ...] = (PILOT, FINANCE, KIOSKS)
    filters: tuple[dict[str, Any], ...] = ()  # of assignments

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """Rows by their path."""
        if path.endswith("/oauth2PermissionGrants"):
            return self._grants()
        known = {APPS_PATH: self.apps, PROFILES_PATH: self.profiles, FILTERS_PATH: self.filters}
        return known.get(path, self.targets)

    @property
    def sources(self) -> "ExampleSources":
        """As told."""
        return ExampleSources(sources(self.profiles, self.targets, self.policies))

    def _grants(self) -> tuple[Mapping[str, Any], ...]:
        if isinstance(self.grant, BotError):
            raise self.grant
        return ({"consentType": "AllPrincipals", "resourceId": PIN_SERVICE},) if self.grant else ()

    async def send(self, call: GraphCall) -> WriteResult:
        """Examples write nothing."""
        raise AssertionError(call.path)

    async def overview(self, _profile_id: str) -> Overview:
        """The figures."""
        if self.figures is None:
            raise NotFound("gallery")
        return self.figures

    async def find(self, name_or_id: str) -> tuple[Group, ...]:
        """By name or id."""
        return tuple(group for group in self.known if name_or_id in {group.id, group.name})

    async def like(self, name: str, most: int = 3) -> tuple[Group, ...]:  # noqa: ARG002 - as Groups
        """Those of the two that begin with the same letter."""
        return tuple(one for one in (FINANCE, PILOT) if one in self.known and one.name.startswith(name[:1].upper()))

    async def pcs(self, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Each has its own, as many as it says."""
        wanted = set(ids)
        return {
            group.id: {f"{group.id}{n}": f"CON-{group.name[:3].upper()}-{n + 1:04}" for n in range(group.devices)}
            for group in self.known
            if group.id in wanted
        }

    async def sizes(self, ids: Iterable[str]) -> dict[str, Group]:
        """By id."""
        return {group.id: group for group in self.known if group.id in set(ids)}

    async def account(self, object_id: str) -> Account:
        """Who it is."""
        return ACCOUNTS.get(object_id, Account(object_id, "Uma Keller", "user@contoso.example"))

    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:  # noqa: ARG002 - Roles has it
        """One admin."""
        return object_id == ADMIN

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:  # noqa: ARG002 - Roles has it
        """Two approvers."""
        return object_id in {APPROVER, OTHER}

    async def is_help_desk(self, object_id: str, *, fresh: bool = False) -> bool:  # noqa: ARG002 - Roles has it
        """Somebody else than admins and approvers."""
        return object_id == HELPER

    async def standing(self, object_id: str) -> Standing:  # noqa: ARG002 - Roles has it
        """Members all."""
        return Standing.MEMBER

    async def approvers(self) -> frozenset[str]:
        """The two."""
        return frozenset({APPROVER, OTHER})


@dataclass(frozen=True, slots=True)
class ExampleSources:
    """Fits Sources of bot.tenant."""

    found: tuple[RecoverySource, ...]

    async def read(self) -> tuple[RecoverySource, ...]:
        """As told."""
        return self.found


@dataclass(frozen=True, slots=True)
class Filed:
    """Requests as they are told; fits what commands read of Approvals."""

    requests: tuple[Request, ...] = ()
    freeze: Freeze | BotError = NOT_FROZEN
    read_only: bool = False
    behind: Behind | None = None

    async def frozen(self) -> Freeze:
        """As told."""
        if isinstance(self.freeze, BotError):
            raise self.freeze
        return self.freeze

    def nonce(self, _request: Request) -> str:
        """What buttons carry."""
        return "n" * 43

    async def request(self, number: int) -> Request | None:
        """By number."""
        return next((one for one in self.requests if one.number == number), None)

    async def waiting(self, after: int = 0) -> RequestPage:  # noqa: ARG002 - Approvals has it
        """The first page."""
        return self._page()

    async def in_state(self, state: State) -> list[Request]:
        """Those that stand there."""
        return [one for one in self.requests if one.state is state]

    async def verify(self, number: int, _who: Who, ending: Ending) -> Request:
        """As Approvals has it."""
        (found,) = [one for one in self.requests if one.number == number]
        return replace(found, state=State.DONE) if ending.ready else found

    async def open_of(self, object_id: str) -> list[Request]:
        """Of one person."""
        return [one for one in self.requests if one.requester == object_id]

    async def history(self, _days: int, before: int = 0) -> RequestPage:  # noqa: ARG002 - Approvals has it
        """The first page."""
        return self._page()

    async def clock_behind(self) -> Behind | None:
        """As told."""
        return self.behind

    async def set_clock_right(self, _who: Who) -> Behind:
        """From what was told."""
        assert self.behind
        return self.behind

    def _page(self) -> RequestPage:
        return RequestPage(self.requests[:MOST_LISTED], len(self.requests), more=len(self.requests) > MOST_LISTED)


@dataclass(frozen=True, slots=True)
class Handing:
    """Questions and gaps as they are told; fits what commands use of Questions, Places and Gaps."""

    questions: tuple[Question, ...] = ()
    gaps: tuple[Gap, ...] = ()
    votes: tuple[Votes, ...] = ()
    has_chats: bool = True

    async def ask(self, content: NewQuestion) -> Question | None:
        """A new one."""
        return Question(12, content, Stage.OPEN, 1, NOW)

    async def find(self, number: int) -> Question | None:
        """By number."""
        return next((one for one in self.questions if one.number == number), None)

    async def unanswered(self, most: int) -> list[Question]:
        """The first ones."""
        return [*self.questions[:most]]

    async def count_unanswered(self) -> int:
        """All."""
        return len(self.questions)

    async def move(self, question: Question, stage: Stage, **values: str) -> Question | None:
        """Nobody is faster."""
        return replace(question, stage=stage, revision=question.revision + 1, **values)  # type: ignore[arg-type]  # texts

    async def learn(self, _person: object, _place: object) -> None:
        """Known already."""

    async def personal_of(self, _tenant_id: str, _object_id: str) -> Place | None:
        """Of everybody."""
        return CHAT if self.has_chats else None

    async def lost(self, _object_id: str, _place: Place) -> None:
        """Examples keep nothing."""

    async def reachable(self, _tenant_id: str, people: Collection[str]) -> frozenset[str]:
        """All."""
        return frozenset(people)

    def note(self, _text: str, _answer: str = "") -> str:
        """Examples keep nothing."""
        return "0"

    def settled(self, _gap: str) -> None:
        """The same."""

    def vote(self, _answer: str, *, good: bool) -> None:
        """The same."""

    async def since(self, _day: date) -> tuple[list[Gap], list[Votes]]:
        """All."""
        return [*self.gaps], [*self.votes]


@dataclass(frozen=True, slots=True)
class NoDevices:
    """For examples that are not about devices."""

    wanted: tuple[str, ...] = field(default=())

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Any:  # noqa: ARG002 - as Devices
        """Not asked for."""
        raise NotFound(object_id)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Any:  # noqa: ARG002 - as Devices
        """Not asked for."""
        raise NotFound(object_id)


@dataclass(frozen=True, slots=True)
class ExampleLookup:
    """Fits Lookup of bot.tenant: whoever and whatever is asked for, this is found."""

    found: FoundPeople = field(default_factory=FoundPeople)
    owned: PersonsPcs | None = None
    pc: FoundPcs = field(default_factory=FoundPcs)

    async def people(self, name: str) -> FoundPeople:  # noqa: ARG002 - as Lookup
        """As told."""
        return self.found

    async def person(self, object_id: str, page: int = 1) -> PersonsPcs:  # noqa: ARG002 - as Lookup
        """As told."""
        if self.owned is None:
            raise NotFound(object_id)
        return self.owned

    async def pcs(self, name: str, reference: str = "") -> FoundPcs:  # noqa: ARG002 - as Lookup
        """As told."""
        return self.pc


@dataclass(frozen=True, slots=True)
class ExampleChats:
    """Fits what is used of Channel: takes a message, or refuses it."""

    refusal: NotSent | None = None
    taken: list[Reply] = field(default_factory=list)

    async def send(
        self,
        place: Place,
        reply: Reply,
        language: str,  # noqa: ARG002 - as Channel
        *,
        reply_to: str = "",  # noqa: ARG002 - as Channel
        file: FileOffer | None = None,  # noqa: ARG002 - as Channel
    ) -> Sent:
        """Kept here: nothing leaves an example."""
        if self.refusal:
            raise self.refusal
        self.taken.append(reply)
        return Sent(place, "1")

    async def update(self, sent: Sent, reply: Reply, language: str) -> None:
        """The same."""

    async def open_personal(self, person: Person, near: Place) -> Place:  # noqa: ARG002 - as Channel
        """It is open."""
        return near


@dataclass(frozen=True, slots=True)
class Example:
    """What an example is about; everything else is as it mostly is."""

    tenant: ExampleTenant = ExampleTenant()
    filed: Filed = Filed()
    devices: Devices = field(default_factory=NoDevices)
    handing: Handing = Handing()
    trust: Trust = Trust.UNKNOWN
    help_desk: HelpDesk = HELP_DESK
    files: bool = True
    audited: tuple[AuditEntry, ...] = (
        AuditEntry(1, NOW, Event.FILED.value, 12, ADMIN, {"digest": "222265c0f66b"}, "5f" * 32),
    )
    creates_apps: bool = False
    letters: tuple[Notification, ...] = ()  # that Teams did not take
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
        return [*self.letters]

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
