"""Running a peer as the program that people start, with what it cost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one or more processes took: ``seconds`` by the wall, ``cpu_seconds`` of their own
    processors, memory at its highest."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    max_rss_mb: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        """One after the other."""
        return Cost(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.max_rss_mb, other.max_rss_mb),
        )


class Killed(Exception):
    """The program was killed from outside."""


class Program:
    """A started program; what it prints goes to files in ``folder``."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._began = time.monotonic()
        self._output, self._errors = folder / "output.txt", folder / "errors.txt"
        with self._output.open("w") as output, self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                cwd=folder,
                stdout=output,
                stderr=errors,
            )
        self.command = list(command)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def end(self) -> Cost:
        """Wait for its end. Raises :class:`Killed`, or ``RuntimeError`` with what it printed if it
        failed."""
        _, status, used = os.wait4(self.pid, 0)
        seconds = time.monotonic() - self._began
        code = self._process.returncode = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL:
            raise Killed
        if code:
            said = self.output()[-1000:] + self._errors.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.command} ended with {code}:\n{said}")
        return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def output(self) -> str:
        """What it printed on standard output."""
        return self._output.read_text(errors="replace")
