"""Writes ``docs/signals.md`` from what each signal says of itself, with a preset's weights as
the example."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from migrator.config.migration_file import load
from migrator.domain.classification.ownership import SIGNALS, weights_of
from migrator.domain.classification.signals import agreement

EXAMPLE = "keras"
ALL: tuple[ModuleType, ...] = (*SIGNALS, agreement)

INTRODUCTION = f"""\
# Signals

This page is made from `migrator/domain/classification/signals/` (`make docs-reference`); a test keeps it in step.
[Ownership](ownership.md) explains how a verdict is computed, and [Activity](activity.md) what moves the clock.

Each signal looks at one thing in an item and reports findings. A finding has a weight, in log-odds: above zero it speaks for
*ours*, below zero against it, and 3 makes an answer about twenty times as likely. The weights here are those of the
`{EXAMPLE}` preset; another migration has its own, by hand or by `migrator fit`. In names that hold one, `REGION` is the part of
the text (title, lead, prose, code, log), `TOPIC` a topic of the migration file, and `FIELD` a field of the issue form: each has
a weight of its own, and the range is shown.
"""
REGIONS = ("title", "lead", "prose", "code", "log")


def signals_page() -> str:
    """The page as Markdown: one chapter for each signal, with its findings."""
    weights = weights_of(load(EXAMPLE).file)
    return INTRODUCTION + "".join(_chapter(signal, weights) for signal in ALL)


def _chapter(signal: ModuleType, weights: dict[str, float]) -> str:
    name = signal.__name__.rpartition(".")[2]
    rows = [
        f"| `{finding}` | {meaning} | {_weight(finding, weights)} |"
        for finding, meaning in signal.FINDINGS.items()
    ]
    about = " ".join((signal.__doc__ or "").replace("``", "`").split())
    return (
        "\n".join(
            [f"\n## {name}\n", f"{about}\n", "| finding | means | weight |", "|---|---|---|", *rows]
        )
        + "\n"
    )


def _weight(finding: str, weights: dict[str, float]) -> str:
    found = sorted(_weights(finding, weights))
    if not found:
        return "none"
    return f"{found[0]:+.1f}" if found[0] == found[-1] else f"{found[0]:+.1f} to {found[-1]:+.1f}"


def _weights(finding: str, weights: dict[str, float]) -> Iterator[float]:
    """The weights of a finding, of every region, topic or field if its name holds one."""
    head, _, tail = finding.partition(".")
    for name, weight in weights.items():
        first, _, last = name.partition(".")
        fits = {"TOPIC": _is_topic(name), "FIELD": True}.get(tail, last == tail)
        if fits and (first in REGIONS if head == "REGION" else first == head):
            yield weight


def _is_topic(name: str) -> bool:
    """Whether the weight is a topic's: no other finding has that name, in any region."""
    others = {finding for signal in ALL for finding in signal.FINDINGS}
    return name not in others and f"REGION.{name.partition('.')[2]}" not in others


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(signals_page(), encoding="utf-8")
