"""The systemd units: understood by systemd where there is one, as locked up as systemd can make
them, and with the key in the worker only."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, SYSTEMD, UNITS, WEB_UNIT, WORKER_UNIT, unit

each_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
SERVICES = {"web": WEB_UNIT, "worker": WORKER_UNIT}
"""What runs for good; the others are started, and end."""


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
    beside = [other for other in SERVICES.values() if other != path and path in SERVICES.values()]
    for each in (path, *beside, *path.parent.glob(f"{path.stem}.timer")):
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
def test_a_unit_has_a_user_of_its_own_and_writes_only_its_state(path: Path) -> None:
    """A break-in finds a user without rights, no capability and a read-only machine."""
    settings = unit(path)
    for name, value in {
        "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
    }.items():  # fmt: skip
        assert settings[name] == [value], name
    kind = next((kind for kind, service in SERVICES.items() if service == path), "")
    if kind:
        assert settings["User"] == [f"migrator-{kind}"]
        assert settings["ReadWritePaths"] == ["/var/lib/migrator"]
    else:
        assert (settings["DynamicUser"], settings["StateDirectoryMode"]) == (["yes"], ["0700"])


def test_the_two_users_share_a_group_and_the_databases_folder() -> None:
    """What one of them creates there the other may write; nobody else may look."""
    users = (SYSTEMD / "migrator.sysusers").read_text(encoding="utf-8")
    assert re.findall(r"^m (\S+) (\S+)$", users, re.MULTILINE) == [
        (f"migrator-{kind}", "migrator") for kind in SERVICES
    ]
    folder = (SYSTEMD / "migrator.tmpfiles").read_text(encoding="utf-8").splitlines()[-1].split()
    assert folder[:3] == ["d", "/var/lib/migrator", "2770"]
    for path in SERVICES.values():
        assert (unit(path)["Group"], unit(path)["UMask"]) == (["migrator"], ["0007"])


def test_only_the_worker_is_given_the_key() -> None:
    """And only the web what lets people and GitHub in."""
    given = {
        kind: {each.partition(":")[0] for each in unit(path)["LoadCredential"]}
        for kind, path in SERVICES.items()
    }
    assert given["worker"] == {"github_private_key"}
    assert given["web"] == {"webhook_secret", "session_secret", "oauth_client_secret"}


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


@pytest.mark.parametrize("path", SERVICES.values(), ids=SERVICES)
def test_a_fault_of_the_input_is_not_tried_again(path: Path) -> None:
    """The exit codes at which systemd lets it rest are those that a person has to look at."""
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    codes = unit(path)["RestartPreventExitStatus"][0].split()
    assert all(f"| {code} |" in page for code in codes)
