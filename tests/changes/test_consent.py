"""Consent is in one of five states, each with its own next step, and everybody is told the same one."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.demo import run
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Consent
from bot.simulation import World, state
from bot.simulation.chats import Said
from bot.simulation.people import identity
from bot.tenant.apps import read_apps
from tests.deadlines import GENEROUS, PATIENCE
from tests.journeys.test_rollout import decide, do, file, press, say, shown, until, writes
from tests.simulation.clients import real_graph

ENABLE = "Properties > Enabled for users to sign in"
CLIENT, SERVICE = (identity("service principal", one) for one in (PIN_CLIENT, PIN_SERVICE))
GRANTS = f"graph/v1.0/servicePrincipals/{CLIENT}/oauth2PermissionGrants"
LINK = "/oauth2/authorize"


def _switch(world: World, app: str, *, on: bool) -> None:
    world.tenant.service_principals[app]["accountEnabled"] = on


def _disabled(world: World) -> None:
    _switch(world, CLIENT, on=False)


def _both_disabled(world: World) -> None:
    _switch(world, CLIENT, on=False)
    _switch(world, SERVICE, on=False)


def _disabled_and_missing(world: World) -> None:
    _switch(world, SERVICE, on=False)
    del world.tenant.service_principals[CLIENT]


def _one_missing(world: World) -> None:
    del world.tenant.service_principals[CLIENT]


def _no_grant(world: World) -> None:
    world.tenant.grants.clear()


def _own_grant(world: World) -> None:
    """Somebody consented for themselves alone."""
    for grant in world.tenant.grants.values():
        grant |= {"consentType": "Principal", "principalId": world.company.people["user"].object_id}


def _not_permitted(world: World) -> None:
    world.faults.fail(GRANTS, 403)


def _down(world: World) -> None:
    world.faults.fail(GRANTS, 500)


def _given(_world: World) -> None:
    """As it is."""


Change = Callable[[World], None]
STATES: tuple[tuple[Change, Consent], ...] = (
    (lambda world: state.withdraw_consent(world.tenant), Consent.MISSING),
    (_one_missing, Consent.MISSING),
    (_disabled, Consent.DISABLED),
    (_both_disabled, Consent.DISABLED),
    (_disabled_and_missing, Consent.DISABLED),
    (_no_grant, Consent.NOT_GRANTED),
    (_own_grant, Consent.NOT_GRANTED),
    (_not_permitted, Consent.UNREAD),
    (_down, Consent.UNREAD),
    (_given, Consent.GIVEN),
)
# What each is told of each state: words that are there, and words that are not.
STATUS = {
    Consent.MISSING: ("Next step: consent for the two", ENABLE),
    Consent.DISABLED: (ENABLE, "Next step: consent"),
    Consent.NOT_GRANTED: ("no tenant-wide grant was found: give it by the two links", ENABLE),
    Consent.UNREAD: ("Profile and assignment are in place, but", ENABLE),
    Consent.GIVEN: ("Nothing is missing", ENABLE),
}
CARD = {  # of an ordinary PC in Pilot Ring
    Consent.MISSING: ("has not finished setting it up", "should keep"),
    Consent.DISABLED: ("has switched off one of the two PIN reset apps", "should keep"),
    Consent.NOT_GRANTED: ("may delete", "should keep"),
    Consent.UNREAD: ("agreed to the two PIN reset apps for everybody", "switched off"),
    Consent.GIVEN: ("should keep", "for everybody"),
}


@pytest.mark.parametrize(("change", "expected"), STATES)
async def test_a_look_tells_the_five_states_apart(rollout: World, change: Change, expected: Consent) -> None:
    change(rollout)
    async with real_graph(rollout) as graph:
        assert (await read_apps(graph.rows)).consent is expected


@pytest.mark.parametrize(("change", "expected"), STATES)
async def test_status_and_the_persons_card_say_the_step_of_the_state(
    rollout: World, change: Change, expected: Consent
) -> None:
    change(rollout)
    for person, text, (words, others) in (
        ("admin", "status", STATUS[expected]),
        ("user", "I forgot my PIN", CARD[expected]),
    ):
        card = await say(rollout, person, text)
        assert words in card
        assert others not in card


@pytest.mark.parametrize(("change", "expected"), STATES)
async def test_verify_says_the_same_step_and_offers_links_only_where_they_help(
    rollout: World, change: Change, expected: Consent
) -> None:
    change(rollout)
    card = await say(rollout, "admin", "verify consent")
    assert (ENABLE in card) is (expected is Consent.DISABLED)
    assert ("Onboard consent" in card) is (expected in {Consent.MISSING, Consent.NOT_GRANTED})
    assert ("Consent confirmed" in card) is (change in {_given, _disabled, _both_disabled})


@pytest.mark.parametrize(("change", "expected"), STATES)
async def test_onboard_consent_opens_links_only_where_they_help(
    rollout: World, change: Change, expected: Consent
) -> None:
    change(rollout)
    card = await say(rollout, "admin", "onboard consent")
    assert ("Nothing has changed yet" in card) is (expected not in {Consent.DISABLED, Consent.GIVEN})
    assert (ENABLE in card) is (expected is Consent.DISABLED)
    if expected is Consent.DISABLED:
        assert LINK not in card
        assert "Verify consent" in card
        assert "Microsoft Pin Reset" in card


async def test_the_permission_that_is_missing_is_named_by_status_verify_and_the_requests_card(rollout: World) -> None:
    own = await _given_links(rollout, _no_grant)
    _not_permitted(rollout)
    for text in ("status", "verify consent"):
        assert "Directory.Read.All" in await say(rollout, "admin", text)
    await until(rollout, own, "admin", "Directory.Read.All")


async def test_a_disabled_app_stops_an_assignment_with_where_to_enable_it(rollout: World) -> None:
    _disabled(rollout)
    card = await say(rollout, "admin", "assign Finance Laptops")
    assert ENABLE in card
    assert "Microsoft Pin Reset Client Production" in card
    assert "Consent comes first" not in card


async def test_the_bot_that_may_enables_a_disabled_app_itself() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_CREATE_APPS="1") as world:
        world.tenant.permissions.add("Application.ReadWrite.All")
        for person in ("admin", "approver"):
            await world.teams.install(person)
        _disabled(world)
        own = await file(world, "admin", "onboard consent", 1)
        await decide(world, "approver", 1)
        await until(world, own, "admin", "Done")
        assert world.tenant.service_principals[CLIENT]["accountEnabled"] is True


async def _given_links(world: World, change: Change) -> Said:
    """A request for consent that is approved and waits for a human."""
    change(world)
    own = await file(world, "admin", "onboard consent", 1)
    await decide(world, "approver", 1)
    await until(world, own, "admin", "give consent with the two links")
    return own


async def _typed(world: World, words: str) -> None:
    assert words in await say(world, "admin", "verify consent")


async def _pressed(world: World, words: str) -> None:
    """The button on the newest card that has it and is no request's own."""
    cards = reversed(world.chats.personal("admin").by_bot())
    said = next(one for one in cards if "verify" in str(one.activity) and "Request #" not in shown(one, "admin")[:9])
    await press(world, "admin", said, "Verify consent")
    await until(world, said, "admin", words)


@pytest.mark.parametrize("ask", [_typed, _pressed])
async def test_verify_consent_ends_the_request_that_waits_for_it(
    rollout: World, ask: Callable[[World, str], Awaitable[None]]
) -> None:
    grants = dict(rollout.tenant.grants)
    own = await _given_links(rollout, _no_grant)
    await say(rollout, "admin", "status")
    await ask(rollout, "Request #1 waits for it")
    await until(rollout, own, "admin", "Looked at")
    rollout.tenant.grants.update(grants)
    assert "waits" not in await say(rollout, "approver", "verify consent")  # who is no admin settles nothing
    assert "give consent with the two links" in shown(own, "admin")
    await ask(rollout, "Request #1 waited for this and is done with it")
    await until(rollout, own, "admin", "Done")
    assert "Request #1" not in await say(rollout, "admin", "verify consent")
    assert writes(rollout) == 0


async def test_an_app_disabled_after_the_links_is_told_on_the_card_and_verify_ends_it_once_enabled(
    rollout: World,
) -> None:
    grants = dict(rollout.tenant.grants)
    own = await _given_links(rollout, _no_grant)
    rollout.tenant.grants.update(grants)
    _disabled(rollout)
    await do(rollout, "admin", own, "Verify consent")
    assert "is expected" in await until(rollout, own, "admin", ENABLE)  # the page after Accept stays explained
    _switch(rollout, CLIENT, on=True)
    await say(rollout, "admin", "verify consent")
    await until(rollout, own, "admin", "Done")


async def test_a_press_and_a_typed_verify_at_the_same_moment_end_it_once(rollout: World) -> None:
    grants = dict(rollout.tenant.grants)
    own = await _given_links(rollout, _no_grant)
    rollout.tenant.grants.update(grants)
    await press(rollout, "admin", own, "Show my buttons")
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(do(rollout, "admin", own, "Verify consent"), say(rollout, "admin", "verify consent"))
    done = await until(rollout, own, "admin", "Done")
    assert done.count("Looked at") == 1
