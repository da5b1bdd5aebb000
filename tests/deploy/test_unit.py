"""The systemd units: understood by systemd where there is one, as locked up as systemd can make
them, and with the key in one of them only."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, SYSTEMD, UNITS, unit, unit_file


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line(name: str, tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to complain about."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip(
            "systemd is not installed here; the other tests of this file read the unit themselves"
        )
    program = tmp_path / "migrator"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / unit_file(name).name
    for one in UNITS:  # one names the other
        text = unit_file(one).read_text(encoding="utf-8")
        (tmp_path / unit_file(one).name).write_text(
            text.replace("/opt/migrator/bin/migrator", str(program)), encoding="utf-8"
        )
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if copy.name in line]
    assert ours == []


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_a_user_of_its_own_and_writes_only_the_database(name: str) -> None:
    """A break-in finds a user without rights, no capability and a read-only machine."""
    for setting, value in {
        "User": f"migrator-{name}", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
        "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ReadWritePaths": "/var/lib/migrator",
    }.items():  # fmt: skip
        assert unit(name)[setting] == [value], setting


def test_the_two_users_share_a_group_and_the_databases_folder() -> None:
    """What one of them creates there the other may write; nobody else may look."""
    users = (SYSTEMD / "migrator.sysusers").read_text(encoding="utf-8")
    assert re.findall(r"^m (\S+) (\S+)$", users, re.MULTILINE) == [
        (f"migrator-{name}", "migrator") for name in UNITS
    ]
    folder = (SYSTEMD / "migrator.tmpfiles").read_text(encoding="utf-8").splitlines()[-1].split()
    assert folder[:3] == ["d", "/var/lib/migrator", "2770"]
    assert all(unit(name)["Group"] == ["migrator"] for name in UNITS)
    assert all(unit(name)["UMask"] == ["0007"] for name in UNITS)


def test_only_the_worker_is_given_the_key() -> None:
    """And only the web what lets people and GitHub in."""
    given = {
        name: {each.partition(":")[0] for each in unit(name)["LoadCredential"]} for name in UNITS
    }
    assert given["worker"] == {"github_private_key"}
    assert given["web"] == {"webhook_secret", "session_secret", "oauth_client_secret"}


@pytest.mark.parametrize("name", UNITS)
def test_every_credential_that_is_loaded_is_used_and_the_other_way_round(name: str) -> None:
    """Secrets come as files that only the service can read, none stands in the unit or in its
    environment."""
    settings = unit(name)
    loaded = {value.partition(":")[0] for value in settings["LoadCredential"]}
    used = {
        value.rpartition("/")[2]
        for value in settings["Environment"]
        if value.partition("=")[0].endswith("_FILE")
    }
    assert loaded == used


@pytest.mark.parametrize("name", UNITS)
def test_a_fault_of_the_input_is_not_tried_again(name: str) -> None:
    """The exit codes at which systemd lets it rest are those that a person has to look at."""
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    codes = unit(name)["RestartPreventExitStatus"][0].split()
    assert all(f"| {code} |" in page for code in codes)
