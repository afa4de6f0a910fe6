"""A person's devices with all that decides a PIN reset, from Graph in at most three round trips one after another.

Only the devices that are shown are looked at one by one, so that fifty cost hardly more than one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.chat.cache import Cache
from bot.errors import NotFound, NotPermitted, TenantRefused, TenantUnreachable
from bot.reset_rules.coverage import groups_to_check, recovery, weighed
from bot.reset_rules.facts import MOST_SHOWN, Account, Apps, Inventory, Policy, Profile, Recovery
from bot.tenant.apps import read_apps
from bot.tenant.graph import Graph
from bot.tenant.listed import Listed, listed, with_objects, without_twins
from bot.tenant.models import User
from bot.tenant.people import account
from bot.tenant.policies import GraphPolicies
from bot.tenant.profiles import read_profiles

PERSON_SECONDS = 300.0
TENANT_SECONDS = 120.0
MOST_PEOPLE = 1_000  # 200 a minute for five minutes; each takes more than a kilobyte

Found = TypeVar("Found")


class GraphDevices:
    """Implements bot.tenant.Devices and bot.tenant.Rollout on Graph; without `remember` all is read anew each time."""

    def __init__(self, graph: Graph, tenant_id: str, clock: Callable[[], float], *, remember: bool = True) -> None:
        self._graph = graph
        self._tenant_id = tenant_id
        self._lists = Cache[_Lists](PERSON_SECONDS * remember, MOST_PEOPLE, clock)
        self._people = Cache[Inventory](PERSON_SECONDS * remember, MOST_PEOPLE, clock)
        self._apps = Cache[Apps](TENANT_SECONDS * remember, 1, clock)
        self._profiles = Cache[tuple[Profile, ...]](TENANT_SECONDS * remember, 1, clock)
        self._others = Cache[tuple[Policy, ...]](TENANT_SECONDS * remember, 1, clock)
        self.policies = GraphPolicies(graph, remember=remember)

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """The person and their own devices; those of the references are read one by one, or else the first ones."""
        found, others = await asyncio.gather(self._known(object_id, references), self._beside())
        return _weighed(found, others)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """The same, before everything that may set PIN recovery was read."""
        return _weighed(await self._known(object_id, references), None)

    async def _known(self, object_id: str, references: Iterable[str]) -> Inventory:
        """By what custom profiles alone let expect."""
        wanted = frozenset(references)
        if wanted:
            lists = await self._lists_of(object_id)
            first, own = self._references(lists.first), self._references(lists.windows)
            wanted = frozenset() if wanted <= first else wanted & own
        return await self._people.get((object_id, wanted), lambda: self._look_up(object_id, wanted))

    def _references(self, devices: Iterable[Listed]) -> frozenset[str]:
        return frozenset(device.reference(self._tenant_id) for device in devices)

    async def _beside(self) -> tuple[Policy, ...] | None:
        """What else may set PIN recovery; None: Graph asked to be left in peace."""
        try:
            return await self._others.get("", self._read_others)
        except TenantUnreachable:
            return None

    async def _read_others(self) -> tuple[Policy, ...]:
        self._leave_in_peace()
        return await self.policies.others()

    def _leave_in_peace(self) -> None:
        """While Graph throttles nobody new is looked up: who asks is told at once."""
        if self._graph.is_throttled():
            raise TenantUnreachable("throttled")

    async def apps(self) -> Apps:
        """The two PIN reset apps and their grant."""
        return await self._apps.get("", lambda: read_apps(self._graph.rows))

    async def profiles(self) -> tuple[Profile, ...]:
        """The custom profiles that set EnablePinRecovery, right or wrong, with their assignments."""
        return await self._profiles.get("", lambda: read_profiles(self._graph, self._tenant_id))

    async def _look_up(self, object_id: str, wanted: frozenset[str]) -> Inventory:
        """Profiles and their assignments are read beside the person's own first two rounds; groups come third."""
        self._leave_in_peace()
        (account, devices), found = await asyncio.gather(
            self._person(object_id, wanted), _optional(asyncio.gather(self.apps(), self.profiles()))
        )
        read = {device.identity: device for device in devices if device.read}
        states = await self._recovery_of(object_id, read, found) if found else {}
        told = (device.told(self._tenant_id, states.get(device.identity, Recovery.UNKNOWN)) for device in devices)
        consent = found[0].consent if found else None
        return Inventory(account, tuple(replace(device, consent=consent) for device in told))

    async def _lists_of(self, object_id: str) -> "_Lists":
        return await self._lists.get(object_id, lambda: self._read_lists(object_id))

    async def _read_lists(self, object_id: str) -> "_Lists":
        self._leave_in_peace()
        user, managed, registered, hello = await asyncio.gather(
            self._graph.user(object_id),
            self._graph.managed_devices(object_id),
            _optional(self._graph.registered_devices(object_id)),
            _optional(self._graph.hello_methods(object_id)),
        )
        return _Lists(user, None if hello is None else bool(hello), listed(managed, registered or ()))

    async def _person(self, object_id: str, wanted: frozenset[str]) -> tuple[Account, tuple[Listed, ...]]:
        """All devices; only those that are shown cost a look at each."""
        lists = await self._lists_of(object_id)
        shown = [one for one in lists.windows if one.reference(self._tenant_id) in wanted] or lists.first
        federated, looked_at = await asyncio.gather(
            _optional(self._graph.is_federated((lists.user.user_principal_name or "").rpartition("@")[2])),
            asyncio.gather(*(self._read(one) for one in shown)),
        )
        read = {device.identity: device for device in looked_at}
        devices = tuple(without_twins(read.get(device.identity, device) for device in lists.devices))
        return account(lists.user, federated, lists.hello), devices

    async def _read(self, device: Listed) -> Listed:
        """With Entra's objects and the edition of one device of Intune's."""
        if device.managed is None:  # Entra's list has told all
            return replace(device, read=True)
        objects, hardware = await asyncio.gather(
            self._graph.entra_devices(device.device_id) if device.device_id else _nothing(),
            _optional(self._graph.hardware(device.managed.id)),
        )
        return replace(with_objects(device, objects or ()), hardware=hardware, read=True)

    async def _recovery_of(
        self, object_id: str, devices: Mapping[str, Listed], rollout: tuple[Apps, tuple[Profile, ...]]
    ) -> dict[str, Recovery]:
        apps, profiles = rollout
        wanted = groups_to_check(profiles)
        objects = {key: device.entra for key, device in devices.items()}
        if not wanted:
            return {key: recovery(apps, profiles, frozenset(), frozenset()) for key in devices}
        mine, *theirs = await asyncio.gather(
            _optional(self._graph.groups_of_user(object_id, wanted)),
            *(
                _optional(self._graph.groups_of_device(one.id, wanted)) if one else _nothing()
                for one in objects.values()
            ),
        )
        return {
            key: Recovery.UNKNOWN if mine is None or groups is None else recovery(apps, profiles, mine, groups)
            for key, groups in zip(objects, theirs, strict=True)
        }


def _weighed(found: Inventory, others: tuple[Policy, ...] | None) -> Inventory:
    devices = tuple(weighed(device, others) for device in found.devices)
    return found if devices == found.devices else Inventory(found.account, devices)


@dataclass(frozen=True, slots=True)
class _Lists:
    """A person and what Intune and Entra list for them, in the order in which it is shown."""

    user: User
    hello: bool | None
    devices: tuple[Listed, ...]

    @property
    def windows(self) -> tuple[Listed, ...]:
        return tuple(device for device in self.devices if device.is_windows)

    @property
    def first(self) -> tuple[Listed, ...]:
        return self.windows[:MOST_SHOWN]


async def _nothing() -> None:
    return None


async def _optional(read: Awaitable[Found]) -> Found | None:
    """What the answer can do without: not permitted, not there, or not understood means not known."""
    try:
        return await read
    except (NotPermitted, NotFound, TenantRefused):
        return None
