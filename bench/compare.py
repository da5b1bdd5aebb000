"""What changed between two results of a benchmark, figure by figure.

    python -m bench.compare OLD NEW [--json]

OLD and NEW are two files that ``--json`` wrote, or two folders of them (``bench/results`` of ``make
bench``), of which files with one name are compared. Counts are the same on every machine: requests,
reads, writes, statements, mails, notices doubled. One that is more than 10 % worse in NEW, or is
missing there, ends with exit code 1. Seconds, memory and the rest are shown, and decide nothing:
they say as much about the machine as about the code.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

MOST_WORSE: Final = 0.10
COUNT: Final = re.compile(
    r"(?:^|_)(?:requests?|reads?|rereads|writes?|statements|mails?|notifications|doubled)(?:_|$)"
)
"""Names of figures that are counted, and of which fewer are better."""

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure in both results; ``None`` where one lacks it. ``worse`` counts only."""

    name: str
    old: float | None
    new: float | None
    worse: bool


def main() -> int:
    """Compare, print, and say whether every count held."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    changes = compared(read(given.old), read(given.new))
    if given.json:
        print(json.dumps({"changes": [asdict(each) for each in changes]}, indent=2))
    else:
        print("\n".join(map(_line, changes)))
    return 1 if any(each.worse for each in changes) else 0


def read(result: Path) -> dict[str, float]:
    """The figures of a result, or of all in a folder, by dotted name. Raises ``OSError`` and
    ``ValueError`` for what is no result."""
    files = sorted(result.glob("*.json")) if result.is_dir() else [result]
    return {
        f"{file.stem}.{name}" if result.is_dir() else name: value
        for file in files
        for name, value in _figures(json.loads(file.read_text(encoding="utf-8")), ())
    }


def _figures(value: object, place: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _figures(inner, (*place, str(key)))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _figures(inner, (*place, str(position)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield ".".join(place), float(value)


def compared(old: Figures, new: Figures) -> list[Change]:
    """Every figure of either, the old ones first."""
    return [
        Change(name, old.get(name), new.get(name), _is_worse(name, old.get(name), new.get(name)))
        for name in dict.fromkeys((*old, *new))
    ]


def _is_worse(name: str, old: float | None, new: float | None) -> bool:
    if old is None or not any(map(COUNT.search, name.split("."))):
        return False
    return new is None or new > old * (1 + MOST_WORSE)


def _line(change: Change) -> str:
    old, new = (f"{each:g}" if each is not None else "none" for each in (change.old, change.new))
    ratio = f"{change.new / change.old - 1:+.1%}" if change.old and change.new is not None else ""
    return f"{change.name:<50} {old:>12} {new:>12} {ratio:>9}{'  WORSE' if change.worse else ''}"


if __name__ == "__main__":
    sys.exit(main())
