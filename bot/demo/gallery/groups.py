"""Tenants whose assignments have more to be said of: filters, rules, policy sets, and everybody."""

from typing import Any

from bot.changes import tenant_state
from bot.demo.gallery.company import FINANCE, KIOSKS, PILOT, TWIN, profile, target
from bot.demo.gallery.tenant import ExampleTenant
from bot.tenant import Filling, Group

_FILTER = "30000000-0000-4000-8000-000000000001"


def _narrowed(group: Group, mode: str) -> dict[str, Any]:
    row = target(group)
    filtered = {
        "deviceAndAppManagementAssignmentFilterId": _FILTER,
        "deviceAndAppManagementAssignmentFilterType": mode,
    }
    return {"target": row["target"] | filtered}


_EMPTY, _MORE = (
    tuple(
        Group(f"10000000-0000-4000-8000-000000000{page}{number}", f"New PCs {start + number}", 0, 0, filling=filling)
        for number, filling in enumerate((None, *Filling))
    )
    for page, start in ((10, 0), (11, 5))
)
ODD_GROUPS = ExampleTenant(
    profiles=(profile(),),
    targets=(
        _narrowed(PILOT, "include"),
        _narrowed(FINANCE, "exclude"),
        target(KIOSKS) | {"source": "policySets"},
        {"target": {"@odata.type": tenant_state.ALL_USERS}, "source": "policySets"},
        *map(target, _EMPTY),
    ),
    known=(PILOT, FINANCE, KIOSKS, TWIN, *_EMPTY),
    filters=({"id": _FILTER, "displayName": "Corporate laptops"},),
)
ALL_DEVICES = ExampleTenant(profiles=(profile(),), targets=({"target": {"@odata.type": tenant_state.ALL_DEVICES}},))
EMPTY_GROUPS = ExampleTenant(
    profiles=(profile(),), targets=tuple(map(target, (*_EMPTY, *_MORE))), known=(FINANCE, *_EMPTY, *_MORE)
)
