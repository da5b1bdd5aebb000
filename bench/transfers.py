"""A rehearsal of many transfers with differences made on purpose: does the gate stop the run?

    python -m bench.transfers [--transfers 2000] [--differences 0.03] [--json]

A bot of the target obeys old commands in the text of issues that are opened there, a transferred one
too, and a share of the issues has one. Their threads are closed right after they moved, which is a
difference. Without any (``--differences 0``) every thread must be transferred, once, and nothing
may differ; from the file's share on the gate must stop the run before the half of them has moved.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.config.migration_file import load
from migrator.rehearsal.folder import new_folder
from migrator.rehearsal.relations import Relation
from migrator.rehearsal.runner import Rehearsing
from migrator.rehearsal.sandbox import WorldInput
from migrator.rehearsal.theme import theme_of
from tests.support.transfer_world import EXAMPLE

SHARE_OF_TRANSFERS = 0.187
"""About so many of a generated world's items are transferred."""


@dataclass(frozen=True, slots=True)
class DisturbedRehearsal(Rehearsing):
    """A rehearsal in which a share of the source's issues tells a bot of the target to close them."""

    differences: float = 0.0

    def _records(self) -> tuple[Iterable[dict[str, Any]], Sequence[Relation]]:
        records, relations = Rehearsing._records(self)
        return self._disturbed(records), relations

    def _disturbed(self, records: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        source, owed = self.migration.file.migration.source, 0.0
        for record in records:
            if record.get("record") == "item" and record["repository"] == source:
                owed += self.differences
                if owed >= 1:
                    owed -= 1
                    record["body"] = f"{record.get('body', '')}\n\n/close\n"
            yield record


def main() -> int:
    """Run it. Exit code 1 if the gate did not do what it is for."""
    given = _arguments()
    loaded = load(str(EXAMPLE))
    file = loaded.file
    world = WorldInput(
        items=round(given.transfers / SHARE_OF_TRANSFERS),
        repositories=(file.migration.source, file.targets),
        theme=theme_of(file),
    )
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="transfers-") as scratch:
        result = DisturbedRehearsal(
            loaded,
            world,
            bots=[{"repository": target, "does": "obey"} for target in file.targets],
            differences=given.differences,
        ).within(new_folder(Path(scratch) / "rehearsal", replace=False), lambda *_: None)
    total = _shown(result, given.differences, began)
    total["gate"] = file.decisions.transfer.max_differences
    print(json.dumps(total, indent=2) if given.json else total)
    return 0 if _as_it_must_be(total) else 1


def _as_it_must_be(total: dict[str, Any]) -> bool:
    """Whether the gate did what it is for."""
    if total["moved_twice"]:
        return False
    if total["made_to_differ"] >= total["gate"]:
        return bool(total["stopped_by_gate"]) and total["transferred"] <= total["planned"] / 2
    if total["made_to_differ"]:
        return not total["stopped_by_gate"]
    bad = ("differing", "relations_lost", "duplicate_notices", "transfer_failed", "reason")
    moved = total["transferred"] + total["redirected_instead"]
    return bool(total["verified"]) and moved == total["planned"] and not any(map(total.get, bad))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.transfers", description=__doc__)
    parser.add_argument("--transfers", type=int, default=2_000, help="how many, roughly")
    parser.add_argument("--differences", type=float, default=0.03, help="share made to differ")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _shown(result: dict[str, Any], differences: float, began: float) -> dict[str, Any]:
    names = (
        "transferred",
        "transfer_failed",
        "redirected_instead",
        "moved_twice",
        "relations",
        "relations_lost",
        "duplicate_notices",
        "waves",
        "outcomes",
        "requests",
        "memory_mb",
        "verified",
        "reason",
    )
    planned = result["decisions"].get("transfer", 0)
    return {
        "planned": planned,
        "made_to_differ": differences,
        "differing": result["transfers_differing"],
        **{name: result[name] for name in names},
        "stopped_by_gate": any(word in result["reason"] for word in ("differ", "lost")),
        "seconds": round(time.monotonic() - began, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
