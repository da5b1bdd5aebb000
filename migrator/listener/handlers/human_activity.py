"""Somebody acted on an item whose close waits for its grace to end: if it was a person, the
close is cancelled."""

from __future__ import annotations

from migrator.domain.protocol.ledger import Outcome
from migrator.domain.protocol.next_step import Wait
from migrator.listener.corrections import NoticeCorrector, is_yielding
from migrator.listener.item_context import Deferred, ItemContext


async def handle(ctx: ItemContext) -> str | Deferred:
    """Cancel what a person's act has made untrue, and reword the notice."""
    for recorded, planned in ctx.closable():
        if recorded.state.outcome is not None and not is_yielding(recorded.state):
            continue
        if not (ctx.is_parked(recorded) or is_yielding(recorded.state)):
            continue  # its run is at work on it, and reads it again before it closes
        async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
            ended = await corrector.heed(planned, recorded)
        if isinstance(ended, Wait):
            return Deferred(until=ended.until, why="the outcome of a write is not known yet")
        if ended is not None and ended.outcome is Outcome.YIELDED:
            return "kept open: a person spoke"
    return "nothing is pending"
