"""What this room is given by bot.app."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.changes.rollout_status import Missing
from bot.chat.deadlines import STANDARD, Deadlines
from bot.check.condition import Condition
from bot.check.kept import Kept
from bot.check.setup import Setup
from bot.teams.reach import Reach
from bot.tenant.credentials import Credential


@dataclass(frozen=True, slots=True)
class Identity:
    """How the bot signs in."""

    app_id: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class Expected:
    """What the settings ask for. `approvals`: of how many approvers at most; `channels`: ids by the setting's name;
    `public_url`, `teams_app_id`: of the Teams app."""

    admin_group: str
    approver_group: str
    approvals: int
    writes: bool
    creates_apps: bool
    channels: Mapping[str, str]
    asks_in_channel: bool
    public_url: str
    teams_app_id: str


@dataclass(frozen=True, slots=True)
class CheckServices:
    """`token`: for Graph; `their_time`: by the login service's clock. `next_step`: of the rollout. `reachable`: those
    of the people whom the bot can write to. `heard_from`: the service URL that Teams named last, empty if it never
    called. `silent`: who of those that work beside the chat is; None: none runs. `started`: False before the first
    start, when there is no database yet."""

    identity: Identity
    wanted: Expected
    token: Callable[[], Awaitable[str]]
    their_time: Callable[[], datetime | None]
    tenant: Setup
    teams: Reach
    next_step: Callable[[], Awaitable[Missing]]
    reachable: Callable[[frozenset[str]], Awaitable[frozenset[str]]]
    heard_from: Callable[[], Awaitable[str]]
    condition: Callable[[], Awaitable[Condition]]
    silent: Callable[[], Awaitable[list[str] | None]]
    kept: Kept
    now: Callable[[], datetime]
    deadlines: Deadlines = STANDARD
    started: bool = True
