"""Is consent given? One look at both service principals, by app id, and the grant; it counts for a request too."""

from contextlib import suppress

from bot.approvals.policy import Who
from bot.approvals.refusals import Refused
from bot.changes.consent import KIND, ending_of
from bot.changes.rollout_status import OF_CONSENT, Missing
from bot.changes.services import ChangeServices
from bot.changes.status import ONBOARD, VERIFY, consent
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.notices import WORKING, at, status
from bot.reset_rules.facts import Apps
from bot.store.records import Request, State
from bot.tenant.apps import read_apps
from dialogs.words.replies import Details, Reply, Section, Text

_BY_LINKS = frozenset({Missing.CONSENT, Missing.CONFIRMATION})


async def verify(asked: Asked, services: ChangeServices) -> Answer:
    """A press is answered at once, the look comes after."""
    if asked.pressed:
        return Answer(WORKING, later=lambda: _verified(asked, services))
    return Answer(await _verified(asked, services))


async def _verified(asked: Asked, services: ChangeServices) -> Reply:
    apps = await read_apps(services.planning.tenant.read)
    settled, missing = await _settled(asked, apps, services), OF_CONSENT.get(apps.consent)
    return Details(
        title=Text("consent.title"),
        status=Text(f"status.next.{missing}") if missing else None,
        sections=(Section(Text("status.consent.title"), consent(apps)),),
        buttons=(*((ONBOARD,) if missing in _BY_LINKS else ()), VERIFY, status()),
        footnotes=(Text("status.as_of", {"time": at(services.requests.now(), asked.zone)}),),
        outcome=tuple(Text(f"consent.{one.state}", {"number": str(one.number)}) for one in settled),
    )


async def _settled(asked: Asked, apps: Apps, services: ChangeServices) -> tuple[Request, ...]:
    """The approved requests that wait for this look, with it in their evidence. An approver's look settles nothing."""
    approvals, person = services.requests.approvals, asked.turn.person
    who, found = Who(person.tenant_id, person.object_id), []
    for request in await approvals.in_state(State.CONSENTING):
        with suppress(Refused):  # no admin, or somebody was faster
            if request.kind == KIND:
                found.append(await approvals.verify(request.number, who, ending_of(apps)))
    return tuple(found)


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(
            bound(verify, services),
            intents=("verify_consent",),
            verbs=("consent.verify",),
            audience=For.STAFF,
            private=True,
        ),
    )
