"""A rehearsal: a sandbox is filled and started, the migration is carried through in it, and its
world is read afterwards."""

from __future__ import annotations

import dataclasses
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from migrator import bootstrap
from migrator.config.migration_file import LoadedMigration
from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem, one_sided
from migrator.domain.planning.undo import RESOLVED, can_be_undone
from migrator.domain.protocol.ledger import EntryState, Outcome
from migrator.domain.protocol.transfer import DIFFERS, REDIRECTED
from migrator.execution.context import Context
from migrator.github.models import Requests
from migrator.rehearsal.folder import About, KeptFolder
from migrator.rehearsal.relations import (
    Relation,
    items_by_place,
    outline,
    present_place,
    relations_of,
)
from migrator.rehearsal.result import WorldReading, read_world
from migrator.rehearsal.sandbox import ACCOUNT, Sandbox, WorldInput, running_sandbox, write_world
from migrator.services import runs
from migrator.services.rehearse import Rehearsal, Rehearsed, Report, item_lines, people_mailed
from migrator.store.plans import StoredPlan
from migrator.store.private_files import output_file, write_private
from migrator.store.runs import RunOptions
from migrator.views.outcomes import run_outcomes
from migrator.views.report import report_page
from migrator.views.report_data import ReportKind, RunSummary

TOUR_ITEMS: Final = 120
"""Items of the migration that a tour leads through."""


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """What is to be rehearsed, and how."""

    migration: LoadedMigration
    world: WorldInput
    undo: bool = False
    react: bool = False
    paced: bool = False
    account: str = ACCOUNT
    items_json: Path | None = None
    transfers: Mapping[str, Any] | None = None
    """How the sandbox transfers issues, as ``POST /_sandbox/transfers`` takes it."""
    bots: Sequence[Mapping[str, Any]] = ()
    """Bots that react to new issues there, as ``POST /_sandbox/bots`` takes them."""

    def within(self, folder: KeptFolder, report: Report) -> dict[str, Any]:
        """Rehearse in that folder and say what happened. Raises what a real migration would."""
        began = time.monotonic()
        folder.rules.write_text(self.migration.text, encoding="utf-8")
        about = About(migration=self.migration.file.migration.name, account=self.account)
        folder.write(about)
        with self._filled_sandbox(folder) as (sandbox, count, relations):
            stage = _Stage.build(folder, sandbox, self.migration, relations)
            result = self._carry_through(stage, count, report)
            result["seconds"] = round(time.monotonic() - began, 2)
            result["memory_mb"] = stage.memory()
            stage.write_report(result)
        folder.write(replace(about, plan_hash=result["plan_hash"], run=result["run"]))
        return result

    def for_a_tour(self) -> Rehearsing:
        """The same with other items, and fewer: a person walks through it."""
        world = dataclasses.replace(
            self.world, seed=self.world.seed + 1, items=min(self.world.items, TOUR_ITEMS)
        )
        return dataclasses.replace(self, world=world)

    def up_to_the_plan(self, folder: KeptFolder, report: Report) -> StoredPlan:
        """Rehearse in that folder up to a plan that waits for approval, and leave the rest to a
        tour on the dashboard."""
        folder.path.mkdir(parents=True)
        folder.rules.write_text(self.migration.text, encoding="utf-8")
        about = About(migration=self.migration.file.migration.name, account=self.account, tour=True)
        with self._filled_sandbox(folder) as (sandbox, _, relations):
            stage = _Stage.build(folder, sandbox, self.migration, relations)
            rehearsal = stage.rehearsal(runs.options(paced=self.paced, considerate=False), report)
            rehearsal.prepare()
            plan = rehearsal.waiting_plan()
        folder.write(replace(about, plan_hash=plan.hash))
        return plan

    @contextmanager
    def _filled_sandbox(
        self, folder: KeptFolder
    ) -> Iterator[tuple[Sandbox, int, tuple[Relation, ...]]]:
        """A sandbox that keeps its world in the folder, how many items it was filled with, and
        which of them are related."""
        with tempfile.TemporaryDirectory(prefix="migrator-") as scratch:
            world = Path(scratch) / "world.jsonl"
            records, relations = self._records()
            count = write_world(records, world)
            now = ["--now", self.world.now] if self.world.now else []
            options = ("--world", str(world), "--state", str(folder.state), *now)
            with running_sandbox(*options, account=self.account) as sandbox:
                world.unlink()
                if self.transfers:
                    sandbox.post("transfers", self.transfers)
                if self.bots:
                    sandbox.post("bots", self.bots)
                yield sandbox, count, tuple(relations)

    def _records(self) -> tuple[Iterable[dict[str, Any]], Sequence[Relation]]:
        """The world's records, and where threads are transferred, which of them are related."""
        records = self.world.records()
        if not self.migration.file.decisions.transfers:
            return records, ()
        everything = list(records)
        return everything, relations_of(everything)

    def _carry_through(self, stage: _Stage, count: int, report: Report) -> dict[str, Any]:
        answers: dict[str, int] = {}

        def in_grace(plan_hash: str) -> None:
            if self.react and self.migration.file.decisions.asks:
                answers.update(stage.answers(plan_hash))

        options = runs.options(paced=self.paced, considerate=False)
        rehearsal = stage.rehearsal(options, report, in_grace)
        rehearsal.prepare()
        done = rehearsal.migrate()
        result = {"items": count, **stage.result(done)}
        if self.items_json is not None:
            write_lines(self.items_json, item_lines(stage.context, done.plan))
        if self.react:
            # brings the whole web with it, which takes 20 MB
            from migrator.rehearsal.reactions import let_people_react

            result["reactions"] = answers | let_people_react(
                stage.context, stage.sandbox, stage.advance, done.plan.hash
            )
        if self.undo:
            result["undo"] = stage.undo_result(rehearsal, done)
        return result


@dataclass(frozen=True, slots=True)
class _Stage:
    """A running sandbox and everything that the migration needs in it."""

    folder: KeptFolder
    sandbox: Sandbox
    context: Context
    clock: bootstrap.ShiftedClock
    relations: tuple[Relation, ...] = ()

    @classmethod
    def build(
        cls,
        folder: KeptFolder,
        sandbox: Sandbox,
        migration: LoadedMigration,
        relations: tuple[Relation, ...] = (),
    ) -> _Stage:
        clock = bootstrap.ShiftedClock(sandbox.now)
        settings = folder.settings(sandbox)
        context = bootstrap.build(migration, settings=settings, clock=clock, require_revision=False)
        return cls(folder, sandbox, context, clock, relations)

    def answers(self, plan_hash: str) -> dict[str, int]:
        """Let some of those who are asked answer; how many did what."""
        from migrator.rehearsal.reactions import answer_questions

        return answer_questions(self.context, self.sandbox, self.advance, plan_hash)

    def rehearsal(
        self,
        options: RunOptions,
        report: Report,
        in_grace: Callable[[str], None] = lambda _: None,
    ) -> Rehearsal:
        """The migration's way, from check to verify."""
        return Rehearsal(
            self.context,
            as_of=self.sandbox.now,
            advance=self.advance,
            options=options,
            report=report,
            in_grace=in_grace,
        )

    def advance(self, by: timedelta) -> None:
        """Let time pass, for us and in the sandbox's world."""
        self.clock.advance(by)
        self.sandbox.advance(by.total_seconds())

    def result(self, done: Rehearsed) -> dict[str, Any]:
        """What the way from check to verify came to; what counts is read off the sandbox's
        world."""
        requests = self._requests(Requests())
        reading = self._read(done)
        outcomes = done.progress.outcomes
        return {
            "decisions": done.plan.totals.decisions,
            "waves": done.plan.totals.waves,
            "notices": reading.notices,
            "closed": reading.closed,
            "skipped": outcomes.get("skipped", {}),
            "questions": run_outcomes(self.context, done.progress.run, done.plan).questions,
            "outcomes": {
                outcome: sum(codes.values()) for outcome, codes in sorted(outcomes.items())
            },
            "duplicate_notices": reading.duplicate_notices,
            **self._transfer_counts(done, reading),
            "requests": requests,
            "mailed": people_mailed(self.context, done.plan),
            "verified": not reading.wrong
            and not done.verified.faults
            and done.progress.run.state == "finished",
            "one_sided": one_sided(done.plan.totals) or "",
            "wrong": [
                *reading.wrong[:20],
                *(f"{one.item_key}: {one.message}" for one in done.verified.faults[:20]),
            ],
            "plan_hash": done.plan.hash,
            "run": done.progress.run.id,
            "reason": done.progress.run.reason,
        }

    def _transfer_counts(self, done: Rehearsed, reading: WorldReading) -> dict[str, int]:
        """What became of the threads that were to be transferred."""
        outcomes = self.context.store.ledger.outcome_of_items(done.progress.run.id)
        wanted = [
            item.key
            for item in self.context.store.plans.items(done.plan.hash, acting=True)
            if item.transfers_to
        ]
        failed = (Outcome.FAILED.value, Outcome.IN_DOUBT.value)
        ended_well = done.progress.outcomes.get(Outcome.DONE.value, {})
        return {
            "transferred": reading.transferred,
            "transfer_failed": sum(outcomes.get(key) in failed for key in wanted),
            "redirected_instead": ended_well.get(REDIRECTED, 0),
            "transfers_differing": ended_well.get(DIFFERS, 0),
            "moved_twice": reading.moved_twice,
            "relations": len(self.relations),
            "relations_lost": reading.relations_lost,
        }

    def _requests(self, before: Requests) -> dict[str, int]:
        """Requests since then, by kind."""
        spent = self.context.clients.requests
        return {
            kind: getattr(spent, kind) - getattr(before, kind)
            for kind in ("query", "mutation", "rest")
        }

    def _read(self, done: Rehearsed) -> WorldReading:
        store = self.context.store
        ended = self._answered(done.progress.run.id)
        planned = {
            item.key: _as_answered(replace(item, text=""), ended.get(item.key))
            for item in store.plans.items(done.plan.hash, acting=True)
        }
        outcomes = store.ledger.outcome_of_items(done.progress.run.id)
        dropped = {
            key for key, outcome in outcomes.items() if outcome == "skipped" and key not in ended
        }
        return read_world(
            self.sandbox.world(), self.sandbox.account, planned, dropped, self.relations
        )

    def _answered(self, run_id: str) -> dict[str, EntryState]:
        """What came of the questions that people answered, by item."""
        if not self.context.migration.file.decisions.asks:
            return {}
        return {
            each.entry.item_key: each.state
            for each in self.context.store.ledger.stream(run_id=run_id)
            if each.entry.decision == Decision.ASK and can_be_undone(each.state)
        }

    def undo_result(self, rehearsal: Rehearsal, done: Rehearsed) -> dict[str, Any]:
        """Undo everything, and say what that came to."""
        before, moved = self.context.clients.requests, self._moved(done)
        undone = rehearsal.undo(done.progress.run.id)
        reading = read_world(self.sandbox.world(), self.sandbox.account, {}, set(), self.relations)
        closed, still = reading.closed, self._moved(done)
        failed = undone.progress.outcomes.get("failed", {})
        gone, refused = failed.get("cannot_reopen", 0), failed.get("transfer_refused", 0)
        return {
            "items": undone.progress.total,
            "outcomes": undone.progress.outcomes,
            "requests": self._requests(before),
            "still_closed": closed,
            "plan_hash": undone.plan.hash,
            "cannot_reopen": gone,
            "transferred_back": moved - still,
            "cannot_return": refused,
            "moved_twice": reading.moved_twice,
            "relations_lost": reading.relations_lost,
            "verified": not undone.verified.faults
            and closed == gone
            and still == refused
            and not (reading.moved_twice or reading.relations_lost),
        }

    def _moved(self, done: Rehearsed) -> int:
        """How many threads that were to be transferred are not in their old repository."""
        items = items_by_place(outline(record) for record in self.sandbox.world())
        return sum(
            present_place(items, item.key).partition("#")[0] != item.repository
            for item in self.context.store.plans.items(done.plan.hash, acting=True)
            if item.transfers_to
        )

    def memory(self) -> dict[str, float]:
        """Peak resident memory of both processes in MB (on Linux ``ru_maxrss`` is in kilobytes)."""
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {
            "migrator": round(own, 1),
            "sandbox": round(float(self.sandbox.stats().get("max_rss_mb", 0.0)), 1),
        }

    def write_report(self, result: dict[str, Any]) -> None:
        """Write the page about it all into the folder."""
        plan = self.context.store.plans.find(result["plan_hash"])
        page = report_page(
            self.context,
            plan,
            made_at=bootstrap.system_clock(),
            kind=ReportKind.REHEARSAL,
            run=_summary(result),
            undo=_undo_summary(result["undo"]) if "undo" in result else None,
        )
        write_private(self.folder.report, page)


def _as_answered(item: PlanItem, ended: EntryState | None) -> PlanItem:
    """What the plan wants of an item after the answer to its question."""
    if ended is None:
        return item
    resolved = ended.code == RESOLVED
    answered = resolved or ended.outcome in (Outcome.YIELDED, Outcome.SKIPPED)
    return replace(item, closes=resolved, label="") if answered else item


def write_lines(path: Path, lines: Iterator[dict[str, Any]]) -> None:
    """Write JSON lines."""
    with output_file(path) as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _summary(result: dict[str, Any]) -> RunSummary:
    return RunSummary(
        outcomes=result["outcomes"],
        skipped=result["skipped"],
        questions=result["questions"],
        notices=result["notices"],
        closed=result["closed"],
        duplicate_notices=result["duplicate_notices"],
        requests=result["requests"],
        seconds=result["seconds"],
        verified=result["verified"],
        findings=tuple(result["wrong"]),
        approved_by="rehearsal",
        stopped=result["reason"],
    )


def _undo_summary(undo: dict[str, Any]) -> RunSummary:
    outcomes = {outcome: sum(codes.values()) for outcome, codes in sorted(undo["outcomes"].items())}
    return RunSummary(
        outcomes=outcomes,
        notices=undo["items"],
        requests=undo["requests"],
        closed=undo["still_closed"],
        verified=undo["verified"],
    )
