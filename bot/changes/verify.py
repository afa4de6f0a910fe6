"""Is consent given? The check alone: both service principals by app id, and the grant."""

from bot.changes import tenant_state
from bot.changes.rollout_status import Missing, RolloutStatus
from bot.changes.services import ChangeServices
from bot.changes.status import ONBOARD, VERIFY, consent
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.notices import WORKING, at, status
from dialogs.words.replies import Details, Reply, Section, Text


async def verify(asked: Asked, services: ChangeServices) -> Answer:
    """A press is answered at once, the look comes after."""
    if asked.pressed:
        return Answer(WORKING, later=lambda: _verified(services))
    return Answer(await _verified(services))


async def _verified(services: ChangeServices) -> Reply:
    found = await tenant_state.consent(services.planning.tenant, services.planning.tenant_id)
    rollout_status = RolloutStatus(
        found, await tenant_state.grant(services.planning.tenant, found.apps), {}, None, services.requests.now()
    )
    links = (ONBOARD,) if rollout_status.missing() in {Missing.CONSENT, Missing.CONFIRMATION} else ()
    return Details(
        title=Text("consent.title"),
        sections=(Section(Text("status.consent.title"), consent(rollout_status)),),
        buttons=(*links, VERIFY, status()),
        footnotes=(Text("status.as_of", {"time": at(rollout_status.at)}),),
    )


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """Of this file."""
    return (
        Command(
            bound(verify, services),
            intents=("verify_consent",),
            verbs=("consent.verify",),
            audience=For.STAFF,
            private=True,
        ),
    )
