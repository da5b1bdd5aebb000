"""The world's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from migrator.sandbox.clock import Clock


def test_where_it_began_does_not_move_while_it_runs() -> None:
    """What is planned at a sandbox's first moment is the same however long the machine takes to
    start it."""
    clock = Clock(datetime(2021, 9, 1, 12, tzinfo=UTC))
    time.sleep(1.1)
    assert clock.start == "2021-09-01T12:00:00Z"
    assert clock.text() > clock.start
