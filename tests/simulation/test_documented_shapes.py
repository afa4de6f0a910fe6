"""What a check and the help desk read of a tenant has the names and types that Microsoft documents for it, too."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.simulation import World
from bot.simulation.graph.service import ROUTES
from bot.simulation.state import CHANGING
from tests.simulation.paths import good
from tests.simulation.test_shapes import NOT_PUBLISHED

DOCUMENTED: dict[str, Any] = json.loads((Path(__file__).parent / "shapes.json").read_text("utf-8"))
PATHS = [path for path in DOCUMENTED if path.startswith("/")]
OF_ODATA = "@odata."
OF_BETA = {path for path in NOT_PUBLISHED if "/intents" in path or "configurationPolicies" in path}
CAST = {"/groups/{id}/transitiveMembers/microsoft.graph.{kind}"}  # rows of types that the larger document has
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KINDS = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list, "null": type(None)}


def _faults(found: Any, wanted: Any, at: str) -> Iterator[str]:
    """Where an answer is not as documented. A list stands for rows of the shape in it, `?` for what may be null."""
    if isinstance(wanted, list):
        yield from (fault for one in found for fault in _faults(one, wanted[0], at))
    elif isinstance(wanted, dict):
        for name, value in found.items():
            if name in wanted:
                yield from _faults(value, wanted[name], f"{at}.{name}")
            elif OF_ODATA not in name:
                yield f"{at}.{name} is not documented"
    elif not _fits(found, wanted):
        yield f"{at} is no {wanted}: {found!r}"


def _fits(found: Any, wanted: str) -> bool:
    kind = wanted.removesuffix("?")
    if found is None:
        return wanted.endswith("?") or kind == "null"
    if kind in KINDS:
        return type(found) is KINDS[kind]
    if kind == "guid":
        return bool(GUID.fullmatch(found))
    if kind == "moment":
        return datetime.fromisoformat(found).tzinfo is not None
    return found in kind.split("|")


@pytest.mark.parametrize("path", PATHS)
async def test_each_answer_has_documented_names_and_types_and_no_other(world: World, path: str) -> None:
    world.tenant.permissions |= CHANGING | {"Directory.Read.All", "AppCatalog.Read.All", "Application.Read.All"}
    (route,) = [one for one in ROUTES if one.path == path and one.method == "GET"]
    reply = await good(world, route)
    assert reply.status == 200
    answer = json.loads(reply.body)
    rows = answer.get("value", [answer])
    assert [fault for row in rows for fault in _faults(row, DOCUMENTED[path]["row"], path)] == []
    assert rows or path == "/deviceManagement/operationApprovalPolicies"


def test_a_name_of_our_own_and_a_value_of_another_type_are_noticed() -> None:
    shape = {"id": "guid", "rows": [{"at": "moment?", "state": "on|off"}]}
    right = {"@odata.type": "x", "id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "rows": [{"at": None, "state": "on"}]}
    wrong = {"id": "x", "more": 1, "rows": [{"at": "2026-11-27T00:00:00", "state": "On"}]}
    assert [*_faults(right, shape, "")] == []
    assert [fault.split()[0] for fault in _faults(wrong, shape, "")] == [".id", ".more", ".rows.at", ".rows.state"]


def test_no_path_is_without_a_shape() -> None:
    """Those of beta are read field by field in tests of their own."""
    assert set(PATHS) | OF_BETA | CAST == NOT_PUBLISHED
