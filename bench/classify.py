"""How fast is the ownership judgement? Issues a second on one core, text only: ``python
bench/classify.py [FILE] [--json]``."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

from migrator.config.migration_file import load, only_preset
from migrator.domain.classification import ownership
from migrator.services.labelled_data import read_labelled

ROUNDS = 25
SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "data" / "labelled_sample.csv"
LABELLED = Path(os.environ.get("MIGRATOR_LABELLED_CSV") or SAMPLE)
"""The real texts where the environment names them, else our own small sample."""


def main() -> None:
    """Judge every row of a labelled file a few times, and report the quickest round.

    Time is this process's own on its core (``process_time``): what else the machine does is no
    property of the judgement.
    """
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "labelled",
        type=Path,
        nargs="?",
        default=LABELLED,
        help="CSV file as `migrator evaluate` takes it",
    )
    options.add_argument("--migration", default="", help="migration file or preset")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    file = load(chosen.migration or only_preset()).file
    items = [row.item for row in read_labelled(chosen.labelled, file.migration.source).rows]
    judge = ownership.prepare(file)
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for item in items:
            judge(item)
        rounds.append(time.process_time() - began)
    result = {
        "items": len(items),
        "rounds": ROUNDS,
        "issues_per_second": round(len(items) / min(rounds)),
        "slowest_round_per_second": round(len(items) / max(rounds)),
        "microseconds_per_issue": round(min(rounds) / len(items) * 1e6, 1),
    }
    print(
        json.dumps(result, indent=2)
        if chosen.json
        else "\n".join(f"{name}: {value}" for name, value in result.items())
    )


if __name__ == "__main__":
    main()
