"""The built wheel, installed by `uv tool` and by `pipx` into empty environments of each Python that we
name: the command starts, finds its pages, and either works or says at once why it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.support.databases import Databases, postgresql
from tests.support.shown_commands import ROOT

pytestmark = pytest.mark.slow

VERSIONS = ("3.11", "3.12", "3.13")
UV = Path(sys.executable).with_name("uv")
PIPX = "pipx==1.18.4"
SQLITE = "import sqlite3, sys; sys.exit(sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42))"
INSTALLERS = {
    "uv tool": (str(UV), "tool", "install"),
    "pipx": (str(UV), "tool", "run", "--from", PIPX, "pipx", "install"),
}


def python(version: str) -> Path:
    """An interpreter of this machine, pyenv's or one that uv finds; skips the test where there is
    none."""
    kept = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    if found := next(iter(sorted(kept)), None):
        return found
    done = subprocess.run(
        [UV, "python", "find", "--no-project", "--python-preference", "only-system", version],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"this machine has no Python {version}")
    return Path(done.stdout.strip())


def away(folder: Path) -> dict[str, str]:
    """An environment whose tools live in that folder."""
    ours = ("PYTHONPATH", "VIRTUAL_ENV")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("MIGRATOR_")
    }
    return kept | {
        "UV_TOOL_DIR": str(folder / "uv"),
        "UV_TOOL_BIN_DIR": str(folder / "bin"),
        "PIPX_HOME": str(folder / "pipx"),
        "PIPX_BIN_DIR": str(folder / "bin"),
        "MIGRATOR_DATABASE_URL": f"sqlite:///{folder / 'migrator.sqlite'}",
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release builds it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


def install(installer: str, interpreter: Path, wheel: Path, folder: Path) -> None:
    """Put the command into ``folder/bin``."""
    command = [*INSTALLERS[installer], "--python", str(interpreter), str(wheel)]
    done = subprocess.run(
        command, env=away(folder), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("installer", "version"),
    [("pipx", VERSIONS[0]), *(("uv tool", version) for version in VERSIONS)],
)
def test_an_installed_command_works_or_says_why_not(
    installer: str, version: str, wheel: Path, tmp_path: Path
) -> None:
    """A Python whose SQLite is too old is refused with the way out; every other one upgrades a
    database. Pages are printed without a network."""
    interpreter, environment = python(version), away(tmp_path)
    install(installer, interpreter, wheel, tmp_path)

    def migrator(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tmp_path / "bin" / "migrator", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert migrator("docs", "configuration").stdout.startswith("# ")
    upgraded = migrator("db", "upgrade")
    if subprocess.run([interpreter, "-c", SQLITE], check=False).returncode:
        assert upgraded.returncode == 3
        assert "is too old for the migrator" in upgraded.stderr
        assert "SQLite 3.42 or newer, or PostgreSQL" in upgraded.stderr
    else:
        assert "the database has revision" in upgraded.stdout, upgraded.stderr


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_a_migration_on_postgresql_runs_on_the_oldest_and_the_newest_python(
    version: str, wheel: Path, tmp_path: Path
) -> None:
    """From the empty database to the verified end, also where SQLite is too old."""
    interpreter = python(version)
    install("uv tool", interpreter, wheel, tmp_path)
    write_world(generate(items=40, seed=3), tmp_path / "world.jsonl")
    with (
        postgresql() as server,
        running_sandbox("--world", str(tmp_path / "world.jsonl")) as sandbox,
    ):
        environment = away(tmp_path) | {
            "MIGRATOR_DATABASE_URL": Databases("postgresql", tmp_path, server).empty(),
            "MIGRATOR_GITHUB_URL": sandbox.url,
            "MIGRATOR_GITHUB_TOKEN": sandbox.token,
            "MIGRATOR_MIGRATION": "keras",
        }

        def migrator(*arguments: str) -> str:
            done = subprocess.run(
                [tmp_path / "bin" / "migrator", *arguments],
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        for verb in ("db upgrade", "scan", "classify"):
            migrator(*verb.split())
        plan = json.loads(migrator("plan", "--json"))["hash"]
        migrator("approve", plan)
        applied = json.loads(migrator("apply", plan, "--unpaced", "--json"))
        assert applied["outcomes"].keys() <= {"done", "skipped"}
        assert json.loads(migrator("verify", "--json"))["verified"]
