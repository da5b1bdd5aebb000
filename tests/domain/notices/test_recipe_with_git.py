"""The port notice's commands, pasted into a shell as a contributor would, on real repositories."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from migrator.domain.decisions import Decided
from migrator.domain.evidence import ActivityVerdict, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.notices import prepare
from migrator.domain.rules import MigrationFile


def run(folder: Path, script: str, home: Path) -> str:
    """Run a shell script with a contributor's git, for which GitHub's addresses lead to the
    folder ``home``."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{home}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{
            f"GIT_{role}_{what}": f"ann{'@example.com' * (what == 'EMAIL')}"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def github(tmp_path: Path) -> Path:
    """Both repositories as GitHub would serve them, and a contributor's clone with a branch of
    two commits."""
    run(
        tmp_path,
        """
        git init -q -b master tensorflow/tensorflow && cd tensorflow/tensorflow
        mkdir -p tensorflow/python/keras/layers && echo one > tensorflow/python/keras/layers/a.py && echo x > other.py
        git add -A && git commit -qm start
        git init -q -b master ../../keras-team/keras && cd ../../keras-team/keras
        mkdir -p keras/layers && echo one > keras/layers/a.py && git add -A && git commit -qm start
        mkdir ../../work && cd ../../work && git clone -q https://github.com/tensorflow/tensorflow clone && cd clone
        git switch -qc fix-lstm
        echo two >> tensorflow/python/keras/layers/a.py && git commit -qam 'First step'
        echo new > tensorflow/python/keras/b.py && echo y > other.py && git add -A && git commit -qm 'Second step'
        """,
        tmp_path,
    )
    return tmp_path


@pytest.fixture
def commands(
    file: MigrationFile,
    now: datetime,
    make_pull: Callable[..., Item],
    decided: Callable[..., Decided],
    ownership: Callable[..., OwnershipVerdict],
    activity: Callable[..., ActivityVerdict],
) -> str:
    """The commands of a notice, as they stand in its code block."""
    text = prepare(file).render(
        make_pull(), decided("port", grace_days=14), ownership(), activity(), now=now
    )
    (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return str(block)


def test_the_commands_of_a_notice_carry_a_branch_over(github: Path, commands: str) -> None:
    """Pasted as they are: both commits arrive on a branch of the new clone, in order, with their
    author."""
    run(github / "work/clone", commands, github)
    new = github / "work/keras"
    assert (
        run(new, "git log --format='%an %s' master..fix-lstm", github)
        == "ann Second step\nann First step\n"
    )
    assert (new / "keras/layers/a.py").read_text() == "one\ntwo\n"
    assert (new / "keras/b.py").read_text() == "new\n"


def test_what_the_commands_leave_out_is_what_the_notice_says(github: Path, commands: str) -> None:
    """Files outside of the moved folder do not come along."""
    run(github / "work/clone", commands, github)
    assert not list((github / "work/keras").rglob("other.py"))
