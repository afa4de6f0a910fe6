"""How far the rollout is: Intune's figures for a profile."""

import asyncio
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from bot.errors import BotError
from bot.tenant import Overview
from bot.tenant.graph import Graph

CONFLICTS = "NumberOfConflictDevices"


class _Overview(BaseModel):
    """GET deviceStatusOverview."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)

    success_count: int = 0
    error_count: int = 0
    failed_count: int = 0
    pending_count: int = 0
    not_applicable_count: int = 0
    last_update_date_time: datetime | None = None


class _Report(BaseModel):
    """What a report answers; the order of the columns is that of Schema, never of what was asked for."""

    model_config = ConfigDict(extra="ignore")

    Schema: list[dict[str, object]]
    Values: list[list[object]]


class GraphProgress:
    """Implements bot.tenant.Rollout."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def overview(self, profile_id: str) -> Overview:
        """The overview, and conflicts from the report, which v1.0's overview does not count."""
        path = f"/v1.0/deviceManagement/deviceConfigurations/{profile_id}/deviceStatusOverview"
        counted, conflict = await asyncio.gather(self._graph.one(path, _Overview), self._conflicts(profile_id))
        return Overview(
            succeeded=counted.success_count,
            error=counted.error_count + counted.failed_count,
            conflict=conflict,
            pending=counted.pending_count,
            not_applicable=counted.not_applicable_count,
            at=counted.last_update_date_time,
        )

    async def _conflicts(self, profile_id: str) -> int | None:
        try:
            report = await self._graph.report("getConfigurationPolicyNonComplianceSummaryReport", profile_id, _Report)
        except BotError:  # the figure is a bonus, its absence is said
            return None
        columns = [str(column.get("Column")) for column in report.Schema]
        if CONFLICTS not in columns:
            return None
        conflicts = [row[columns.index(CONFLICTS)] for row in report.Values]
        return sum(count for count in conflicts if isinstance(count, int))
