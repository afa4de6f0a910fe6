"""What the kinds of change and the commands of this room are given by bot.app."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.approvals.service import Approvals
from bot.approvals.services import ApprovalServices
from bot.store.conversations import Conversations
from bot.tenant import Groups, Rollout, Sources, Writes
from dialogs.words.replies import Text


@dataclass(frozen=True, slots=True)
class Planning:
    """What a plan is worked out from. `login_url`: where consent is given, e.g. https://login.microsoftonline.com.
    `creates_apps`: the operator allowed the bot to create the two service principals itself. `group_growth`: by how
    many percent a group may grow between plan and write."""

    tenant_id: str
    login_url: str
    creates_apps: bool
    tenant: Writes
    sources: Sources
    groups: Groups
    approvals: Approvals
    group_growth: int = 10


@dataclass(frozen=True, slots=True)
class ChangeServices:
    """Planning, the requests that come of it, and how far the rollout is. `notices`: what the last check found that
    must be done; nothing is looked at for it."""

    planning: Planning
    requests: ApprovalServices
    rollout: Rollout
    conversations: Conversations
    notices: Callable[[], tuple[Text, ...]] = tuple
