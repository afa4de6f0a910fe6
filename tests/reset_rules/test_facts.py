"""Inventory that is too old says so."""

from datetime import UTC, datetime, timedelta

from bot.reset_rules.facts import STALE_AFTER, is_stale

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_inventory_is_stale_after_thirty_days_and_not_before() -> None:
    assert timedelta(days=30) == STALE_AFTER
    assert not is_stale(NOW - STALE_AFTER, NOW)
    assert is_stale(NOW - STALE_AFTER - timedelta(seconds=1), NOW)


def test_a_device_that_was_never_seen_is_stale() -> None:
    assert is_stale(None, NOW)


def test_a_clock_that_is_behind_makes_nothing_stale() -> None:
    assert not is_stale(NOW + timedelta(days=1), NOW)
