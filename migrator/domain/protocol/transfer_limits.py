"""Whether threads may be transferred now: the canary first, and no more once too many differ."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from migrator.domain.items import Frozen
from migrator.domain.protocol.causes import HoldCause, StopReason
from migrator.domain.protocol.thread_picture import Receipt
from migrator.domain.rules import ThreadTransferRules

LEAST_RECEIPTS: Final = 50
"""Receipts below which a share of differences says little: until then two differences stop."""
LEAST_DIFFERENCES: Final = 2


class TransferCount(Frozen, frozen=True, kw_only=True):
    """What came of a run's transfers so far: ``receipts`` are settled, ``differing`` of them differ
    from how the thread was."""

    receipts: int = 0
    differing: int = 0


def count(receipts: Collection[Receipt]) -> TransferCount:
    """Count the transfers that have these receipts."""
    differing = sum(bool(each.differences) for each in receipts)
    return TransferCount(receipts=len(receipts), differing=differing)


def too_many_differ(counted: TransferCount, rules: ThreadTransferRules) -> StopReason | None:
    """Why a run must transfer no more; ``None`` if it may."""
    few = counted.differing < LEAST_DIFFERENCES
    if few or rules.max_differences >= 1:
        return None
    if counted.differing < rules.max_differences * max(counted.receipts, LEAST_RECEIPTS):
        return None
    words = (
        f"{counted.differing} of {counted.receipts} transferred threads differ from how they were"
    )
    return StopReason(HoldCause.DIFFERENCES, words)


def canary_due(settled_at: datetime, rules: ThreadTransferRules) -> datetime:
    """When the first transferred thread has stood for long enough."""
    return settled_at + timedelta(minutes=rules.canary_minutes)
