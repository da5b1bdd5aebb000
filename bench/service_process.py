"""The product's services as processes of their own, as they are shipped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.runner import Runner

SECRET = "correct horse battery staple"
"""The secret of the webhooks that are delivered to such a service."""


def environment_of(runner: Runner) -> dict[str, str]:
    """This process's environment with the settings of a prepared migration."""
    given = {
        **runner.timing,
        **runner.sandbox.credentials,
        "migration": runner.preset,
        "database_url": runner.settings().database_url.get_secret_value(),
        "github_url": runner.url,
        "webhook_secret": SECRET,
    }
    return {**os.environ, **{f"MIGRATOR_{key.upper()}": str(value) for key, value in given.items()}}


@contextmanager
def service(runner: Runner, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """``migrator COMMAND...`` as a process, ended by SIGTERM. What it logs stands in
    ``COMMAND.log`` in the runner's folder, and its end in the error of a wait that fails.

    Raises ``RuntimeError`` with the log, for a service that does not come up.
    """
    log = runner.folder / f"{command[0]}.log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            (sys.executable, "-m", "migrator", *command),
            env=environment_of(runner),
            stdout=lines,
            stderr=lines,
        )
        try:
            yield process
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{log.read_text()[-2000:]}") from error
        finally:
            process.terminate()
            process.wait(timeout=60)
