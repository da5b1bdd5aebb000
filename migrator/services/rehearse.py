"""``rehearse``: the whole path from check to verify, on request back again, with the same code
that the real thing runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from migrator.domain.classification.activity.facts import Turn
from migrator.domain.evidence import Activity, ActivityVerdict, ReplyKind
from migrator.domain.items import Frozen
from migrator.domain.marker import without_markers
from migrator.domain.planning.plan import PlanItem
from migrator.errors import ChecksFailed
from migrator.execution.context import Context
from migrator.execution.engine import Engine, only_worker
from migrator.execution.own_account import bot_identity
from migrator.execution.scan import scan
from migrator.execution.verify import Verified, verify
from migrator.github.checks.results import CheckLevel
from migrator.services import runs
from migrator.services.approve import approve, approvers_needed
from migrator.services.check import check
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.services.undo import make_undo_plan
from migrator.store import revisions
from migrator.store.plans import StoredPlan
from migrator.store.runs import RunOptions

Report = Callable[[str, int, int], None]
"""Called with (what is at work, done, total)."""


class Rehearsed(Frozen, frozen=True, kw_only=True):
    """One plan carried through to its end."""

    plan: StoredPlan
    progress: runs.RunProgress
    verified: Verified


class Rehearsal:
    """Carries a migration through on a sandbox. ``advance`` lets time pass, there and for us,
    for closes with a grace; ``in_grace`` is called once for each run that has any, with the hash
    of its plan, before the first one ends."""

    def __init__(
        self,
        context: Context,
        *,
        as_of: datetime,
        advance: Callable[[timedelta], None],
        options: RunOptions,
        report: Report,
        in_grace: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._context = context
        self._as_of = as_of
        self._advance = advance
        self._options = options
        self._report = report
        self._in_grace = in_grace

    def prepare(self) -> None:
        """Bring the database up to date, check, scan and classify. Raises :class:`ChecksFailed`
        if a check does."""
        revisions.upgrade(self._context.store.engine)
        self._check()
        asyncio.run(
            scan(self._context, lambda what, done, total: self._report(f"scan {what}", done, total))
        )
        own = bot_identity(self._context)
        classify(
            self._context,
            as_of=self._as_of,
            own=own,
            progress=lambda done, total: self._report("classify", done, total),
        )

    def _check(self) -> None:
        failed = [
            finding
            for finding in asyncio.run(check(self._context))
            if finding.level is CheckLevel.ERROR
        ]
        if failed:
            raise ChecksFailed(
                f"{len(failed)} checks failed, first: {failed[0].message}", cure=failed[0].cure
            )

    def migrate(self) -> Rehearsed:
        """Plan, approve, apply to the end (graces included), verify."""
        return self._carry_out(self.approved_plan(), "apply")

    def approved_plan(self) -> StoredPlan:
        """Plan and approve."""
        return self._approved(self.waiting_plan())

    def waiting_plan(self) -> StoredPlan:
        """Plan, and leave the approval to a person."""
        return make_plan(
            self._context,
            as_of=self._as_of,
            own=bot_identity(self._context),
            commands_served=False,
            progress=lambda done, total: self._report("plan", done, total),
        )

    def _approved(self, plan: StoredPlan) -> StoredPlan:
        for place in range(1, approvers_needed(self._context, plan) + 1):
            by = "rehearsal" if place == 1 else f"rehearsal {place}"
            asyncio.run(approve(self._context, plan.hash, by=by, how="sandbox"))
        return plan

    def undo(self, run_id: str) -> Rehearsed:
        """Take a whole run back: plan it, approve, apply, verify."""
        plan = make_undo_plan(
            self._context,
            as_of=self._context.clock(),
            run_id=run_id,
            progress=lambda done, total: self._report("undo plan", done, total),
        )
        return self._carry_out(self._approved(plan), "undo")

    def _carry_out(self, plan: StoredPlan, name: str) -> Rehearsed:
        progress = self._run(plan, name)
        verified = asyncio.run(
            verify(
                self._context,
                run_id=None,
                progress=lambda done: self._report(f"verify {name}", done, progress.total),
            )
        )
        return Rehearsed(plan=plan, progress=progress, verified=verified)

    def _run(self, plan: StoredPlan, name: str) -> runs.RunProgress:
        run = runs.start(self._context, plan.hash, options=self._options)
        with only_worker(self._context):
            engine = Engine(self._context)
            engine.launch()
            try:
                return self._to_the_end(engine, run.id, name)
            finally:
                engine.close()

    def _to_the_end(self, engine: Engine, run_id: str, name: str) -> runs.RunProgress:
        """Watch the run; whenever only closes with a grace are left, let the grace pass."""

        def report(now: runs.RunProgress) -> None:
            self._report(name, now.ended, now.total)
            held = now.run.held_until
            if held is not None and held > self._context.clock():
                self._advance(held - self._context.clock() + timedelta(seconds=1))

        progress = runs.watch(self._context, engine, run_id, report)
        if progress.parked and progress.run.state == "running":
            self._in_grace(progress.run.plan_hash)
        while progress.parked and progress.due is not None and progress.run.state == "running":
            self._advance(
                max(progress.due - self._context.clock(), timedelta()) + timedelta(seconds=1)
            )
            progress = runs.watch(self._context, engine, run_id, report)
        return progress


def item_lines(context: Context, plan: StoredPlan) -> Iterator[dict[str, Any]]:
    """One object for each item of a plan, by repository and number: what was decided, whose turn it
    is, and the notice.

    ``turn`` is ``project``, ``author`` or ``nobody``; ``turn_kind`` and ``turn_url`` name the
    comment of a maintainer that it follows from (``none`` and empty without one). ``activity`` is
    ``active`` also where only the maintainers' silence made it old: nothing is closed for that.
    ``notice`` is the text that people read, empty where none is posted.
    """
    for item in context.store.plans.items(plan.hash):
        judged = context.store.verdicts.get(item.repository, item.number)
        if judged is not None:
            yield _item_line(item, judged.activity)


def _item_line(item: PlanItem, activity: ActivityVerdict) -> dict[str, Any]:
    reply = activity.reply
    return {
        "number": item.number,
        "repository": item.repository,
        "decision": item.decision.value,
        "code": item.code,
        "activity": (Activity.ACTIVE if activity.unanswered else activity.answer).value,
        "turn": "project" if activity.awaiting == Turn.MAINTAINERS else activity.awaiting,
        "turn_kind": str(reply.kind if reply else ReplyKind.NONE),
        "turn_url": reply.url if reply else "",
        "probability": item.probability,
        "notice": without_markers(item.text).strip(),
    }


def people_mailed(context: Context, plan: StoredPlan) -> int:
    """How many people the acts of a plan mail, each counted once; watchers are not known by
    name."""
    return len(
        {
            login
            for item in context.store.plans.items(plan.hash, acting=True)
            for login in item.recipients
        }
    )
