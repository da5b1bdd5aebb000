"""When a run must transfer no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from migrator.domain.protocol.causes import HoldCause
from migrator.domain.protocol.thread_picture import Receipt
from migrator.domain.protocol.transfer_limits import (
    TransferCount,
    canary_due,
    count,
    too_many_differ,
)
from migrator.domain.rules import ThreadTransferRules

NOW = datetime(2022, 3, 1, tzinfo=UTC)
RULES = ThreadTransferRules()


@pytest.mark.parametrize(
    ("receipts", "differing", "stops"),
    [
        (1, 1, False),
        (2, 2, True),
        (50, 1, False),
        (50, 2, True),
        (100, 2, True),
        (101, 2, False),
        (2_000, 39, False),
        (2_000, 40, True),
    ],
)
def test_a_run_stops_at_its_share_of_differences(
    receipts: int, differing: int, stops: bool
) -> None:
    """One difference alone stops nothing; two do until a share means something."""
    found = too_many_differ(TransferCount(receipts=receipts, differing=differing), RULES)
    assert (found is not None) == stops
    if found is not None:
        assert found.cause is HoldCause.DIFFERENCES
        assert f"{differing} of {receipts} transferred threads" in found.words


def test_the_gate_can_be_switched_off() -> None:
    """By a share of everything."""
    rules = ThreadTransferRules(max_differences=1.0)
    for receipts in (2, 60):
        assert too_many_differ(TransferCount(receipts=receipts, differing=receipts), rules) is None


def test_receipts_are_counted_with_what_differs() -> None:
    """What the target has no place for is no difference."""
    receipts = [Receipt(), Receipt(lost=("label x",)), Receipt(differences=("state",))]
    assert count(receipts) == TransferCount(receipts=3, differing=1)


def test_a_canary_is_due_after_the_file_s_minutes() -> None:
    """Ten, unless the file says otherwise."""
    assert canary_due(NOW, RULES) == NOW + timedelta(minutes=10)
    assert canary_due(NOW, ThreadTransferRules(canary_minutes=0)) == NOW
