"""Examples of every list that grows with the tenant, at its longest: each says how many it left out."""

import json
import random
from dataclasses import replace
from datetime import timedelta

from bot.approvals import card
from bot.approvals.card import Shown
from bot.approvals.kind import ChangeArguments
from bot.changes import assignment, preview, tenant_state
from bot.changes.groups import Ambiguous
from bot.chat import notices
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.demo.gallery.company import ADMIN, APPROVER, BOTH_APPS, CHANNEL, FINANCE, NOW, TENANT, profile, target
from bot.demo.gallery.company import tenant_state as tenant_of
from bot.demo.gallery.example import KINDS, Example
from bot.demo.gallery.fakes import Filed, Handing
from bot.demo.gallery.questions import Owned, request
from bot.demo.gallery.tenant import ExampleTenant
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
    assigned = Example(ExampleTenant(profiles=(profile(),), targets=rows, known=groups))
    many = Example(ExampleTenant(profiles=tuple(profile(name=f"{n} {name}", number=n) for n in range(count))))
    requests = Example(filed=Filed(requests=tuple(request(number) for number in range(count))))
    devices = tuple(Device(f"{n:016d}", f"{n} {name}", join=Join.ENTRA, build=26100) for n in range(count))
    return {
        "long: status": await assigned.said("status"),
        "long: status, many profiles": await many.said("status"),
        "long: requests open": await requests.said("approvals"),
        "long: history": await requests.said("history"),
        "long: covered": await Example(devices=Owned(devices)).said("covered"),
        "long: gaps": await _gaps(name, count).said("gaps"),
        "long: questions": await Example(handing=Handing(_questions(name, count))).said("questions"),
        "long: groups of one name": preview.pick(Ambiguous(name, groups), "assign", ChangeArguments(include=name)),
        "long: request, void": card.base(_void(name, groups)),
    }


def _void(name: str, groups: tuple[Group, ...]) -> Shown:
    """All is new in the tenant, and what was there is gone; nobody has the bot."""
    known = {group.id: group for group in (*groups, FINANCE)}
    tenant = tenant_of(BOTH_APPS, (profile(),), tuple(target(group) for group in groups[:5]))
    plan = assignment.assign(tenant, (FINANCE,), (), known)
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
    return Shown(filed, KINDS, people, tuple(f"{number} {name[:60]}" for number in range(len(groups))))


def _gaps(name: str, count: int) -> Example:
    chance = random.Random(7)  # noqa: S311 - letters, so that no two are alike
    words = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz ", k=60)) for _ in range(min(count, 100)))
    texts = tuple(f"{word} {name}"[:300] for word in words)
    gaps = tuple(Gap(text, NOW.date()) for text in texts)
    return Example(handing=Handing(gaps=gaps, votes=tuple(Votes(one, 1, 2) for one in answers())))


def _questions(name: str, count: int) -> tuple[Question, ...]:
    content = NewQuestion(APPROVER, (f"{name} " * 1_000)[:1_000])
    return tuple(Question(n, content, Stage.TAKEN, 1, NOW - timedelta(hours=5), taker=ADMIN) for n in range(count))
