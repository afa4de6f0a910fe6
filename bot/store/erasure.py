"""What goes when a person removes the bot: all of it in the caller's transaction, so that no crash leaves a rest."""

import json
import logging
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.questions import blank
from bot.store.records import OPEN, State
from bot.store.seal import canonical
from bot.store.tables import AwaitedRow, CardRow, DecisionRow, FreezeRow, PromiseRow, QuestionRow, RequestRow

log = logging.getLogger(__name__)


async def erase(session: AsyncSession, person: str, now: datetime) -> None:
    """The copies of cards in their chat, the PCs that they wait for, what they asked the help desk, and the reasons
    they wrote: that of an open request when it ends. That they asked or decided stays."""
    await session.execute(delete(CardRow).where(CardRow.object_id == person))
    await session.execute(delete(AwaitedRow).where(AwaitedRow.object_id == person))
    await session.execute(delete(PromiseRow).where(PromiseRow.object_id == person))
    await blank(session, QuestionRow.asker == person, now)
    theirs, is_open = update(RequestRow).where(RequestRow.requester == person), RequestRow.state.in_([*OPEN])
    await session.execute(theirs.where(~is_open).values(reason=""))
    await session.execute(theirs.where(is_open).values(erase_reason=True))
    await session.execute(update(DecisionRow).where(DecisionRow.approver == person).values(reason=""))
    await session.execute(update(FreezeRow).where(FreezeRow.actor == person).values(reason=""))
    closed = RequestRow.state == State.CLOSED.value, RequestRow.evidence.contains(person, autoescape=True)
    for row in await session.scalars(select(RequestRow).where(*closed)):
        if (known := _evidence(row)).get("closed_by") == person:
            row.evidence = canonical(known | {"closed_reason": ""})


def _evidence(row: RequestRow) -> dict[str, object]:
    """Empty when it can't be read: nobody knows then whose it is."""
    try:
        return dict(json.loads(row.evidence))
    except (ValueError, TypeError):
        log.error("evidence of request %s left as it is: it can't be read", row.number)  # noqa: TRY400 - has content
        return {}
