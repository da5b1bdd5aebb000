"""``migrator runs``."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, moment, print_json, print_table
from migrator.domain.planning.plan import STEERED
from migrator.views.outcomes import ENDED, OutcomeSums, QuestionSums, RunOutcomes, run_outcomes

EXAMPLE = "migrator runs --migration moved.toml"


def command(migration: MigrationOption, json: JsonOption = False) -> None:
    """List the runs of approved plans, newest first: what each one does, where it stands, and why
    it stopped if it did."""
    records = bootstrap.open_records(migration)
    runs = records.store.runs.newest(kinds=STEERED)
    found = [
        (run, run_outcomes(records, run, records.store.plans.find(run.plan_hash))) for run in runs
    ]
    if json:
        documents = (
            msgspec.to_builtins(run) | {"sums": outcomes.sums, "questions": outcomes.questions}
            for run, outcomes in found
        )
        print_json({"runs": list(documents)})
    else:
        rows = [
            (
                *(run.id, run.kind, run.state, run.wave, _in_words(outcomes), run.reason),
                *(moment(run.started_at), run.plan_hash[:12]),
            )
            for run, outcomes in found
        ]
        header = ("run", "kind", "state", "wave", "items", "reason", "started", "plan")
        print_table(header, rows, empty="No plan was started yet.")


def _in_words(outcomes: RunOutcomes) -> str:
    """Where the items of a run stand now, those that have begun; with the answers to its
    questions."""
    stand = _counted(outcomes.sums, (*ENDED, "waiting", "set_aside")) or "none"
    questions = outcomes.questions
    if questions is None:
        return stand
    answers = _counted(questions, [name for name in questions.__struct_fields__ if name != "asked"])
    return f"{stand}; {questions.asked} asked: {answers}"


def _counted(sums: OutcomeSums | QuestionSums, names: Sequence[str]) -> str:
    counts = ((name.replace("_", " "), getattr(sums, name)) for name in names)
    return ", ".join(f"{count} {name}" for name, count in counts if count)
