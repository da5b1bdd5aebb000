"""Runs the steps of the Action (action.yml) on this machine, as a runner of GitHub Actions does:
expressions, `bash` steps, `GITHUB_OUTPUT`, `GITHUB_STEP_SUMMARY`, and the two actions that it uses.

https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions
https://docs.github.com/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from migrator.rehearsal.sandbox import Sandbox
from tests.support.deployment import ROOT

ACTION = ROOT / "action.yml"
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
NAME = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)+|always\(\)|'[^']*'")
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""What `shell: bash` means."""


@dataclass
class Expressions:
    """Evaluates expressions: names of contexts, strings, `==`, `!=`, `&&`, `||`, `always()`."""

    contexts: Mapping[str, str]

    def value(self, text: str) -> str:
        """An expression's value as text."""
        found = eval(NAME.sub(self._literal, text).replace("&&", " and ").replace("||", " or "))
        return str(found).lower() if isinstance(found, bool) else str(found)

    def _literal(self, name: re.Match[str]) -> str:
        if name[0] == "always()":
            return "True"
        return repr(name[0][1:-1] if name[0][0] == "'" else self.contexts.get(name[0], ""))

    def filled(self, text: Any) -> str:
        """A text with its expressions replaced."""
        if isinstance(text, bool):
            return str(text).lower()
        return EXPRESSION.sub(lambda found: self.value(found[1]), str(text))


@dataclass
class Ended:
    """How a job ended."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    artifacts: tuple[str, ...]


@dataclass
class ActionRunner:
    """A repository on a sandbox whose workflow uses the Action.

    ``action`` is the folder to which a runner has brought the Action. A job inherits the variables
    of ``machine``, and those of this process where there are none.
    """

    folder: Path
    sandbox: Sandbox
    repository: str
    settings: dict[str, str] = field(default_factory=dict)
    jobs: int = 0
    action: Path = ROOT
    machine: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def run(
        self,
        given: Mapping[str, Any],
        *,
        run_id: int,
        meanwhile: Callable[[subprocess.Popen[str]], None] = lambda _: None,
    ) -> Ended:
        """Run a job with these inputs. ``meanwhile`` may kill the process group of a step: then the
        whole machine is lost, and no later step runs."""
        return self.begin(given, run_id).run(meanwhile)

    def begin(self, given: Mapping[str, Any], run_id: int) -> Job:
        """A job with these inputs, on a machine of its own."""
        self.jobs += 1
        home = self.folder / f"machine-{self.jobs}"
        (home / "temp").mkdir(parents=True)
        asked = {"repository": self.repository}
        token = self.sandbox.post("actions/token", asked)["secret"]
        action = yaml.safe_load((self.action / ACTION.name).read_text(encoding="utf-8"))
        contexts = {
            "github.token": token,
            "github.action_path": str(self.action),
            "runner.temp": str(home / "temp"),
        }
        unknown = given.keys() - action["inputs"].keys()
        assert not unknown, f"the Action has no inputs {unknown}"
        for name, one in action["inputs"].items():
            assert name in given or not one.get("required"), f"the input {name} is required"
            value = given.get(name, one.get("default", ""))
            contexts[f"inputs.{name}"] = Expressions(contexts).filled(value)
        return Job(self, home, action, contexts, run_id)

    def environment(self, job: Job) -> dict[str, str]:
        """The variables that a runner sets, beside the machine's own."""
        kept = {
            name: value
            for name, value in self.machine.items()
            if not name.startswith(("MIGRATOR_", "GITHUB_"))
        }
        return kept | {
            **self.settings,
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_API_URL": self.sandbox.url,
            "GITHUB_OUTPUT": str(job.home / "output"),
            "GITHUB_REF_NAME": "main",
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_RUN_ID": str(job.run_id),
            "GITHUB_STEP_SUMMARY": str(job.home / "summary"),
            "GITHUB_WORKSPACE": str(self.folder),
            "RUNNER_TEMP": str(job.home / "temp"),
        }

    def approve(self, run_id: int, login: str, environment: str = "migration") -> None:
        """A reviewer lets a run go on."""
        given = {"repository": self.repository, "run": run_id}
        self.sandbox.post("actions/approval", {**given, "login": login, "environment": environment})

    def upload(self, name: str, folder: Path, run_id: int, **more: str) -> None:
        """`actions/upload-artifact` of a folder."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(each for each in folder.rglob("*") if each.is_file()):
                archive.write(file, file.relative_to(folder))
        content = b64encode(packed.getvalue()).decode()
        given = {"repository": self.repository, "name": name, "zip": content, "run": run_id}
        self.sandbox.post("actions/artifact", given | more)


@dataclass
class Job:
    """One job at work."""

    runner: ActionRunner
    home: Path
    action: dict[str, Any]
    contexts: dict[str, str]
    run_id: int
    log: str = ""
    artifacts: list[str] = field(default_factory=list)

    def run(self, meanwhile: Callable[[subprocess.Popen[str]], None]) -> Ended:
        """Every step in its order; after a failure only those that say `always()`."""
        code = 0
        for step in self.action["runs"]["steps"]:
            condition = str(step.get("if", "true"))
            wanted = condition == "true" or Expressions(self.contexts).value(condition) != "false"
            if not wanted or (code and "always()" not in condition):
                continue
            ended = self._use(step) if "uses" in step else self._shell(step, meanwhile)
            if ended == -signal.SIGKILL:
                return self._ended(ended)
            code = code or ended
        return self._ended(code)

    def _shell(self, step: dict[str, Any], meanwhile: Callable[[Any], None]) -> int:
        assert step["shell"] == "bash"
        words = Expressions(self.contexts)
        given = {name: words.filled(value) for name, value in step.get("env", {}).items()}
        process = subprocess.Popen(
            [*SHELL, "-c", words.filled(step["run"])],
            cwd=self.runner.folder,
            env=self.runner.environment(self) | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        meanwhile(process)
        out, _ = process.communicate(timeout=300)
        self.log += out
        output = self.home / "output"
        if output.exists():
            for line in output.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                self.contexts[f"steps.{step['id']}.outputs.{name}"] = value
            output.unlink()
        return process.returncode

    def _use(self, step: dict[str, Any]) -> int:
        assert step["uses"].startswith("actions/upload-artifact@")
        words = Expressions(self.contexts)
        name, folder = step["with"]["name"], Path(words.filled(step["with"]["path"]))
        if not folder.is_dir() or not any(folder.iterdir()):
            return 1
        self.runner.upload(name, folder, self.run_id)
        self.artifacts.append(name)
        return 0

    def _ended(self, code: int) -> Ended:
        words = Expressions(self.contexts)
        outputs = {name: words.filled(one["value"]) for name, one in self.action["outputs"].items()}
        summary = self.home / "summary"
        said = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return Ended(code, self.log, outputs, said, tuple(self.artifacts))


def kill_at_writes(sandbox: Sandbox, writes: int) -> Callable[[subprocess.Popen[str]], None]:
    """What kills a step, and all that it started, once the sandbox has seen that many more
    mutations."""
    before = sandbox.stats()["requests"]["mutation"]

    def watch(process: subprocess.Popen[str]) -> None:
        began = time.monotonic()
        while process.poll() is None:
            time.sleep(0.02)
            assert time.monotonic() - began < 100, "the job writes nothing"
            if sandbox.stats()["requests"]["mutation"] >= before + writes:
                os.killpg(process.pid, signal.SIGKILL)
                return

    return watch


def own_migrator(folder: Path) -> Path:
    """A `migrator` command of this checkout."""
    command = folder / "migrator"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={json.dumps(str(ROOT))} exec {sys.executable} -m migrator "$@"\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    return command
