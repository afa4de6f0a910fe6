"""Writes to the tenant, and the reads around them: nothing cached, nothing sent twice. Why so: GRAPH.md."""

from collections.abc import Mapping
from typing import Any

from bot.tenant import GraphCall, WriteResult
from bot.tenant.graph import Graph

APPROVAL_CODE = "x-msft-approval-code"
JUSTIFICATION = "x-msft-approval-justification"
LONGEST_WAIT = 180.0  # seconds; whoever is told to wait longer looks after that


class GraphWrites:
    """Implements bot.tenant.Writes on Graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """All rows of a collection, as they are."""
        return await self._graph.rows(path)

    async def send(self, call: GraphCall) -> WriteResult:
        """One request, sent exactly once."""
        # Microsoft: the code of a request that was approved replaces the justification.
        reason = {APPROVAL_CODE: call.approval_code} if call.approval_code else {JUSTIFICATION: call.justification}
        headers = {"client-request-id": call.request_id, **reason}
        status, answered = await self._graph.send_once(call.method, call.path, call.body, headers)
        refused = status is not None and status >= 400
        return WriteResult(
            status=status,
            request_id=answered.get("request-id", ""),
            # By the header, not by the status: Microsoft has changed the status before.
            approval_code=answered.get(APPROVAL_CODE, "") if refused else "",
            retry_after=_seconds(answered.get("retry-after", "")),
        )


def _seconds(text: str) -> float:
    return min(float(text), LONGEST_WAIT) if text.isdigit() else 0.0
