"""Processes of the command line that start fast: forked off a server that has imported
everything already."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

from migrator.cli.verbs import VERBS

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(
    [
        "migrator.bootstrap",
        "migrator.services.rehearse",
        "dbos",
        "tests.support.runner",
        *(verb.place for verb in VERBS.values()),
    ]
)
LONGEST = 120
"""Seconds that a command may take."""


def run_forked(
    arguments: list[str], folder: Path, environment: dict[str, str]
) -> tuple[int, str, str]:
    """Run the command line in a process of its own; returns its exit code, standard output and
    standard error."""
    with tempfile.TemporaryDirectory() as scratch:
        out, err = Path(scratch) / "out", Path(scratch) / "err"
        # not a daemon: those may not start processes, as the compute pool does
        child = CHILDREN.Process(target=_work, args=(arguments, folder, environment, out, err))
        child.start()
        child.join(LONGEST)
        if child.exitcode is None:
            child.kill()
            raise AssertionError(
                f"{arguments} still ran after {LONGEST} s: {err.read_text(encoding='utf-8')}"
            )
        return child.exitcode, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")


def _work(
    arguments: list[str], folder: Path, environment: dict[str, str], out: Path, err: Path
) -> None:
    from migrator.cli import main
    from migrator.execution.compute_pool import asking_pool, judging_pool

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, stream)
    opened_anew = (open(fd, "w", encoding="utf-8", closefd=False) for fd in (1, 2))  # noqa: SIM115
    sys.stdout, sys.stderr = opened_anew
    sys.argv = ["migrator", *arguments]
    try:
        main()
    finally:
        for pool in (judging_pool(), asking_pool()):
            pool.close()  # such a process waits for its children, and theirs idle for a minute
        sys.stdout.flush()
        sys.stderr.flush()
