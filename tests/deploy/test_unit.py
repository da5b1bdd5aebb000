"""The systemd units: understood by systemd where there is one, and as locked up as systemd can
make it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, UNITS, unit

each_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)


@each_unit
def test_systemd_understands_every_line(path: Path, tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to complain about."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip(
            "systemd is not installed here; the other tests of this file read the unit themselves"
        )
    program = tmp_path / "migrator"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = []
    for each in (path, *path.parent.glob(f"{path.stem}.timer")):
        copy = tmp_path / each.name.replace("@", "@23029490a24a")
        text = each.read_text(encoding="utf-8").replace("/opt/migrator/bin/migrator", str(program))
        copy.write_text(text, encoding="utf-8")
        units.append(str(copy))
    done = subprocess.run(
        [analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "migrator" in line]
    assert ours == []


@each_unit
def test_the_unit_has_a_user_of_its_own_and_writes_only_its_state(path: Path) -> None:
    """A break-in finds a throw-away user, no capability and a read-only machine."""
    settings = unit(path)
    for name, value in {
        "DynamicUser": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "", "StateDirectoryMode": "0700",
    }.items():  # fmt: skip
        assert settings[name] == [value], name


@each_unit
def test_every_credential_that_is_loaded_is_used_and_the_other_way_round(path: Path) -> None:
    """Secrets come as files that only the service can read, none stands in the unit or in its
    environment."""
    settings = unit(path)
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
