"""The systemd unit: understood by systemd where there is one, and as locked up as systemd can
make it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, UNIT, unit


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to complain about."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip(
            "systemd is not installed here; the other tests of this file read the unit themselves"
        )
    program = tmp_path / "migrator"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / "migrator.service"
    copy.write_text(
        UNIT.read_text(encoding="utf-8").replace("/opt/migrator/bin/migrator", str(program)),
        encoding="utf-8",
    )
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "migrator.service" in line]
    assert ours == []


def test_the_unit_has_a_user_of_its_own_and_writes_only_its_state() -> None:
    """A break-in finds a throw-away user, no capability and a read-only machine."""
    settings = unit()
    for name, value in {
        "DynamicUser": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "", "StateDirectoryMode": "0700",
    }.items():  # fmt: skip
        assert settings[name] == [value], name


def test_every_credential_that_is_loaded_is_used_and_the_other_way_round() -> None:
    """Secrets come as files that only the service can read, none stands in the unit or in its
    environment."""
    settings = unit()
    loaded = {value.partition(":")[0] for value in settings["LoadCredential"]}
    used = {
        value.rpartition("/")[2]
        for value in settings["Environment"]
        if value.partition("=")[0].endswith("_FILE")
    }
    assert loaded == used


def test_a_fault_of_the_input_is_not_tried_again() -> None:
    """The exit codes at which systemd lets it rest are those that a person has to look at."""
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    codes = unit()["RestartPreventExitStatus"][0].split()
    assert all(f"| {code} |" in page for code in codes)
