"""A person's devices with all that decides a PIN reset, from Graph in three or four round trips one after another.

Only the devices that are shown are looked at one by one, so that fifty cost hardly more than one.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.chat.cache import Cache
from bot.errors import TenantUnreachable
from bot.reset_rules.facts import MOST_SHOWN, Account, Apps, Device, Inventory, Recovery
from bot.reset_rules.why import Evidence
from bot.tenant.coverage import GraphCoverage, optional
from bot.tenant.graph import Graph
from bot.tenant.listed import Listed, listed, with_objects, without_twins
from bot.tenant.models import User
from bot.tenant.people import account
from bot.tenant.sources import GraphSources

PERSON_SECONDS = 300.0
MOST_DOMAINS = 100
MOST_PEOPLE = 1_000  # 200 a minute for five minutes; each takes more than a kilobyte


class GraphDevices:
    """Implements bot.tenant.Devices on Graph; without `remember` all is read anew each time.

    `group_policy`: may a PC of a domain have a group policy for PIN recovery?
    """

    def __init__(
        self,
        graph: Graph,
        tenant_id: str,
        clock: Callable[[], float],
        *,
        remember: bool = True,
        group_policy: bool = True,
    ) -> None:
        self._graph = graph
        self._tenant_id = tenant_id
        self._lists = Cache[_Lists](PERSON_SECONDS * remember, MOST_PEOPLE, clock)
        self._people = Cache[_Person](PERSON_SECONDS * remember, MOST_PEOPLE, clock)
        self._domains = Cache[bool | None](PERSON_SECONDS * remember, MOST_DOMAINS, clock)
        self.sources = GraphSources(graph, tenant_id, remember=remember)
        self._coverage = GraphCoverage(graph, self.sources, clock, remember=remember, group_policy=group_policy)

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """The person and their own devices; those of the references are read one by one, or else the first ones."""
        person, rollout = await asyncio.gather(self._known(object_id, references), self._coverage.rollout())
        states = await self._coverage.of(object_id, person.judged, person.objects, rollout)
        return self._told(person, rollout[0], states)

    async def evidence(self, owner: str, devices: Iterable[Listed]) -> tuple[Evidence, ...]:
        """All that decides for each of these devices; as many as MOST_SHOWN at most, as each costs a look.

        `owner`: empty where none is named; then nothing is known of groups of users.
        """
        self._leave_in_peace()
        read = await asyncio.gather(*(self._seen(device) for device in devices))
        rollout = await self._coverage.rollout()
        objects = {device.identity: device.entra.id if device.entra else None for device in read}
        members = await self._coverage.members(owner, objects, rollout)
        judged = {device.identity: device.told(self._tenant_id) for device in read if device.may_be_promised}
        states = await self._coverage.of(owner, judged, {key: objects[key] for key in judged}, rollout)
        apps, sources = rollout
        return tuple(
            Evidence(
                device=replace(
                    device.told(self._tenant_id),
                    recovery=states.get(device.identity, Recovery.UNKNOWN),
                    consent=apps.consent if apps else None,
                ),
                owner=owner,
                apps=apps,
                sources=sources,
                member=members[device.identity],
                group_policy=self._coverage.group_policy,
                named_edition=device.sku.named,
            )
            for device in read
        )

    async def owned(self, object_id: str) -> tuple[Account, tuple[Listed, ...]]:
        """A person with the Windows devices that the two lists name, in the order in which they are shown."""
        lists = await self._lists_of(object_id)
        federated = await self._federated(lists.user)
        return account(lists.user, federated, lists.hello), lists.windows

    def reference(self, device: Listed) -> str:
        """What a button carries instead of an id."""
        return device.reference(self._tenant_id)

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        """The same, before everything that may set PIN recovery was read."""
        return self._told(*await asyncio.gather(self._known(object_id, references), self._coverage.apps()), {})

    def _told(self, person: "_Person", apps: Apps | None, states: Mapping[str, Recovery]) -> Inventory:
        consent = apps.consent if apps else None
        devices = (
            replace(device, recovery=states.get(key, Recovery.UNKNOWN), consent=consent)
            for key, device in person.told.items()
        )
        return Inventory(person.account, tuple(devices))

    async def _known(self, object_id: str, references: Iterable[str]) -> "_Person":
        wanted = frozenset(references)
        if wanted:
            lists = await self._lists_of(object_id)
            first, own = self._references(lists.first), self._references(lists.windows)
            wanted = frozenset() if wanted <= first else wanted & own
        return await self._people.get((object_id, wanted), lambda: self._person(object_id, wanted))

    def _references(self, devices: Iterable[Listed]) -> frozenset[str]:
        return frozenset(device.reference(self._tenant_id) for device in devices)

    def _leave_in_peace(self) -> None:
        """While Graph throttles nobody new is looked up: who asks is told at once."""
        if self._graph.is_throttled():
            raise TenantUnreachable("throttled")

    async def _lists_of(self, object_id: str) -> "_Lists":
        return await self._lists.get(object_id, lambda: self._read_lists(object_id))

    async def _read_lists(self, object_id: str) -> "_Lists":
        self._leave_in_peace()
        user, managed, registered, hello = await asyncio.gather(
            self._graph.user(object_id),
            self._graph.managed_devices(object_id),
            optional(self._graph.registered_devices(object_id)),
            optional(self._graph.hello_methods(object_id)),
        )
        return _Lists(user, None if hello is None else bool(hello), listed(managed, registered or ()))

    async def _person(self, object_id: str, wanted: frozenset[str]) -> "_Person":
        """All devices; only those that are shown cost a look at each."""
        self._leave_in_peace()
        lists = await self._lists_of(object_id)
        shown = [one for one in lists.windows if one.reference(self._tenant_id) in wanted] or lists.first
        federated, looked_at = await asyncio.gather(
            self._federated(lists.user),
            asyncio.gather(*(self._read(one) for one in shown)),
        )
        read = {device.identity: device for device in looked_at}
        devices = tuple(without_twins(read.get(device.identity, device) for device in lists.devices))
        told = {device.identity: device.told(self._tenant_id) for device in devices}
        objects = {
            device.identity: device.entra.id if device.entra else None for device in devices if device.may_be_promised
        }
        return _Person(account(lists.user, federated, lists.hello), told, objects)

    async def _federated(self, user: User) -> bool | None:
        domain = (user.user_principal_name or "").rpartition("@")[2].lower()
        return await self._domains.get(domain, lambda: optional(self._graph.is_federated(domain)))

    async def _seen(self, device: Listed) -> Listed:
        return device if device.read else await self._read(device)

    async def _read(self, device: Listed) -> Listed:
        """With Entra's objects and the edition of one device of Intune's."""
        if device.managed is None:  # Entra's list has told all
            return replace(device, read=True)
        objects, hardware = await asyncio.gather(
            self._graph.entra_devices(device.device_id) if device.device_id else _nothing(),
            optional(self._graph.hardware(device.managed.id)),
        )
        return replace(with_objects(device, objects or ()), hardware=hardware, read=True)


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


@dataclass(frozen=True, slots=True)
class _Person:
    """A person with all their devices, those that are shown looked at one by one."""

    account: Account
    told: Mapping[str, Device]  # by what tells them from each other
    objects: Mapping[str, str | None]  # Entra's, of those whose recovery can be known

    @property
    def judged(self) -> dict[str, Device]:
        """Those whose recovery can be known."""
        return {key: self.told[key] for key in self.objects}


async def _nothing() -> None:
    return None
