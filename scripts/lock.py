"""Writes ``requirements/*.lock`` from ``pyproject.toml`` by uv: every version pinned, every file
with its hashes.

Pins that still fit are kept; ``python scripts/lock.py --upgrade`` renews them all. The development
lock follows the runtime one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMPILE = [
    sys.executable,
    "-m",
    "uv",
    "pip",
    "compile",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
]
QUIETLY = ["--no-header", "--no-emit-index-url", "--quiet"]
LOCKS = {
    "runtime": ["pyproject.toml"],
    "build": ["--group", "build"],
    "dev": [
        "pyproject.toml",
        "--group",
        "dev",
        "--group",
        "docs",
        "--constraint",
        "requirements/runtime.lock",
    ],
}


def main(arguments: list[str]) -> None:
    """Compile each lock file in turn. Raises ``CalledProcessError`` if no set of versions fits."""
    for name, sources in LOCKS.items():
        output = ["--output-file", f"requirements/{name}.lock"]
        subprocess.run([*COMPILE, *QUIETLY, *arguments, *sources, *output], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
