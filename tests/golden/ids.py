"""Ids that are otherwise random. The product takes them from uuid.uuid4 and nowhere else, so they are fixed there."""

import uuid
from contextlib import AbstractContextManager
from itertools import count
from unittest.mock import patch


def one_id() -> AbstractContextManager[object]:
    """Always the same, however many are drawn."""
    return patch("uuid.uuid4", return_value=uuid.UUID("aaaaaaaa-0000-4000-8000-000000000000"))


def counted_ids() -> AbstractContextManager[object]:
    """One after the other."""
    return patch("uuid.uuid4", side_effect=(uuid.UUID(f"eeeeeeee-0000-4000-8000-{n:012d}") for n in count(1)))
