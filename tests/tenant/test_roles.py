"""Who may ask and decide: from the tenant, nested groups included; guests and disabled accounts never."""

from collections.abc import AsyncIterator

import pytest

from bot.errors import NotPermitted
from bot.reset_rules.facts import Standing
from bot.simulation import World
from bot.simulation.objects import entra
from bot.simulation.people import CompanyGroup as SimulatedGroup
from bot.tenant import Group
from bot.tenant.graph import Graph
from bot.tenant.roles import SECONDS, GraphGroups, GraphRoles
from tests.simulation.clients import real_graph


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    """The real client."""
    async with real_graph(world) as made:
        yield made


class Clock:
    """Seconds that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.now


def _roles(world: World, graph: Graph, clock: Clock | None = None) -> GraphRoles:
    groups = world.company.groups
    clock = clock or Clock()
    return GraphRoles(graph, groups["admins"].id, groups["approvers"].id, clock, help_desk_group=groups["helpdesk"].id)


async def test_roles_are_memberships(world: World, graph: Graph) -> None:
    roles, people = _roles(world, graph), world.company.people
    assert await roles.is_admin(people["admin"].object_id)
    assert not await roles.is_approver(people["admin"].object_id)
    assert await roles.is_approver(people["approver"].object_id.upper())
    assert not await roles.is_admin(people["user"].object_id)
    assert await roles.is_help_desk(people["helpdesk"].object_id)
    assert not await roles.is_help_desk(people["admin"].object_id)
    assert await roles.approvers() == {people[key].object_id for key in ("approver", "approver2", "approver3")}


async def test_without_a_group_nobody_is_of_the_help_desk(world: World, graph: Graph) -> None:
    groups, people = world.company.groups, world.company.people
    roles = GraphRoles(graph, groups["admins"].id, groups["approvers"].id, Clock())
    assert not await roles.is_help_desk(people["helpdesk"].object_id)
    assert not await roles.is_help_desk(people["helpdesk"].object_id, fresh=True)


async def test_nested_groups_count(world: World, graph: Graph) -> None:
    inner = SimulatedGroup("inner", "Inner")
    world.tenant.groups[inner.id] = entra.group(inner)
    world.tenant.members[inner.id] = {world.company.people["user"].object_id}
    world.tenant.members[world.company.groups["approvers"].id].add(inner.id)
    assert await _roles(world, graph).is_approver(world.company.people["user"].object_id)
    assert world.company.people["user"].object_id in await _roles(world, graph).approvers()


_INVITED = {"userPrincipalName": "tom_fabrikam.example#EXT#@contoso.example"}
_NO_ROLE = (
    ({"userType": "Guest"}, Standing.GUEST),
    ({"userType": "guest"}, Standing.GUEST),
    (_INVITED, Standing.GUEST),  # of another organisation, though called a member
    ({**_INVITED, "userType": None}, Standing.GUEST),
    ({"accountEnabled": False}, Standing.DISABLED),
    ({"accountEnabled": None}, Standing.DISABLED),
    ({"accountEnabled": False, "userType": None}, Standing.DISABLED),
)
_OTHERS = ("approver2", "approver3")


def _change(world: World, changed: dict[str, object]) -> tuple[str, str]:
    """An admin and an approver, whose accounts are so from now on."""
    admin, approver = (world.company.people[key].object_id for key in ("admin", "approver"))
    for person in (admin, approver):
        world.tenant.users[person] |= changed
    return admin, approver


@pytest.mark.parametrize("casts", [True, False])
@pytest.mark.parametrize(("changed", "standing"), _NO_ROLE)
async def test_T3_guests_and_disabled_accounts_have_no_role(  # noqa: N802
    world: World, graph: Graph, changed: dict[str, object], standing: Standing, casts: bool
) -> None:
    admin, approver = _change(world, changed)
    world.tenant.casts = casts
    roles = _roles(world, graph)
    assert not await roles.is_admin(admin)
    assert not await roles.is_approver(approver)
    assert not await roles.is_approver(approver, fresh=True)
    assert await roles.approvers() == {world.company.people[key].object_id for key in _OTHERS}
    assert await roles.standing(admin) is standing


@pytest.mark.parametrize("casts", [True, False])
@pytest.mark.parametrize("user_type", [None, "", "Member", "member"])
async def test_a_member_is_who_is_no_guest_also_without_a_user_type(
    world: World, graph: Graph, user_type: str | None, casts: bool
) -> None:
    admin, approver = _change(world, {"userType": user_type})
    world.tenant.casts = casts
    roles = _roles(world, graph)
    assert await roles.is_admin(admin)
    assert await roles.is_approver(approver, fresh=True)
    assert approver in await roles.approvers()
    assert await roles.standing(admin) is Standing.MEMBER


async def test_all_approvers_are_found_over_many_pages_and_no_device_is_among_them(world: World, graph: Graph) -> None:
    world.tenant.page_size = 1
    approvers = world.company.groups["approvers"].id
    world.tenant.members[approvers].add(world.company.people["user"].devices[0].object_id)
    expected = {world.company.people[key].object_id for key in ("approver", *_OTHERS)}
    assert await _roles(world, graph).approvers() == expected
    world.tenant.casts = False
    assert await _roles(world, graph).approvers() == expected


async def test_who_is_not_in_the_group_is_a_member_all_the_same(world: World, graph: Graph) -> None:
    user = world.company.people["user"].object_id
    assert await _roles(world, graph).standing(user) is Standing.MEMBER
    del world.tenant.users[user]
    assert await _roles(world, graph).standing(user) is Standing.ABSENT


async def test_somebody_who_is_no_longer_there_has_no_role(world: World, graph: Graph) -> None:
    person = world.company.people["approver"].object_id
    del world.tenant.users[person]
    assert not await _roles(world, graph).is_approver(person)


async def test_T9_an_answer_is_kept_a_minute_and_a_fresh_one_is_not(world: World, graph: Graph) -> None:  # noqa: N802
    clock, person = Clock(), world.company.people["approver"].object_id
    roles = _roles(world, graph, clock)
    assert await roles.is_approver(person)
    world.tenant.members[world.company.groups["approvers"].id].discard(person)
    assert await roles.is_approver(person)
    assert not await roles.is_approver(person, fresh=True)
    clock.now = SECONDS
    assert not await roles.is_approver(person)


async def test_T10_a_look_up_that_is_not_permitted_gives_nobody_a_role(world: World) -> None:  # noqa: N802
    world.tenant.permissions = {"User.Read.All"}
    async with real_graph(world) as graph:
        with pytest.raises(NotPermitted):
            await _roles(world, graph).is_approver(world.company.people["approver"].object_id)


async def test_groups_are_found_by_name_and_by_id_with_their_sizes(world: World, graph: Graph) -> None:
    pilot = world.company.groups["pilot"]
    expected = Group(pilot.id, "Pilot Ring", users=0, devices=len(pilot.devices))
    groups = GraphGroups(graph)
    assert await groups.find(" Pilot Ring ") == (expected,)
    assert await groups.find(pilot.id.upper()) == (expected,)
    assert await groups.sizes([pilot.id, "99999999-0000-4000-8000-000000000001"]) == {pilot.id: expected}
    people = await groups.find("PIN Reset Approvers")
    assert (people[0].users, people[0].devices) == (3, 0)


async def test_two_groups_of_one_name_are_both_found(world: World, graph: Graph) -> None:
    twin = SimulatedGroup("twin", "Pilot Ring")
    world.tenant.groups[twin.id] = entra.group(twin) | {"securityEnabled": False}
    found = await GraphGroups(graph).find("Pilot Ring")
    assert {(one.id, one.security) for one in found} == {(world.company.groups["pilot"].id, True), (twin.id, False)}


@pytest.mark.parametrize(
    "name", ["' or 1 eq 1", "O'Brien's PCs", "a&$top=1", "../users", "%27", "x' or displayName eq 'Pilot Ring"]
)
async def test_T42_a_name_is_only_a_name(world: World, graph: Graph, name: str) -> None:  # noqa: N802
    assert await GraphGroups(graph).find(name) == ()
    odd = SimulatedGroup("odd", name)
    world.tenant.groups[odd.id] = entra.group(odd)
    assert [one.id for one in await GraphGroups(graph).find(name)] == [odd.id]
