"""The package that people install holds all that the checkout has: code, presets, templates,
revisions, types."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

import migrator

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


def clean() -> dict[str, str]:
    """An environment that knows neither this checkout nor anybody's settings."""
    ours = ("PYTHONPATH", "VIRTUAL_ENV")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("MIGRATOR_")
    }


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, away from this checkout's environment."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def served(installed: Path, folder: str) -> Iterator[str]:
    """The installed command serving a kept rehearsal; gives the one-time link that it prints. It
    must stop when asked to."""
    command = [str(installed / "venv/bin/migrator"), "serve", "--dir", folder, "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=installed,
        env=clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as serving:
        try:
            assert serving.stdout is not None
            yield next((line.split()[-1] for line in serving.stdout if "/login/once" in line), "")
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(timeout=60) == 0
        finally:
            if serving.poll() is None:
                os.killpg(serving.pid, signal.SIGKILL)


def files_below(folder: Path) -> set[str]:
    """Files of a folder that belong into a package, as paths relative to it."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh wheel and sdist, the wheel built from the sdist as a release is."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """The wheel."""
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment, outside the checkout, into which the locked dependencies and
    the wheel were installed."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    pip: list[str | Path] = [
        folder / "venv/bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run(*pip, "--require-hashes", "-r", ROOT / "requirements/runtime.lock", cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    return folder


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Presets, templates and the marker for type checkers are not forgotten."""
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"migrator/{name}" for name in files_below(ROOT / "migrator")}
    assert wanted - names == set()
    assert {"migrator/py.typed", "migrator/presets/keras.toml"} <= names


def test_the_wheel_holds_the_revisions_inside_the_package(wheel: Path) -> None:
    """Who installs the wheel can upgrade a database."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"migrator/store/alembic/{name}" for name in files_below(ROOT / "alembic")} <= names


def test_the_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    """No tests, no sandbox of a developer's, no top-level `alembic` that would shadow the real
    one."""
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"migrator", f"migrator-{migrator.__version__}.dist-info"}


def test_the_wheel_declares_what_the_project_declares(wheel: Path) -> None:
    """Version, Python and every dependency come from one place each."""
    archive = zipfile.ZipFile(wheel)
    about = message_from_bytes(
        archive.read(next(name for name in archive.namelist() if name.endswith("METADATA")))
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["Version"] == migrator.__version__
    assert about["License-Expression"] == "Apache-2.0"
    assert len(about.get_all("Requires-Dist", [])) == len(project["dependencies"])


def test_the_source_distribution_can_be_tested_and_built(dist: Path) -> None:
    """It holds the tests, the revisions and the lock files beside the code."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {
        "migrator",
        "alembic",
        "tests",
        "docs",
        "requirements",
        "LICENSE",
        "README.md",
        "pyproject.toml",
    } <= tops


def test_the_installed_command_knows_its_version(installed: Path) -> None:
    """The console script works where there is no checkout."""
    assert migrator.__version__ in run(installed / "venv/bin/migrator", "--version", cwd=installed)


def test_the_installed_command_shows_the_path(installed: Path) -> None:
    """The verbs are there, in the order of the work."""
    shown = run(installed / "venv/bin/migrator", "--help", cwd=installed)
    places = [
        shown.index(verb)
        for verb in ("check", "scan", "plan", "approve", "apply", "verify", "undo")
    ]
    assert places == sorted(places)


def test_the_installed_package_is_not_the_checkout(installed: Path) -> None:
    """The environment is as empty as it claims to be, and reads the preset from inside the
    package."""
    code = (
        "import migrator; from migrator.config.migration_file import load; "
        "print(load('keras').digest, migrator.__file__)"
    )
    shown = run(installed / "venv/bin/python", "-c", code, cwd=installed)
    assert str(installed) in shown


def test_a_dependency_that_only_development_needs_is_not_needed_to_run(installed: Path) -> None:
    """Every module of the package can be imported with the runtime lock alone."""
    code = (
        "import pkgutil, importlib, migrator\n"
        "names = [m.name for m in pkgutil.walk_packages(migrator.__path__, 'migrator.') if "
        "'.alembic' not in m.name]\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        "print(len(names))"
    )
    assert int(run(installed / "venv/bin/python", "-c", code, cwd=installed)) > 20


def test_the_wheel_alone_upgrades_a_database_rehearses_and_serves_the_dashboard(
    installed: Path,
) -> None:
    """From `db upgrade` to the overview behind the one-time link, with nothing of the checkout:
    revisions, preset, pages."""
    command = installed / "venv/bin/migrator"
    assert "the database has revision" in run(command, "db", "upgrade", cwd=installed)
    have = json.loads(run(command, "db", "current", "--json", cwd=installed))
    assert have["current"] == have["needed"]
    rehearse = (
        "rehearse",
        "--preset",
        "keras",
        "--items",
        "40",
        "--seed",
        "7",
        "--dir",
        "kept",
        "--json",
    )
    result = json.loads(run(command, *rehearse, cwd=installed))
    assert (result["items"], result["verified"], result["duplicate_notices"]) == (40, True, 0)
    assert result["notices"] > 0
    with (
        served(installed, "kept") as link,
        httpx.Client(follow_redirects=True, timeout=30) as browser,
    ):
        overview = browser.get(link)
        styles = [
            browser.get(overview.url.join(name))
            for name in re.findall(r'href="([^"]+\.css[^"]*)"', overview.text)
        ]
    assert overview.status_code == 200
    assert "Keras" in overview.text
    assert result["plan_hash"][:12] in overview.text
    assert styles
    assert {style.status_code for style in styles} == {200}
