"""What else commands ask for, answered from data: requests, questions, devices, look-ups, chats."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bot.approvals.kind import Ending
from bot.approvals.policy import Who
from bot.approvals.service import MOST_LISTED
from bot.approvals.upkeep import Behind
from bot.chat.turn import FileOffer, Person, Place, Sent
from bot.demo.gallery.company import (
    CHAT,
    NOT_FROZEN,
    NOW,
)
from bot.errors import BotError, NotFound, NotSent
from bot.store.gaps import Gap, Votes
from bot.store.questions import NewQuestion, Question, Stage
from bot.store.records import Freeze, Request, RequestPage, State
from bot.tenant import (
    FoundPcs,
    FoundPeople,
    PersonsPcs,
)
from dialogs.words.replies import Reply


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
        (request,) = [one for one in self.requests if one.number == number]
        return replace(request, state=State.DONE) if ending.ready else request

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
