"""The Action and its example workflow: the steps of each job run here, as a runner runs them, against
a sandbox with a job's token."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.cli.conftest import RULES
from tests.support.action_runner import (
    ACTION,
    ActionRunner,
    Ended,
    Expressions,
    kill_at_writes,
    own_migrator,
)
from tests.support.databases import Databases, postgresql
from tests.support.deployment import ROOT
from tests.support.forked import run_forked

SOURCE = "tensorflow/tensorflow"
TARGET = "keras-team/keras"
EXAMPLE = ROOT / "docs" / "examples" / "github-action.yml"
OUR_ACCOUNT = "github-actions"
REVIEWER = "repository-owner"
SCALE = 600
"""How many times faster the sandbox's hours pass: a run at GitHub's pace takes seconds."""


def workflow() -> dict[Any, Any]:
    """The example workflow. YAML reads its key `on` as true."""
    return dict(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")))


class Workflow:
    """The example workflow at work: its jobs, with what is given to the Action in each."""

    def __init__(self, runner: ActionRunner, **changes: Any) -> None:
        self.runner = runner
        self.changes = {"executable": str(own_migrator(runner.folder)), **changes}
        self._runs = count(100)

    def job(self, name: str, run_id: int, meanwhile: Any = lambda _: None, **context: str) -> Ended:
        """Run one job; ``context`` holds what its expressions name (`inputs_what`)."""
        (step,) = (one for one in workflow()["jobs"][name]["steps"] if one.get("id") == "migrator")
        words = Expressions({name.replace("__", "."): text for name, text in context.items()})
        given = {key: words.filled(value) for key, value in step["with"].items()}
        given = {key: value for key, value in given.items() if value != "" or key == "run"}
        since = {"since": "2020-01-01"}
        return self.runner.run(given | since | self.changes, run_id=run_id, meanwhile=meanwhile)

    def plan(self, what: str = "plan", run: str = "") -> tuple[int, str, Ended]:
        """The job `plan`: id of the workflow's run, hash of the plan, how it ended."""
        run_id = next(self._runs)
        ended = self.job("plan", run_id, inputs__what=what, inputs__run=run)
        assert ended.code == 0, ended.log
        return run_id, ended.outputs["plan"], ended

    def apply(self, run_id: int, plan: str, meanwhile: Any = lambda _: None) -> Ended:
        """The job `apply` of the same run."""
        return self.job("apply", run_id, meanwhile, needs__plan__outputs__plan=plan)

    def follow(self) -> Ended:
        """The job `follow`."""
        return self.job("follow", next(self._runs))


def rules(folder: Path) -> None:
    """The migration file of the checkout: what a job's token may do, which is nothing in the new
    repository."""
    text = RULES.replace("[decisions.clear]\nenabled = true", "[decisions.clear]\nenabled = false")
    assert text != RULES
    text += "\n[sending]\nnotices_per_person_per_day = 100\n"  # or the run waits for the next day
    (folder / "migration.toml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated world."""
    file = tmp_path_factory.mktemp("world") / "world.jsonl"
    write_world(generate(items=160, seed=3), file)
    return file


@pytest.fixture
def sandbox(world: Path) -> Iterator[Sandbox]:
    """A sandbox of it, with GitHub's limits on a faster clock, and slow to answer."""
    options = ("--limits", f"scaled:{SCALE}", "--latency", "60")
    with running_sandbox("--world", str(world), *options) as sandbox:
        yield sandbox


@pytest.fixture
def runner(sandbox: Sandbox, tmp_path: Path) -> ActionRunner:
    """A repository with the workflow and its migration file."""
    rules(tmp_path)
    settings = {
        "MIGRATOR_CLOCK_SCALE": str(SCALE),
        "MIGRATOR_CUT_OFF_SECONDS": "0.4",
        "MIGRATOR_READ_LAG_SECONDS": "0.2",
    }
    return ActionRunner(tmp_path, sandbox, SOURCE, settings)


def notices(sandbox: Sandbox) -> Counter[str]:
    """How many comments of ours each item has. Other workflows write with the same account."""
    found: Counter[str] = Counter()
    for record in sandbox.world():
        if record.get("record") == "item":
            ours = [
                one
                for one in record.get("comments", ())
                if one.get("author") == OUR_ACCOUNT and "nonce=" in one.get("body", "")
            ]
            found[f"{record['repository']}#{record['number']}"] += len(ours)
    return +found


def findings(runner: ActionRunner) -> list[str]:
    """What `migrator verify` finds wrong, by the database that the last job kept."""
    state = runner.folder / f"machine-{runner.jobs}" / "temp" / "migrator" / "state"
    settings = {
        **runner.settings,
        "MIGRATOR_DATABASE_URL": f"sqlite:///{state / 'migrator.sqlite'}",
        "MIGRATOR_MIGRATION": str(runner.folder / "migration.toml"),
        "MIGRATOR_GITHUB_URL": runner.sandbox.url,
        "MIGRATOR_GITHUB_TOKEN": runner.sandbox.post(
            "actions/token", {"repository": runner.repository}
        )["secret"],
    }
    ended, out, err = run_forked(["verify", "--json"], runner.folder, {**os.environ, **settings})
    assert ended in (0, 6), out + err
    return [str(one) for one in json.loads(out)["findings"] if one["fault"]]


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """The Action as a release brings it: the built sdist, unpacked."""
    built = tmp_path / "built"
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", str(built)]
    subprocess.run([*command, str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    shutil.unpack_archive(next(built.glob("*.tar.gz")), built, filter="data")
    return next(path for path in built.iterdir() if path.is_dir())


@pytest.mark.slow
def test_the_action_installs_itself_on_an_empty_machine(
    runner: ActionRunner, released: Path, tmp_path: Path
) -> None:
    """Without `executable`, every dependency comes by its hash into an environment of the job, and the
    plan is made with it. The machine has Python and nothing of ours."""
    kept = ("PIP_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy")
    machine = {name: value for name, value in os.environ.items() if name.startswith(kept)}
    python = Path(sys.base_prefix) / "bin"
    machine |= {"PATH": f"{python}:/usr/bin:/bin", "HOME": str(tmp_path / "home")}
    runner.action, runner.machine = released, machine
    _, plan, ended = Workflow(runner, executable="").plan()
    assert plan
    assert "migrator-plan" in ended.artifacts
    installed = tmp_path / "machine-1" / "temp" / "migrator" / "venv"
    asked = [str(installed / "bin" / "python"), "-c", "import migrator; print(migrator.__file__)"]
    found = subprocess.run(asked, env=machine, cwd="/", capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(installed))


@pytest.mark.slow
def test_plan_approve_apply_in_three_jobs_one_killed_follow_and_undo(
    runner: ActionRunner, sandbox: Sandbox
) -> None:
    """The second of three jobs is killed after it has written and before its artifact is kept: no
    item gets a second notice, every planned item gets one, and undo takes everything back."""
    example = Workflow(runner, **{"stop-after": "0.07"})
    run_id, plan, planned = example.plan()
    assert planned.artifacts == ("migrator-plan", "migrator-state")
    assert f"Plan `{plan[:12]}` for {SOURCE}" in planned.summary
    assert notices(sandbox) == {}

    refused = example.apply(run_id, plan)
    assert refused.code == 5
    assert "no one approved this run for the environment migration" in refused.log
    assert notices(sandbox) == {}

    runner.approve(run_id, REVIEWER)
    first = example.apply(run_id, plan)
    assert first.code == 0, first.log
    assert int(first.outputs["left"]) > 0
    posted = notices(sandbox)
    assert posted

    example.changes["stop-after"] = "10"
    killed = example.apply(run_id, plan, kill_at_writes(sandbox, 4))
    assert killed.code == -signal.SIGKILL
    assert killed.artifacts == ()
    assert notices(sandbox).total() > posted.total()

    last = example.apply(run_id, plan)
    assert last.code == 0, last.log
    assert last.outputs["left"] == "0"
    assert set(notices(sandbox).values()) == {1}

    assert findings(runner) == []

    followed = example.follow()
    assert followed.code == 0, followed.log
    done = notices(sandbox)
    assert set(done.values()) == {1}

    undo_id, undo, undone = example.plan("undo", last.outputs["run"])
    runner.approve(undo_id, REVIEWER)
    assert example.apply(undo_id, undo).code == 0, undone.log
    assert notices(sandbox) == done


def test_where_a_jobs_token_may_not_write_no_plan_is_made(
    runner: ActionRunner, sandbox: Sandbox
) -> None:
    """Items of the new repository would be cleared, too: the job ends and names what is missing
    where."""
    (runner.folder / "migration.toml").write_text(RULES, encoding="utf-8")
    ended = Workflow(runner).job("plan", 1, inputs__what="plan", inputs__run="")
    assert ended.code == 6
    lacking = [line for line in ended.log.splitlines() if "error" in line and TARGET in line]
    assert lacking, ended.log
    assert notices(sandbox) == {}


def test_a_fork_cannot_bring_a_database(runner: ActionRunner) -> None:
    """Artifacts of a pull request's run lie in the same repository: another head repository, or
    another branch."""
    planted = runner.folder / "planted"
    planted.mkdir()
    (planted / "migrator.sqlite").write_text("not a database", encoding="utf-8")
    runner.upload("migrator-state", planted, 1, head="mallory/tensorflow")
    runner.upload("migrator-state", planted, 2, branch="topic")
    ended = Workflow(runner).follow()
    assert "no job kept a database yet" in ended.log
    assert ended.code == 0, ended.log


@pytest.mark.slow
def test_two_jobs_at_once_on_postgresql_are_kept_apart_by_the_lease(
    runner: ActionRunner, sandbox: Sandbox
) -> None:
    """Without a concurrency group: both end well, and no item has a second notice. Nothing is kept
    as an artifact."""
    with postgresql() as server:
        address = Databases("postgresql", runner.folder, server).empty()
        example = Workflow(runner, **{"database-url": address, "stop-after": "4"})
        run_id, plan, planned = example.plan()
        assert planned.artifacts == ("migrator-plan",)
        runner.approve(run_id, REVIEWER)
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda _: example.apply(run_id, plan), range(2)))
    assert [one.code for one in both] == [0, 0], both[0].log + both[1].log
    assert set(notices(sandbox).values()) == {1}


def test_the_example_asks_for_no_more_than_it_needs() -> None:
    """Rights, the environment that is waited for, one group for all jobs; and nothing that relies
    on one job starting another workflow."""
    example = workflow()
    assert example["permissions"] == {
        "contents": "read",
        "issues": "write",
        "pull-requests": "write",
        "actions": "read",
    }
    events = next(value for name, value in example.items() if str(name) == "True")  # YAML's `on`
    assert set(events) == {"workflow_dispatch", "schedule"}
    groups = [job["concurrency"] for job in example["jobs"].values()]
    assert groups == [{"group": "migration", "cancel-in-progress": False}] * 3
    assert example["jobs"]["apply"]["environment"] == "migration"
    limit = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]["stop-after"]["default"]
    assert all(job["timeout-minutes"] > int(limit) + 5 for job in example["jobs"].values())
