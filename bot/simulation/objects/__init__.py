"""What Graph keeps of the tenant, as it writes it."""

from typing import Any

MADE = "2026-09-14T09:30:00Z"
Json = dict[str, Any]
