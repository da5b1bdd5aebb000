"""Carries one plan item through to its outcome: asks the pure core for the next step, has it
performed, and asks again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.ledger import READ_BACK, Ending, Outcome
from migrator.domain.protocol.next_step import (
    Finish,
    NextStep,
    Wait,
    next_step,
    next_undo_step,
)
from migrator.domain.protocol.transfer import next_transfer_back_step, next_transfer_step
from migrator.execution.item_state import ItemState
from migrator.execution.ledger_entries import find_entry, open_entries, open_entry
from migrator.execution.step_executor import StepExecutor
from migrator.store.ledger import Recorded


class ItemExecutor:
    """Acts on the items of one run, one at a time."""

    def __init__(self, steps: StepExecutor) -> None:
        self._steps = steps
        self._next = next_undo_step if steps.run.kind is PlanKind.UNDO else next_step
        self._opened: dict[str, Recorded] = {}
        self.elsewhere: dict[str, str] = {}
        """Item -> the other run that has carried out the same decision: another plan said so, too.
        Nothing is done again, and this run does not count the item."""

    async def read_ahead(self, planned: Sequence[PlanItem]) -> None:
        """Read some items together that :meth:`run` is called for at once, and open their entries.
        Raises what a read raises."""
        steps = self._steps
        await steps.read_ahead([item for item in planned if needs_reading(item)])
        self._opened = open_entries(
            steps.ledger, planned, steps.run.id, steps.run.plan_hash, steps.clock()
        )

    async def run(self, planned: PlanItem) -> Finish | Wait:
        """Do everything that can be done for one item now.

        Returns how it ended, or until when nothing more may be done. Raises ``LimitExceeded`` and
        ``ServerUnavailable`` where GitHub asks for patience, ``Overtaken`` if another process has
        this item.
        """
        steps = self._steps
        with steps.reporting_limits():
            self._end_undone_entry(planned)
            recorded = self._opened.pop(planned.key, None) or open_entry(
                steps.ledger, planned, steps.run.id, steps.run.plan_hash, steps.clock()
            )
            state = ItemState(planned, recorded, holds=not planned.transfers_to)
            known = state.entry_state
            if known.outcome is not None:
                self._claim(recorded)
                return Finish(outcome=known.outcome, code=known.code, message=known.message)
            async with steps.saving(state):
                ended = await steps.drive(state, self._next_step_of(planned))
                if isinstance(ended, Finish) and state.entry_state.outcome is None:
                    steps.conclude(state, ended)
            steps.note_unread(planned, ended)
            return ended

    def _claim(self, recorded: Recorded) -> None:
        """Note whose an ended entry is. One that `recover` read back becomes this run's: a process
        of this run had posted the notice and died before its database was kept."""
        run, entry = self._steps.run, recorded.entry
        if entry.run_id == run.id:
            return
        if recorded.state.code == READ_BACK:
            self._steps.ledger.adopt(entry, run.id, run.plan_hash)
        else:
            self.elsewhere[entry.item_key] = entry.run_id

    def _next_step_of(self, planned: PlanItem) -> NextStep:
        """The pure core for an item: transfers have one of their own."""
        if not planned.transfers_to:
            return self._next
        return next_transfer_back_step if planned.undoes else next_transfer_step

    def park(self, planned: PlanItem, until: datetime) -> None:
        """Note that nothing more can be done for an item before ``until``."""
        known = find_entry(self._steps.ledger, planned)
        if known is not None:
            self._steps.ledger.park(known.entry.id, until)

    def _end_undone_entry(self, planned: PlanItem) -> None:
        """Before an entry is taken back it must be at its end: a close that waits for its grace
        would come after the undo."""
        ledger = self._steps.ledger
        original = ledger.get(planned.undoes) if planned.undoes else None
        if original is not None and original.state.outcome is None:
            ending = Ending(
                outcome=Outcome.SKIPPED,
                code="undone",
                message="taken back before it was finished",
            )
            ledger.append(original, [self._steps.writer.attempt(ending)])


def needs_reading(item: PlanItem) -> bool:
    """Whether the item is looked at before anything is written; only an undo that just edits our
    notice does without."""
    return not item.undoes or item.closes or bool(item.label)
