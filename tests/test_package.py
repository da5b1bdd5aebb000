"""The package that people install holds all that the checkout has: code, presets, templates, revisions, types."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import migrator

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, away from this checkout's environment."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_below(folder: Path) -> set[str]:
    """Files of a folder that belong into a package, as paths relative to it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


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
    """An empty virtual environment, outside the checkout, into which the locked dependencies and the wheel were installed."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    pip: list[str | Path] = [folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
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
    """No tests, no sandbox of a developer's, no top-level `alembic` that would shadow the real one."""
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"migrator", f"migrator-{migrator.__version__}.dist-info"}


def test_the_wheel_declares_what_the_project_declares(wheel: Path) -> None:
    """Version, Python and every dependency come from one place each."""
    archive = zipfile.ZipFile(wheel)
    about = message_from_bytes(archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["Version"] == migrator.__version__
    assert about["License-Expression"] == "Apache-2.0"
    assert len(about.get_all("Requires-Dist", [])) == len(project["dependencies"])


def test_the_source_distribution_can_be_tested_and_built(dist: Path) -> None:
    """It holds the tests, the revisions and the lock files beside the code."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"migrator", "alembic", "tests", "docs", "requirements", "LICENSE", "README.md", "pyproject.toml"} <= tops


def test_the_installed_command_knows_its_version(installed: Path) -> None:
    """The console script works where there is no checkout."""
    assert migrator.__version__ in run(installed / "venv/bin/migrator", "--version", cwd=installed)


def test_the_installed_command_shows_the_path(installed: Path) -> None:
    """The verbs are there, in the order of the work."""
    shown = run(installed / "venv/bin/migrator", "--help", cwd=installed)
    places = [shown.index(verb) for verb in ("check", "scan", "plan", "approve", "apply", "verify", "undo")]
    assert places == sorted(places)


def test_the_installed_package_is_not_the_checkout(installed: Path) -> None:
    """The environment is as empty as it claims to be, and reads the preset from inside the package."""
    code = "import migrator; from migrator.config.migration_file import load; print(load('keras').digest, migrator.__file__)"
    shown = run(installed / "venv/bin/python", "-c", code, cwd=installed)
    assert str(installed) in shown


def test_a_dependency_that_only_development_needs_is_not_needed_to_run(installed: Path) -> None:
    """Every module of the package can be imported with the runtime lock alone."""
    code = (
        "import pkgutil, importlib, migrator\n"
        "names = [m.name for m in pkgutil.walk_packages(migrator.__path__, 'migrator.') if '.alembic' not in m.name]\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        "print(len(names))"
    )
    assert int(run(installed / "venv/bin/python", "-c", code, cwd=installed)) > 20
