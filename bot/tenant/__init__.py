"""People, groups, devices and policies of the customer's Microsoft tenant, by the questions we ask."""

from typing import Protocol

from bot.rollout.facts import Apps, Belongings, Profile


class Devices(Protocol):
    """What a person owns."""

    async def belongings(self, object_id: str) -> Belongings:
        """The person and their own devices, recovery state included; cached some minutes, one look-up at a time.

        Raises errors.TenantUnreachable, errors.NotPermitted, errors.NotFound or errors.TenantRefused.
        """
        ...


class Rollout(Protocol):
    """How far the rollout is, for the whole tenant."""

    async def apps(self) -> Apps: ...

    async def profiles(self) -> tuple[Profile, ...]: ...
