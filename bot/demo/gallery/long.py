"""Examples of every list that grows with the tenant, at its longest: each says how many it left out."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import timedelta

from bot.approvals import card
from bot.approvals.card import Shown
from bot.changes import assignment, preview, tenant_state
from bot.changes.preview import Ambiguous
from bot.chat import notices
from bot.chat.command import Asked, Neighbours
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.commands import COMMANDS
from bot.demo.gallery.fakes import (
    ADMIN,
    APPROVER,
    BOTH_APPS,
    CHANNEL,
    FINANCE,
    NOW,
    TENANT,
    ExampleTenant,
    Handing,
    neighbours,
    profile,
    target,
)
from bot.demo.gallery.questions import Owned, request
from bot.errors import TenantUnreachable
from bot.reset_rules.facts import Account, Device, Join
from bot.store.gaps import Gap, Votes
from bot.store.questions import NewQuestion, Question, Stage
from bot.store.records import Note, State
from bot.tenant import Group
from dialogs.words.answers import answers
from dialogs.words.replies import Reply

_TURN = Turn(
    TurnKind.BUTTON,
    "1",
    Person(TENANT, ADMIN, "29:admin", "Ada Brandt"),
    Place(PlaceKind.PERSONAL, CHANNEL, TENANT, "https://smba.trafficmanager.net/teams", "28:bot"),
    button={"verb": "status"},
)


async def replies() -> dict[str, Reply]:
    """By name."""
    return {
        **await longest("Branch laptops of the northern region", 400),
        "failed, and to be tried again": notices.failed_with(TenantUnreachable("gallery"), notices.again(_TURN)),
    }


async def longest(name: str, count: int) -> dict[str, Reply]:
    """Every list with so many rows of such a name."""
    groups = tuple(Group(f"20000000-0000-4000-8000-{n:012d}", f"{n} {name}", users=3, devices=5) for n in range(count))
    rows = tuple(target(group, excluded=number % 9 == 0) for number, group in enumerate(groups))
    assigned = neighbours(ExampleTenant(profiles=(profile(),), targets=rows, known=groups))
    many = neighbours(ExampleTenant(profiles=tuple(profile(name=f"{n} {name}") for n in range(count))))
    requests = neighbours(requests=tuple(request(number) for number in range(count)))
    devices = tuple(Device(f"{n:016d}", f"{n} {name}", join=Join.ENTRA, build=26100) for n in range(count))
    return {
        "long: status": await _said("status", assigned),
        "long: status, many profiles": await _said("status", many),
        "long: requests open": await _said("approvals", requests),
        "long: history": await _said("history", requests),
        "long: covered": await _said("covered", neighbours(devices=Owned(devices))),
        "long: gaps": await _said("gaps", _gaps(name, count)),
        "long: questions": await _said("questions", neighbours(handing=Handing(_questions(name, count)))),
        "long: groups of one name": preview.pick(Ambiguous(name, groups), "assign", {"include": name}),
        "long: request, void": card.base(_void(name, groups)),
    }


def _void(name: str, groups: tuple[Group, ...]) -> Shown:
    """All is new in the tenant, and what was there is gone; nobody has the bot."""
    known = {group.id: group for group in (*groups, FINANCE)}
    found = tenant_state.TenantState(TENANT, BOTH_APPS, (profile(),), tuple(target(group) for group in groups[:5]))
    plan = assignment.assign(found, (FINANCE,), (), known)
    rows = tenant_state.assigned(tuple(target(group) for group in groups[20:]))
    filed = replace(
        request(12),
        state=State.VOID,
        note=Note.TENANT_CHANGED,
        plan=plan.canonical(),
        digest=plan.digest(),
        evidence=json.dumps({"basis": len(plan.basis) - 1, "found": [*rows]}),
    )
    people = {ADMIN: Account(ADMIN, name, "admin@contoso.example")}
    return Shown(filed, people, tuple(f"{number} {name[:60]}" for number in range(len(groups))))


def _gaps(name: str, count: int) -> Neighbours:
    chance = random.Random(7)  # noqa: S311 - letters, so that no two are alike
    words = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz ", k=60)) for _ in range(min(count, 100)))
    texts = tuple(f"{word} {name}"[:300] for word in words)
    gaps = tuple(Gap(text, NOW.date()) for text in texts)
    return neighbours(handing=Handing(gaps=gaps, votes=tuple(Votes(one, 1, 2) for one in answers())))


def _questions(name: str, count: int) -> tuple[Question, ...]:
    handed = NewQuestion(APPROVER, (f"{name} " * 1_000)[:1_000])
    return tuple(Question(n, handed, Stage.TAKEN, 1, NOW - timedelta(hours=5), taker=ADMIN) for n in range(count))


async def _said(intent: str, told: Neighbours) -> Reply:
    command = next(command for command in COMMANDS if intent in command.intents)
    until = asyncio.get_running_loop().time() + 60.0
    return (await command.run(Asked(_TURN, until, {"intent": intent}), told)).reply
