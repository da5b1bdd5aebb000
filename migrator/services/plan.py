"""``plan``: verdicts and rules in, a frozen and hashed plan out. Nothing is sent to GitHub."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import migrator
from migrator.domain.classification.classifier import Classifier
from migrator.domain.items import State
from migrator.domain.notices import TargetFacts, TextProblem, check_templates
from migrator.domain.people import BotIdentity
from migrator.domain.planning.plan import (
    PlanHasher,
    PlanHeader,
    PlanItem,
    PlanKind,
    depth,
    gated_wave_numbers,
)
from migrator.errors import ConfigError, PlanRefused
from migrator.execution.migration_state import MigrationState
from migrator.execution.notices import open_notices, target_facts
from migrator.execution.planner import (
    Planner,
    PlanTally,
    open_planner,
    plan_header,
    unknown_items,
)
from migrator.services.review_order import CandidateCollector, keep_order
from migrator.store import json_columns
from migrator.store.plans import StoredPlan

BATCH = 200


def make_plan(
    records: MigrationState,
    *,
    as_of: datetime,
    own: BotIdentity,
    commands_served: bool,
    progress: Callable[[int, int], None],
) -> StoredPlan:
    """Plan every judged item at the time ``as_of``, store the plan, and return it.

    The same snapshots, rules and date give the plan that is already stored, by its hash.
    Raises :class:`PlanRefused` if nothing was classified under the current rules, ``ConfigError``
    for a wrong text.
    """
    planner = planner_for(records, as_of=as_of, own=own, commands_served=commands_served)
    verdicts = records.store.verdicts
    judged = verdicts.stream(rules_digest=records.migration.digest)
    total = verdicts.count(rules_digest=records.migration.digest)
    if not total:
        raise PlanRefused(
            "no item has been classified under these rules",
            cure="run `migrator scan` and `migrator classify` first",
        )
    header = plan_header(records, PlanKind.MIGRATE, as_of)
    waiting = CandidateCollector(records.migration.file, own)
    planned = waiting.watching((one, planner.plan(one)) for one in judged)
    stored = write_plan(records, header, planned, total=total, progress=progress)
    if unknown_items(records) != header.set_aside:  # rows that cannot be read were met
        records.store.plans.discard(stored.hash)
        return make_plan(
            records, as_of=as_of, own=own, commands_served=commands_served, progress=progress
        )
    records.store.facts.keep(stored.hash, _checked_texts(records), True)
    keep_order(records, stored.hash, waiting.found)
    return stored


def planner_for(
    records: MigrationState, *, as_of: datetime, own: BotIdentity, commands_served: bool
) -> Planner:
    """The planner of all items. Raises ``ConfigError`` for a text that cannot be posted."""
    refuse_wrong_texts(records)
    judge = Classifier(records.migration.file, own)
    notices = open_notices(records, commands_served=commands_served)
    histories = records.store.histories.all()
    return open_planner(records, judge, notices, own, as_of=as_of, histories=histories)


def refuse_too_many_unknown(records: MigrationState, plan: StoredPlan) -> None:
    """Raise :class:`PlanRefused` if more items are set aside than the migration file allows when
    a run begins."""
    unknown, most = unknown_items(records), records.migration.file.plan.max_set_aside
    of_all = records.store.snapshots.count(state=State.OPEN) + unknown
    if plan.header.kind is PlanKind.MIGRATE and unknown > most * of_all:
        raise PlanRefused(
            f"{unknown} of {of_all} items could not be read and are set aside; the migration "
            f"file allows {most:.1%}",
            cure=(
                "run `migrator scan` again, then classify and plan; or raise `max_set_aside` in "
                "[plan]"
            ),
        )


def write_plan(
    records: MigrationState,
    header: PlanHeader,
    items: Iterable[PlanItem],
    *,
    total: int,
    progress: Callable[[int, int], None],
) -> StoredPlan:
    """Store a plan's items as they come, in the order of repository and number, then give it its
    hash and its waves."""
    plans = records.store.plans
    draft = plans.begin_draft(header, records.clock())
    hasher, tally, done = PlanHasher(header), PlanTally(header), 0
    batch: list[PlanItem] = []
    parents: dict[str, str] = {}
    for item in items:
        hasher.add(item)
        tally.add(item)
        if item.transfers_to:
            parents[item.key] = item.parent
        batch.append(item)
        if len(batch) == BATCH:
            plans.save_items(draft, batch)
            done += len(batch)
            progress(done, total)
            batch = []
    plans.save_items(draft, batch)
    progress(total, total)
    sizes = records.migration.file.plan.waves
    numbers = list(gated_wave_numbers(tally.notices - tally.clears, tally.clears, sizes))
    plans.set_waves(draft, numbers, {key: depth(key, parents) for key in parents})
    return plans.finish_draft(
        draft, hasher.hexdigest(), header, tally.totals(numbers), records.clock()
    )


_PROBLEMS: Final[dict[str, list[TextProblem]]] = {}
"""What :func:`_checked_texts` says -> what was found."""


def text_problems(records: MigrationState) -> list[TextProblem]:
    """What is wrong with the notice templates, and with the refile forms of targets that were
    scanned. Looked at once in a process: `check` asks, and then `plan`."""
    name = _checked_texts(records)
    found = _PROBLEMS.get(name)
    if found is None:
        found = check_templates(records.migration.file, _targets(records))
        _PROBLEMS.clear()  # of one file at a time
        _PROBLEMS[name] = found
    return found


def _targets(records: MigrationState) -> dict[str, TargetFacts]:
    known = {name: target_facts(records, name) for name in records.migration.file.targets}
    return {name: facts for name, facts in known.items() if facts is not None}


def _checked_texts(records: MigrationState) -> str:
    """The name under which a plan keeps that its texts were found right: it holds the digest of
    all that the check looks at."""
    seen = (migrator.__version__, records.migration.digest, _targets(records))
    return f"texts checked: {hashlib.sha256(json_columns.write(seen)).hexdigest()}"


def refuse_wrong_texts(records: MigrationState) -> None:
    """Raise :class:`ConfigError` for the first problem: nothing may be planned with a text that
    cannot be posted.

    What was checked for a plan that is stored is not checked again: rendering all samples takes as
    long as planning a hundred items.
    """
    if records.store.facts.any_has(_checked_texts(records)):
        return
    problems = text_problems(records)
    if problems:
        first, more = problems[0], len(problems) - 1
        cause = f"{records.migration.path}, `{first.key}`: {first.cause}"
        raise ConfigError(f"{cause} (and {more} more problems)" if more else cause, cure=first.cure)
