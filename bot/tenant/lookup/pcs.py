"""PCs by name and by person, with all that decides for each."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from bot.reset_rules.why import Evidence
from bot.tenant import MOST_CHOICES, FoundPcs, FoundPeople, PcChoice, PersonsPcs
from bot.tenant.coverage import optional
from bot.tenant.devices import GraphDevices
from bot.tenant.graph import FILTERS, Graph
from bot.tenant.listed import Listed, listed
from bot.tenant.lookup.people import people
from bot.tenant.models import EntraDevice

MOST_NAMED = 30  # groups of assignments whose names are read; the others are told by the end of their ids


class GraphLookup:
    """Implements bot.tenant.Lookup."""

    def __init__(self, graph: Graph, devices: GraphDevices) -> None:
        self._graph = graph
        self._devices = devices

    async def people(self, name: str) -> FoundPeople:
        """See bot.tenant.Lookup."""
        return await people(self._graph, name)

    async def person(self, object_id: str, page: int = 1) -> PersonsPcs:
        """See bot.tenant.Lookup."""
        account, windows = await self._devices.owned(object_id)
        shown = windows[(page - 1) * MOST_CHOICES : page * MOST_CHOICES]
        return PersonsPcs(account, await self._devices.evidence(account.object_id, shown), len(windows))

    async def pcs(self, name: str, reference: str = "") -> FoundPcs:
        """Intune's PCs of that name; else Entra's, which may be called otherwise in Intune or be in none; else what is
        like it in Entra."""
        wanted = name.strip()
        pcs = await self._named(wanted)
        if reference:
            pcs = [one for one in pcs if self._devices.reference(one) == reference]
        if len(pcs) == 1:
            return await self._told(pcs[0])
        if pcs:
            return self._choices(pcs, exact=True)
        return self._choices(_windows(await self._graph.entra_devices_like(wanted)), exact=False)

    async def _named(self, name: str) -> Sequence[Listed]:
        managed, objects = await asyncio.gather(
            self._graph.managed_devices_named(name), self._graph.entra_devices_named(name)
        )
        if managed:
            return [one for one in listed(managed, ()) if one.is_windows]
        return await self._in_intune(_windows(objects)[: MOST_CHOICES + 1])

    async def _in_intune(self, objects: Sequence[Listed]) -> Sequence[Listed]:
        """A PC that was renamed keeps its old name in Entra; its device id tells which one of Intune's it is."""
        ids = [next((one.device_id or "" for one in found.objects), "") for found in objects]
        rows = await asyncio.gather(*(self._graph.managed_devices_of(one) for one in ids if one))
        known = {(row.azure_ad_device_id or "").lower() for row in chain(*rows)}
        unmanaged = [found for found, one in zip(objects, ids, strict=True) if one.lower() not in known]
        return [*(one for one in listed(chain(*rows), ()) if one.is_windows), *unmanaged]

    async def _told(self, found: Listed) -> FoundPcs:
        owner = (found.managed and found.managed.user_id) or ""
        (evidence,) = await self._devices.evidence(owner, (found,))
        groups, filters = await asyncio.gather(self._group_names(evidence), self._filter_names(evidence))
        return FoundPcs((self._choice(found),), exact=True, evidence=evidence, groups=groups, filters=filters)

    async def _group_names(self, evidence: Evidence) -> Mapping[str, str]:
        """First those that the PC or its user is in."""
        mine = (evidence.member.device or frozenset()) | (evidence.member.user or frozenset())
        named = {target.group_id for one in evidence.sources or () for target in one.targets or ()} - {""}
        first = sorted(named, key=lambda group: (group not in mine, group))[:MOST_NAMED]
        return await optional(self._graph.group_names(first)) or {} if first else {}

    async def _filter_names(self, evidence: Evidence) -> Mapping[str, str]:
        if not any(target.filtered for one in evidence.sources or () for target in one.targets or ()):
            return {}
        rows = await optional(self._graph.rows(FILTERS)) or ()
        return {str(row.get("id")).lower(): str(row.get("displayName") or "") for row in rows}

    def _choices(self, found: Sequence[Listed], *, exact: bool) -> FoundPcs:
        shown = tuple(map(self._choice, found[:MOST_CHOICES]))
        return FoundPcs(shown, exact=exact, more=len(found) > MOST_CHOICES)

    def _choice(self, found: Listed) -> PcChoice:
        device = found.managed
        owner = (device.user_principal_name or "") if device else None
        name = (device and device.device_name) or (found.entra and found.entra.display_name) or ""
        return PcChoice(self._devices.reference(found), name, owner, found.last_seen)


def _windows(objects: Iterable[EntraDevice]) -> list[Listed]:
    """Each object of Entra's by itself: two of one name may be two PCs."""
    return [one for found in objects if (one := Listed(None, (found,))).is_windows]
