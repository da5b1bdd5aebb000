"""Can anybody stop the service? Every text function on adversarial texts, then a live service under
floods.

    python -m bench.hostile [--json]           # both parts; --no-floods or --no-texts leaves one
    out

Texts: each function reads each kind of text at 65,536 and at 16,384 characters. ``worst_ratio`` is
the least of five processor times of the long one, divided by that of the short one and by four: 1
for linear work, 4 for quadratic. Times under a millisecond are too short to be compared and count
as linear. ``overruns`` counts calls that take longer than a judgement may.

Floods: see ``bench/flood.py``. ``frozen_ms_max`` is the 99th percentile of health checks under the
worst flood, beside ``frozen_ms_baseline`` without one; ``unhandled`` counts errors in the log, and
calls of text functions that raised.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.adversarial import KINDS, LONGEST
from bench.text_functions import Function, functions
from tests.support.optional_dependencies import install_if_lacking

SHORTER = 4
TIMES = 5
LEAST_SECONDS = 0.001
"""Shorter calls are not compared."""
DEADLINE = 1.0
"""Seconds of processor time that one text may take at most."""
WORST_RATIO = 1.3
MOST_FROZEN_MS = 500.0
MOST_MB = 300.0


class Timing(NamedTuple):
    """One function on one kind of text: seconds at the full length and at a quarter of it."""

    function: str
    kind: str
    long: float = 0.0
    short: float = 0.0
    error: str = ""

    @property
    def ratio(self) -> float:
        """1 for linear work, 4 for quadratic."""
        return self.long / self.short / SHORTER if self.long >= LEAST_SECONDS else 0.0


def timings(only: str = "") -> Iterator[Timing]:
    """Time every function (whose name starts with ``only``) on every kind of text."""
    for name, function in functions().items():
        if name.startswith(only):
            yield from _compare(name, function)


def _compare(name: str, function: Function) -> Iterator[Timing]:
    """Time one function on every kind of text, at full length and at a quarter of it, without the
    garbage collector."""
    gc.disable()
    try:
        for kind, text in KINDS.items():
            yield _timing(Timing(name, kind), function, (text(LONGEST // SHORTER), text(LONGEST)))
    finally:
        gc.enable()


def _timing(timing: Timing, function: Function, texts: tuple[str, str]) -> Timing:
    """The least of several times each, in turn; again if the ratio looks bad, as other processes
    share the caches."""
    least = [float("inf"), float("inf")]
    for _ in range(3):
        for _ in range(TIMES):
            for place, text in enumerate(texts):
                try:
                    least[place] = min(least[place], _seconds(function, text))
                except Exception as error:
                    return timing._replace(error=repr(error)[:200])
            if least[1] > DEADLINE:
                break
        timing = timing._replace(short=least[0], long=least[1])
        if timing.ratio <= WORST_RATIO or timing.long > DEADLINE:
            break
    return timing


def _seconds(function: Function, text: str) -> float:
    began = time.process_time()
    function(text)
    return time.process_time() - began


def texts(*, tell: bool, only: str = "") -> dict[str, Any]:
    """The figures of the first part."""
    found = []
    for timing in timings(only):
        found.append(timing)
        if tell and (timing.error or timing.ratio > WORST_RATIO or timing.long > DEADLINE / 10):
            sys.stderr.write(
                f"{timing.function:20} {timing.kind:34} {timing.long * 1000:8.1f} ms  "
                f"{timing.ratio:.2f}  {timing.error}\n"
            )
    return {
        "functions": len({timing.function for timing in found}),
        "inputs": len(KINDS),
        "worst_ratio": round(max(timing.ratio for timing in found), 2),
        "slowest_ms": round(max(timing.long for timing in found) * 1000, 1),
        "overruns": sum(timing.long > DEADLINE for timing in found),
        "raised": sum(bool(timing.error) for timing in found),
    }


def main() -> int:
    """Run what was chosen and print the figures; the exit code says whether the promises hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", default="", help="text functions whose name starts so")
    parser.add_argument("--no-texts", action="store_true", help="leave the text functions out")
    parser.add_argument("--no-floods", action="store_true", help="leave the live service out")
    options = parser.parse_args()
    figures = {} if options.no_texts else texts(tell=not options.json, only=options.only)
    if not options.no_floods:
        install_if_lacking("psutil")
        from bench.flood import floods

        flooded = floods()
        figures |= flooded | {"unhandled": flooded["unhandled"] + figures.get("raised", 0)}
    print(
        json.dumps(figures)
        if options.json
        else "\n".join(f"{name:>20}  {value}" for name, value in figures.items())
    )
    return 0 if holds(figures) else 1


def holds(figures: dict[str, Any]) -> bool:
    """Whether every promise that was measured holds."""
    return (
        figures.get("worst_ratio", 0.0) <= WORST_RATIO
        and figures.get("frozen_ms_max", 0.0) < MOST_FROZEN_MS
        and figures.get("rss_mb_max", 0.0) < MOST_MB
        and not any(figures.get(name) for name in ("overruns", "raised", "unhandled", "refused"))
    )


if __name__ == "__main__":
    sys.exit(main())
