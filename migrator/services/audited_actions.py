"""What a person does on the dashboard: each act is carried out, then noted with who did it, by
which door, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.domain.items import Frozen
from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.undo import make_retry_plan, make_undo_plan
from migrator.store.audit import AuditEvent as AuditEvent
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState

Enqueue = Callable[[str], None]
"""Has a run worked on by whichever process works here."""


class Principal(Frozen, frozen=True, kw_only=True):
    """Who acts, and by which door they came in (``github`` or ``link``)."""

    login: str
    door: str


@dataclass(frozen=True)
class AuditedActions:
    """Acts in a person's name."""

    context: Context
    enqueue: Enqueue

    def note(self, doer: Principal, verb: str, subject: str = "", detail: str = "") -> None:
        """Append to the record of who did what."""
        deed = AuditEvent(
            at=self.context.clock(),
            who=doer.login,
            door=doer.door,
            verb=verb,
            subject=subject,
            detail=detail[:500],
        )
        self.context.store.audit.note(deed)

    async def approve(self, doer: Principal, plan_hash: str, *, typed: str) -> StoredPlan:
        """Approve a plan by its whole hash. Raises :class:`~migrator.errors.PlanRefused` (see
        ``approve``)."""
        return await approve(
            self.context,
            plan_hash,
            by=doer.login,
            how=f"dashboard ({doer.door})",
            typed=typed.strip(),
        )

    def start(
        self, doer: Principal, plan_hash: str, *, fast: bool = False, first_wave: int = 0
    ) -> Run:
        """Open the run of an approved plan and have it worked on. ``fast`` leaves GitHub's pace, on
        a sandbox only.

        ``first_wave`` is the wave that follows the canary; 0 leaves them in their order, the
        gentlest first. Raises
        :class:`UsageError` if the plan has no such wave, and what ``apply.start`` does.
        """
        waves = self.context.store.plans.find(plan_hash).totals.waves
        if first_wave not in range(waves + 1):
            raise UsageError(
                f"the plan has no wave {first_wave}", cure=f"choose one from 1 to {waves}"
            )
        paced = not (fast and self.context.settings.on_loopback)
        options = runs.options(paced=paced, first_wave=first_wave if first_wave > 1 else 0)
        run = runs.start(self.context, plan_hash, options=options)
        self.enqueue(run.id)
        self.note(
            doer,
            "start",
            run.id,
            f"plan {run.plan_hash[:12]}" + (f", wave {first_wave} first" if first_wave > 1 else ""),
        )
        return run

    def pause(self, doer: Principal, run_id: str) -> None:
        """Hold a run. Raises :class:`UsageError` if it is not running."""
        self._own_run(run_id)
        runs.pause(self.context, run_id, by=doer.login)
        self.note(doer, "pause", run_id)

    def resume(self, doer: Principal, run_id: str) -> None:
        """Let a paused or stopped run go on. Raises :class:`UsageError` if it is neither."""
        before = self._own_run(run_id)
        runs.resume(self.context, run_id)
        self.enqueue(run_id)
        self.note(doer, "resume", run_id, before.reason)

    def cancel(self, doer: Principal, run_id: str) -> None:
        """End a run for good. Raises :class:`UsageError` if it has ended."""
        self._own_run(run_id)
        runs.cancel(self.context, run_id, by=doer.login)
        self.note(doer, "cancel", run_id)

    def undo_run(self, doer: Principal, run_id: str, *, wave: int | None = None) -> StoredPlan:
        """Plan to take a run back, or one wave of it; the plan is approved and started like any
        other.

        Raises :class:`~migrator.errors.PlanRefused` if nothing is left to undo, or the run is still
        at work.
        """
        run = self._own_run(run_id)
        if (
            run.state is RunState.RUNNING
            and run.kind != "undo"
            and wave is None
            and self._is_writing(run)
        ):
            raise UsageError(f"the run {run_id} is still at work", cure="pause or cancel it first")
        plan = make_undo_plan(
            self.context,
            as_of=self.context.clock(),
            run_id=run_id,
            wave=wave,
            progress=lambda _done, _total: None,
        )
        self.note(
            doer, "plan undo", run_id, f"plan {plan.hash[:12]}" + (f", wave {wave}" if wave else "")
        )
        return plan

    def retry_run(self, doer: Principal, run_id: str) -> StoredPlan:
        """Plan what failed in a run once more; the plan is approved and started like any other.

        Raises :class:`~migrator.errors.PlanRefused` if nothing can be tried again, or the run is
        still at work.
        """
        self._own_run(run_id)
        plan = make_retry_plan(
            self.context, run_id, as_of=self.context.clock(), progress=lambda _done, _total: None
        )
        self.note(
            doer, "plan retry", run_id, f"plan {plan.hash[:12]}, {plan.totals.notices} notices"
        )
        return plan

    def undo_item(self, doer: Principal, repository: str, number: int) -> StoredPlan:
        """Plan to take back what was done to one item. Raises
        :class:`~migrator.errors.PlanRefused` if nothing was."""
        key = f"{repository}#{number}"
        plan = make_undo_plan(
            self.context,
            as_of=self.context.clock(),
            item_key=key,
            progress=lambda _done, _total: None,
        )
        self.note(doer, "plan undo", key, f"plan {plan.hash[:12]}")
        return plan

    def replay(self, doer: Principal, delivery_id: str) -> None:
        """Have a webhook worked on once more. Raises :class:`UsageError` if it is not stored."""
        if not self.context.store.deliveries.replay(delivery_id):
            raise UsageError(
                f"no delivery {delivery_id} is stored", cure="see the list of deliveries"
            )
        self.note(doer, "replay", delivery_id)

    def newest(self, *, subject: str = "", limit: int = 100) -> list[AuditEvent]:
        """The latest deeds, newest first."""
        return self.context.store.audit.newest(limit, subject=subject)

    def _own_run(self, run_id: str) -> Run:
        run = self.context.store.runs.get(run_id)
        if run is None:
            raise UsageError(f"there is no run {run_id}", cure="see the list of runs")
        return run

    def _is_writing(self, run: Run) -> bool:
        """Whether a run has something to write now; one that only waits for graces has not."""
        progress = runs.progress(self.context, run.id)
        return progress.ended + progress.parked < progress.total
