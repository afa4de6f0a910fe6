"""What an approval rests on, looked at before a write: how old it is, who stands behind it, and whom it would reach."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.approvals import policy
from bot.approvals.kind import Kinds
from bot.approvals.plan import Plan
from bot.store.records import Note, Request
from bot.tenant import Roles


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the write is not sent, and what was found."""

    note: Note
    evidence: Mapping[str, object] = field(default_factory=dict)


class Grounds:
    """`life`: of an approval that was not acted on. Nothing here is taken from what was kept."""

    def __init__(self, roles: Roles, kinds: Kinds, life: timedelta) -> None:
        self._roles = roles
        self._kinds = kinds
        self._life = life

    async def doubt(self, request: Request, plan: Plan, now: datetime) -> Doubt | None:
        """The first there is; None while the approval stands. Raises the errors of bot.tenant."""
        async for doubt in self._doubts(request, plan, now):
            return doubt
        return None

    async def _doubts(self, request: Request, plan: Plan, now: datetime) -> AsyncIterator[Doubt]:
        if not policy.is_young(request, now, self._life):
            yield Doubt(Note.APPROVAL_OLD)
        if not await self._roles.is_admin(request.requester, fresh=True):
            yield Doubt(Note.REQUESTER_LEFT, {"requester": request.requester})
        for decision in request.decisions:
            if not await self._roles.is_approver(decision.approver, fresh=True):
                yield Doubt(Note.APPROVER_LEFT, {"approver": decision.approver})
        if grown := await self._kinds[plan.kind].grown(plan):
            yield Doubt(Note.GROUP_GREW, {"grown": list(grown)})
