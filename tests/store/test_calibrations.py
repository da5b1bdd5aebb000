"""Stored calibrations."""

from __future__ import annotations

from datetime import timedelta

from migrator.domain.calibration import UNKNOWN, Calibration, ShareSource
from migrator.store import Store, open_store
from tests.store.conftest import NOW


def made(share: float, rules: str = "a" * 64) -> Calibration:
    """A calibration with that share."""
    return Calibration(
        rules_digest=rules,
        share=share,
        share_source=ShareSource.FILE,
        bars=(0.1, 0.9, 0.95),
        expected_precision=UNKNOWN,
    )


def test_the_newest_under_the_same_rules_is_found(store: Store) -> None:
    """Other rules and other migrations have their own."""
    first, second, other = made(0.1), made(0.2), made(0.3, "b" * 64)
    assert store.calibrations.newest(rules_digest="a" * 64) is None
    for hours, one in enumerate((first, second, other)):
        store.calibrations.keep(one, NOW + timedelta(hours=hours))
    assert store.calibrations.newest(rules_digest="a" * 64) == second
    assert open_store(store.engine, "elsewhere").calibrations.newest(rules_digest="a" * 64) is None


def test_the_same_again_becomes_the_newest(store: Store) -> None:
    """It is one record."""
    first, second = made(0.1), made(0.2)
    for hours, one in enumerate((first, second, first)):
        store.calibrations.keep(one, NOW + timedelta(hours=hours))
    assert store.calibrations.newest(rules_digest="a" * 64) == first
