"""A Prometheus of its own for one test: it scrapes one process, evaluates the alert rules and
answers queries."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support.deployment import DEPLOY

MONITORING = DEPLOY / "monitoring"
METRIC = re.compile(r"\bmigrator_[a-z_]+\b")

needs_prometheus = pytest.mark.skipif(
    shutil.which("promtool") is None or shutil.which("prometheus") is None,
    reason="no prometheus: scripts/install-prometheus could not install Debian's package",
)


def queries() -> dict[str, str]:
    """Panel -> query, for everything that the dashboard shows."""
    board = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel["targets"]
    }


class RunningPrometheus:
    """Answers queries over what it has scraped."""

    def __init__(self, url: str) -> None:
        self._api = f"{url}/api/v1"

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an instant query; an error of the query fails the test."""
        answer = httpx.get(f"{self._api}/query", params={"query": expression}).json()
        assert answer["status"] == "success", (expression, answer)
        return list(answer["data"]["result"])

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health."""
        groups = httpx.get(f"{self._api}/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def until(self, expression: str) -> None:
        """Wait until a query has an answer."""
        while not self.query(expression):
            time.sleep(0.2)

    def until_not(self, expression: str) -> None:
        """Wait until a query has no answer any more."""
        while self.query(expression):
            time.sleep(0.2)


WINDOW = re.compile(r"\[\d+m\]")


def shortened(thresholds: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The rules that ship, for a test that cannot wait for hours: each fires after a second, looks
    back over 12 s, and has the threshold given by alert as (as it ships, in the test)."""
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    for rule in rules["groups"][0]["rules"]:
        old, new = thresholds.get(rule["alert"], ("", ""))
        assert not old or rule["expr"].count(old) == 1, (rule["alert"], old)
        rule["expr"] = WINDOW.sub("[12s]", rule["expr"].replace(old, new) if old else rule["expr"])
        rule["for"] = "1s"
    return dict(rules)


@contextmanager
def prometheus(
    folder: Path, *targets: str, rules: Path = MONITORING / "alerts.yaml"
) -> Iterator[RunningPrometheus]:
    """A server that scrapes these targets (``host:port``) once a second, with the rules that ship
    or others."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scraped = {"job_name": "migrator", "static_configs": [{"targets": list(targets)}]}
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules)],
        "scrape_configs": [scraped],
    }
    file = folder / "prometheus.yml"
    file.write_text(json.dumps(config), encoding="utf-8")
    command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log
        )
    try:
        _until_ready(process, f"http://127.0.0.1:{port}", folder)
        yield RunningPrometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=60)


def _until_ready(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    while True:
        assert process.poll() is None, (folder / "prometheus.log").read_text()
        try:
            if httpx.get(f"{url}/-/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
