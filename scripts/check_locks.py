"""Checks that the lock files are in step with ``pyproject.toml`` and with each other. Needs no
network.

In step means: every direct requirement is pinned to a version that it allows, every pin has a hash,
and what two lock files share they pin alike. ``scripts/lock.py`` writes them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?P<rest>.*(?:\n    --hash=\S+.*)*)",
    re.MULTILINE,
)
Pins = dict[str, set[str]]


def main() -> int:
    """Print what is out of step; 1 if anything is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "runtime": project["project"]["dependencies"],
        "build": list(_group(groups, "build")),
        "dev": [
            *project["project"]["dependencies"],
            *_group(groups, "dev"),
            *_group(groups, "docs"),
        ],
    }
    locks = {name: _pins(ROOT / "requirements" / f"{name}.lock") for name in wanted}
    problems = [text for name in wanted for text in _unmet(name, wanted[name], locks[name])]
    problems += [
        text
        for name in ("runtime", "build")
        for text in _differences(name, locks[name], locks["dev"])
    ]
    for problem in problems:
        print(problem)
    print("locks: out of step, run `make lock`" if problems else "locks: in step")
    return 1 if problems else 0


def _group(groups: dict[str, list[str | dict[str, str]]], name: str) -> Iterator[str]:
    """Requirements of a dependency group with those that it includes
    (https://peps.python.org/pep-0735/)."""
    for entry in groups[name]:
        if isinstance(entry, dict):
            yield from _group(groups, entry["include-group"])
        else:
            yield entry


def _pins(path: Path) -> Pins:
    """Name -> pinned versions (several, where Python versions differ). Raises ``SystemExit`` for
    a pin without hash."""
    pins: Pins = defaultdict(set)
    for match in PIN.finditer(path.read_text(encoding="utf-8")):
        if "--hash=" not in match["rest"]:
            raise SystemExit(f"{path.name}: {match['name']} has no hash")
        pins[canonicalize_name(match["name"])].add(match["version"])
    return pins


def _unmet(lock: str, requirements: list[str], pins: Pins) -> Iterator[str]:
    for text in requirements:
        requirement = Requirement(text)
        versions = pins.get(canonicalize_name(requirement.name), set())
        if not versions:
            yield f"{lock}.lock lacks {requirement.name}"
        for version in versions:
            if not requirement.specifier.contains(version, prereleases=True):
                yield f"{lock}.lock pins {requirement.name} {version}, which is not {requirement.specifier}"


def _differences(lock: str, pins: Pins, dev: Pins) -> Iterator[str]:
    for name, versions in pins.items():
        if versions != dev.get(name, versions):
            yield f"{lock}.lock and dev.lock pin different versions of {name}"
        if name not in dev:
            yield f"dev.lock lacks {name}, which {lock}.lock has"


if __name__ == "__main__":
    sys.exit(main())
