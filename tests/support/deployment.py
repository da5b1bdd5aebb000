"""Reads what `deploy/` holds, and the commands that it tells programs to run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
PROXY = DEPLOY / "proxy" / "nginx.conf"
SYSTEMD = DEPLOY / "systemd"
WEB_UNIT, WORKER_UNIT = (SYSTEMD / f"migrator-{name}.service" for name in ("web", "worker"))
UNITS = sorted(SYSTEMD.glob("*.service"))
OTHERS = ("postgres", "proxy")
"""Services whose programs are not ours."""
USER = 10001
"""The image's user (`USER` in the Dockerfile)."""


def kubernetes_objects() -> list[dict[str, Any]]:
    """Every object of every manifest, as it stands in the files; the plan's place holder is
    filled in."""
    found: list[dict[str, Any]] = []
    for path in sorted(KUBERNETES.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            text = path.read_text(encoding="utf-8").replace("PLAN_HASH", "23029490a24a")
            found += [one for one in yaml.safe_load_all(text) if one]
    return found


def kustomized() -> list[dict[str, Any]] | None:
    """What kustomize makes of them; ``None`` where neither kustomize nor kubectl is installed."""
    tools = (["kustomize", "build"], ["kubectl", "kustomize"])
    command = next((tool for tool in tools if shutil.which(tool[0])), None)
    if command is None:
        return None
    done = subprocess.run([*command, str(KUBERNETES)], capture_output=True, text=True, check=True)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, pod specification) of everything that runs pods."""
    for each in kubernetes_objects():
        if each["kind"] in ("Deployment", "Job"):
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


def pod_settings() -> dict[str, set[str]]:
    """Names of the variables that each pod gets, from the generated ConfigMap and its own."""
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    shared = {
        literal.partition("=")[0] for literal in kustomization["configMapGenerator"][0]["literals"]
    }
    return {
        name: (shared if container.get("envFrom") else set())
        | {one["name"] for one in container.get("env", ())}
        for name, pod in pods()
        for container in pod["containers"]
    }


def compose() -> dict[str, Any]:
    """The compose file, its anchors resolved."""
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def unit(path: Path) -> dict[str, list[str]]:
    """A unit's settings: name -> values, in their order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r"^([A-Za-z]+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(name, []).append(value)
    return found


def dockerfile() -> str:
    """The Dockerfile, its continued lines joined."""
    return (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def commands() -> dict[str, list[str]]:
    """Where -> arguments of `migrator`, for everything here that starts it."""
    found = {f"kubernetes {name}": list(pod["containers"][0]["args"]) for name, pod in pods()}
    services = {name: each for name, each in compose()["services"].items() if name not in OTHERS}
    found |= {f"compose {name}": list(each["command"]) for name, each in services.items()}
    for path in UNITS:
        settings = unit(path)
        starts = [*settings.get("ExecStartPre", ()), *settings["ExecStart"]]
        found |= {f"{path.name} {number}": line.split()[1:] for number, line in enumerate(starts)}
    default = re.search(r"^CMD (\[.*\])$", dockerfile(), re.MULTILINE)
    assert default
    return found | {"image": list(yaml.safe_load(default[1]))}
