"""What a person does on the dashboard: each action is carried out, then recorded in the audit log
with who did it, how they signed in, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from migrator.domain.items import Frozen
from migrator.domain.planning.plan import STEERED
from migrator.errors import PlanRefused, UsageError
from migrator.execution.context import Context
from migrator.execution.migration_state import MigrationState
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.undo import NotUndone, make_retry_plan, make_undo_plan
from migrator.store.audit import AuditEvent as AuditEvent
from migrator.store.jobs import JobKind, JobOptions, QueuedJob
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState

Enqueue = Callable[[str], None]
"""Has a run worked on by whichever process works here."""


class Principal(Frozen, frozen=True, kw_only=True):
    """Who acts, and how they signed in (``github`` or ``link``)."""

    login: str
    auth_method: str


def record(
    records: MigrationState, who: Principal, verb: str, subject: str = "", detail: str = ""
) -> None:
    """Append to the audit log."""
    event = AuditEvent(
        at=records.clock(),
        who=who.login,
        door=who.auth_method,
        verb=verb,
        subject=subject,
        detail=detail[:500],
    )
    records.store.audit.record(event)


@dataclass(frozen=True)
class AuditedActions:
    """Actions in a person's name."""

    context: Context
    enqueue: Enqueue

    def record(self, who: Principal, verb: str, subject: str = "", detail: str = "") -> None:
        """Append to the audit log."""
        record(self.context, who, verb, subject, detail)

    async def approve(
        self, who: Principal, plan_hash: str, *, typed: str, comment: str = ""
    ) -> StoredPlan:
        """Approve a plan by its whole hash. Raises :class:`~migrator.errors.PlanRefused` (see
        ``approve``)."""
        return await approve(
            self.context,
            plan_hash,
            by=who.login,
            how=f"dashboard ({who.auth_method})",
            typed=typed.strip(),
            comment=comment,
        )

    def discard(self, who: Principal, plan_hash: str) -> None:
        """Remove a plan that was never begun. Raises :class:`~migrator.errors.PlanRefused` for an
        unknown one, and for one with a run: what was done stays on record with its plan."""
        plan = self.context.store.plans.find(plan_hash)
        if plan.header.kind not in STEERED or not self.context.store.plans.discard(plan.hash):
            raise PlanRefused(
                f"the plan {plan.hash[:12]} was begun, and stays on record",
                cure="undo its run, if what it did is to be reverted",
            )
        sums = f"{plan.header.kind.value}, {plan.totals.notices} notices"
        self.record(who, "discard", plan.hash, sums)

    def start(
        self, who: Principal, plan_hash: str, *, fast: bool = False, first_wave: int = 0
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
        self.record(
            who,
            "start",
            run.id,
            f"plan {run.plan_hash[:12]}" + (f", wave {first_wave} first" if first_wave > 1 else ""),
        )
        return run

    def pause(self, who: Principal, run_id: str) -> None:
        """Hold a run. Raises :class:`UsageError` if it is not running."""
        self._own_run(run_id)
        runs.pause(self.context, run_id, by=who.login)
        self.record(who, "pause", run_id)

    def resume(self, who: Principal, run_id: str) -> QueuedJob | None:
        """Let a run go on. What one that has not stopped left in doubt is looked at again by a
        worker, as that writes the ledger; the job is returned then.

        Raises :class:`UsageError` as :func:`runs.resume` and :meth:`request_job` do.
        """
        before = self._own_run(run_id)
        if before.state in (RunState.FINISHED, RunState.RUNNING):
            return self.request_job(who, JobKind.RESUME, JobOptions(run_id=run_id))
        runs.resume(self.context, run_id)
        self.enqueue(run_id)
        self.record(who, "resume", run_id, before.reason)
        return None

    def cancel(self, who: Principal, run_id: str) -> None:
        """End a run for good. Raises :class:`UsageError` if it has ended."""
        self._own_run(run_id)
        runs.cancel(self.context, run_id, by=who.login)
        self.record(who, "cancel", run_id)

    def undo_run(self, who: Principal, run_id: str, *, wave: int | None = None) -> StoredPlan:
        """Plan to undo a run, or one wave of it; the plan is approved and started like any
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
        left: list[NotUndone] = []
        plan = make_undo_plan(
            self.context,
            as_of=self.context.clock(),
            run_id=run_id,
            wave=wave,
            progress=lambda _done, _total: None,
            left_out=left.append,
        )
        said = f"plan {plan.hash[:12]}" + (f", wave {wave}" if wave else "")
        self.record(who, "plan undo", run_id, said + _not_undone(left))
        return plan

    def retry_run(self, who: Principal, run_id: str, *, code: str = "") -> StoredPlan:
        """Plan what failed in a run once more, for any reason or for one; the plan is approved and
        started like any other.

        Raises :class:`~migrator.errors.PlanRefused` if nothing can be tried again, or the run is
        still at work.
        """
        self._own_run(run_id)
        plan = make_retry_plan(
            self.context,
            run_id,
            as_of=self.context.clock(),
            code=code,
            progress=lambda _done, _total: None,
        )
        self.record(
            who, "plan retry", run_id, f"plan {plan.hash[:12]}, {plan.totals.notices} notices"
        )
        return plan

    def undo_item(self, who: Principal, repository: str, number: int) -> StoredPlan:
        """Plan to undo what was done to one item. Raises
        :class:`~migrator.errors.PlanRefused` if nothing was."""
        key = f"{repository}#{number}"
        left: list[NotUndone] = []
        plan = make_undo_plan(
            self.context,
            as_of=self.context.clock(),
            item_key=key,
            progress=lambda _done, _total: None,
            left_out=left.append,
        )
        self.record(who, "plan undo", key, f"plan {plan.hash[:12]}" + _not_undone(left))
        return plan

    def replay(self, who: Principal, delivery_id: str) -> None:
        """Have a webhook worked on once more. Raises :class:`UsageError` if it is not stored."""
        if not self.context.store.deliveries.replay(delivery_id):
            raise UsageError(
                f"no delivery {delivery_id} is stored", cure="see the list of deliveries"
            )
        self.record(who, "replay", delivery_id)

    def request_job(self, who: Principal, kind: JobKind, options: JobOptions) -> QueuedJob:
        """Ask a worker for a scan, a classification or a plan. The same request again gives the
        job that is unfinished.

        Raises :class:`UsageError` if another one is.
        """
        job, is_new = self.context.store.jobs.enqueue(
            kind,
            options,
            by=who.login,
            at=self.context.clock(),
            rules_digest=self.context.migration.digest,
        )
        if is_new:
            said = (kind.value, "full" if options.full else "", options.run_id)
            self.record(who, "request job", job.id, " ".join(filter(None, said)))
        elif (job.kind, job.options) != (kind, options):
            raise UsageError(
                f"{job.requested_by} has asked for another job ({job.kind.value}), which is "
                f"{job.state.value}",
                cure="wait until it ends, or cancel it",
            )
        return job

    def cancel_job(self, who: Principal, job_id: str) -> None:
        """End a job that has not ended. What it has read and stored so far stays. Raises
        :class:`UsageError` if it has."""
        if not self.context.store.jobs.cancel(job_id, at=self.context.clock()):
            raise UsageError(f"there is no unfinished job {job_id}", cure="see the list of jobs")
        self.record(who, "cancel job", job_id)

    def newest(
        self, *, subject: str = "", once: Sequence[str] = (), limit: int = 100
    ) -> list[AuditEvent]:
        """The newest entries of the audit log, newest first; those on a ``subject`` also under the
        names that it had ``once``."""
        return self.context.store.audit.newest(limit, subject=subject, once=once)

    def _own_run(self, run_id: str) -> Run:
        run = self.context.store.runs.get(run_id)
        if run is None:
            raise UsageError(f"there is no run {run_id}", cure="see the list of runs")
        return run

    def _is_writing(self, run: Run) -> bool:
        """Whether a run has something to write now; one that only waits for graces has not."""
        progress = runs.progress(self.context, run.id)
        return progress.ended + progress.waiting < progress.total


def _not_undone(left: Sequence[NotUndone]) -> str:
    """For the audit log: what an undo plan leaves out."""
    return f"; cannot be read, and left out: {len(left)}" if left else ""
