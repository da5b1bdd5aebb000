"""Credentials are nowhere but in memory: not in the database, logs, reports, errors or representations."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from migrator.cli.sandbox_process import ACCOUNT, running_sandbox, write_world
from migrator.config.settings import Settings
from migrator.sandbox.worlds import generate
from migrator.store.engine import open_engine

TOKEN = f"sandbox-{ACCOUNT}"
SECRETS = {
    "github_token": "ghp_tokenthatnobodyshouldsee",
    "webhook_secret": "webhooksecretthatnobodyshouldsee",
    "session_secret": "sessionsecretthatnobodyshouldsee-0123456789",
    "oauth_client_secret": "oauthsecretthatnobodyshouldsee",
    "database_url": "postgresql://me:passwordthatnobodyshouldsee@127.0.0.1:1/none",
}


def migrator(*words: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a person would."""
    command = [sys.executable, "-m", "migrator", *words]
    return subprocess.run(command, env=environment, capture_output=True, check=False, cwd=folder)


def newest_plan(folder: Path) -> str:
    """Hash of the plan that was made."""
    engine = open_engine(f"sqlite:///{folder / 'migrator.sqlite'}")
    with engine.connect() as connection:
        found = str(connection.exec_driver_sql("select hash from mig_plan order by created_at desc").scalar())
    engine.dispose()
    return found


@pytest.mark.slow
def test_no_byte_of_a_migration_holds_the_token(tmp_path: Path) -> None:
    """Database, report, what is printed and what is logged, for every step from check to verify, and for one that fails."""
    write_world(generate(items=60, seed=4), tmp_path / "world.jsonl")
    kept = tmp_path / "kept"
    kept.mkdir()
    printed = b""
    with running_sandbox("--world", str(tmp_path / "world.jsonl")) as sandbox:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")},
            "MIGRATOR_DATABASE_URL": f"sqlite:///{kept / 'migrator.sqlite'}",
            "MIGRATOR_GITHUB_URL": sandbox.url,
            "MIGRATOR_GITHUB_TOKEN": TOKEN,
            "MIGRATOR_MIGRATION": "keras",
            "MIGRATOR_CUT_OFF_SECONDS": "1",
            "MIGRATOR_READ_LAG_SECONDS": "0.5",
        }
        steps = ["db upgrade", "check", "scan", "classify", "plan", "approve HASH", "apply HASH", "verify", "runs"]
        for step in steps:
            plan = newest_plan(kept) if "HASH" in step else ""
            done = migrator(*step.replace("HASH", plan).split(), environment=environment, folder=kept)
            printed += done.stdout + done.stderr
            assert done.returncode == 0, done.stderr.decode()
        wrong = environment | {"MIGRATOR_GITHUB_TOKEN": SECRETS["github_token"]}
        refused = migrator("scan", environment=wrong, folder=kept)
        assert refused.returncode == 4
    everything = printed + refused.stdout + refused.stderr
    everything += b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())
    assert b"keras" in everything
    assert TOKEN.encode() not in everything
    assert SECRETS["github_token"].encode() not in everything


def test_settings_show_no_secret() -> None:
    """Neither as text, nor in a representation, nor as a dictionary that somebody prints."""
    settings = Settings.model_validate(SECRETS)
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert [name for name, value in SECRETS.items() if value in shown] == []


def test_a_wrong_setting_is_told_without_its_value() -> None:
    """The message names the variable; the traceback below it holds no value either."""
    values = {**SECRETS, "github_private_key": SECRETS["webhook_secret"]}
    try:
        Settings.model_validate(values)
    except ValueError:
        told = traceback.format_exc()
    assert "github_private_key" in told
    assert "thatnobodyshouldsee" not in told


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    """The driver's own words name the host, not the password."""
    engine = open_engine(SECRETS["database_url"])
    try:
        engine.connect()
    except Exception:  # whatever it raises is what people would see
        told = traceback.format_exc()
    assert "passwordthatnobodyshouldsee" not in told
    assert "passwordthatnobodyshouldsee" not in repr(engine)
