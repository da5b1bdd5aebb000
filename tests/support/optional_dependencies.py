"""Lets a benchmark run right after `make demo`: what only tests and benchmarks need is installed
when it is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def install_if_lacking(*modules: str) -> None:
    """If one of these modules is missing, install what development needs, and start this script
    anew."""
    if all(find_spec(name) for name in modules):
        return
    sys.stderr.write(f"installing what {Path(sys.argv[0]).name} needs\n")
    subprocess.run(
        ["make", "--silent", "-C", str(ROOT), ".venv/.dev"], check=True, stdout=sys.stderr
    )
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
