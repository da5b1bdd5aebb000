"""Ledger lines, written as tables and JSON hold them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from migrator.domain.protocol.ledger import ActKind, Attempt, Phase, read_line


def attempt(act: ActKind, phase: Phase, at: datetime, *, fencing: int = 0, **data: Any) -> Attempt:
    """One line; ``data`` as in ``ledger --json``."""
    return Attempt(line=read_line(act, phase, data), at=at, fencing=fencing)
