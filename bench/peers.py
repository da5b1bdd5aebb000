"""The migrator beside what people would use instead: ``actions/stale``, and a PyGithub script.

    python bench/peers.py [--json] [--issues 1000] [--only ours] [--write docs/comparison.md]

Each gets the same world in a sandbox of its own: half of the issues are to be closed with a notice,
and each answer takes 20 ms. ``STALE_ACTION`` names a folder with the source of ``actions/stale``;
without it that peer is left out. For each: ``seconds`` of one pass, ``seconds_all_done`` until all is
done (passes repeated, as it pages what it closes), ``requests`` and their kinds, ``writes``,
``notifications`` (emails to people who take part), ``done`` items, ``cpu_seconds`` and ``max_rss_mb``
of its own processes, for all passes. In a smaller world its process is killed at several requests in
turn, before it has the reply, and started again: ``doubled`` are the items that then have a notice
twice. ``ratio`` is how many times longer than us ``actions/stale`` takes until all is done,
``ratio_one_pass`` for one pass. Ours is every verb from `scan` to `apply`, each a process of its own;
``verbs`` has seconds and processor seconds of each.

Exit code 1 if we leave an item undone, double a notice, need more than 1,200 requests, or the ratio is
below 5.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.peering.peers import Ours, Peer, Place, PyGithubScript, stale_action
from bench.peering.programs import Cost, Killed, Program
from bench.peering.world import half_stale, source_of
from migrator.rehearsal.sandbox import ACCOUNT, Sandbox, running_sandbox, write_world
from tests.support.killing_proxy import When, killing_proxy

LATENCY_MS = 20
MOST_PASSES = 10
KILLED_AT = (9, 10, 11, 12, 13, 14, 15)
"""Requests of a program at which it is killed, in turn: one item takes no peer more than six."""
KILLED_ISSUES = 120
LEAST_RATIO = 5.0
MOST_REQUESTS = 1.2
"""For each of the issues in the world."""
PROMPT = {"MIGRATOR_CUT_OFF_SECONDS": "2", "MIGRATOR_READ_LAG_SECONDS": "0.2"}
"""For the killed: how long after a kill its requests may still land is seconds on GitHub, and
nothing here."""


def main() -> int:
    """Measure, print, and write the page's table where that is asked for."""
    given = _arguments()
    result = _joined(given.read) if given.read else measure(given)
    if given.write is not None:
        write(given.write, result)
    print(json.dumps(result, indent=2) if given.json else table(result))
    return 0 if _kept(result) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--issues", type=int, default=1000, help="of which half are to be closed")
    parser.add_argument("--preset", default="keras")
    parser.add_argument("--only", nargs="+", choices=("ours", "stale", "pygithub"))
    parser.add_argument("--without-kills", action="store_true", help="leave ``doubled`` out")
    parser.add_argument(
        "--read", type=Path, nargs="+", help="results from before, joined, instead of measuring"
    )
    parser.add_argument("--write", type=Path, help="page whose table is written from the result")
    return parser.parse_args()


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Every peer, one after the other."""
    stale = stale_action()
    peers: list[Peer] = [Ours(), PyGithubScript()]
    if not isinstance(stale, str):
        peers.insert(1, stale)
    result: dict[str, Any] = {
        "issues": given.issues,
        "to_close": (given.issues + 1) // 2,
        "latency_ms": LATENCY_MS,
    }
    for peer in peers:
        if not given.only or peer.name in given.only:
            _tell(f"{peer.name} ...")
            result[peer.name] = _measured(peer, given)
    if isinstance(stale, str) and (not given.only or "stale" in given.only):
        result["stale"] = {"skipped": stale}
    return result | _ratios(result)


def _joined(files: list[Path]) -> dict[str, Any]:
    """One result from several, of which each may lack peers or kills."""
    result: dict[str, Any] = {}
    for file in files:
        for name, value in json.loads(file.read_text()).items():
            skipped = isinstance(value, dict) and "skipped" in value
            if isinstance(value, dict) and not skipped:
                result[name] = {**result.get(name, {}), **value}
            elif not (skipped and name in result):
                result[name] = value
    return result | _ratios(result)


def _ratios(result: dict[str, Any]) -> dict[str, float | None]:
    ours, stale = result.get("ours", {}), result.get("stale", {})
    if "seconds" not in ours or "seconds" not in stale:
        return {"ratio": None, "ratio_one_pass": None}
    return {
        "ratio": round(stale["seconds_all_done"] / ours["seconds_all_done"], 2),
        "ratio_one_pass": round(stale["seconds"] / ours["seconds"], 2),
    }


def _kept(result: dict[str, Any]) -> bool:
    ours, ratio = result.get("ours"), result.get("ratio")
    if ours is None:
        return True
    fast = ratio is None or ratio >= LEAST_RATIO
    frugal = ours["requests"] <= MOST_REQUESTS * result["issues"]
    return bool(fast and frugal and ours["done"] == result["to_close"] and not ours.get("doubled"))


def _tell(words: str) -> None:
    sys.stderr.write(words + "\n")


# ---------------------------------------------------------------- one peer


def _measured(peer: Peer, given: argparse.Namespace) -> dict[str, Any]:
    with _place(given.preset, given.issues, LATENCY_MS) as (place, sandbox):
        peer.prepare(place)
        first = peer.run_pass(place, _unwatched)
        verbs = dict(place.verbs)
        after_one = _standing(place, sandbox)
        total, passes = first, 1
        while _standing(place, sandbox)["done"] < (given.issues + 1) // 2 and passes < MOST_PASSES:
            total, passes = total + peer.run_pass(place, _unwatched), passes + 1
        found = {
            "seconds": round(first.seconds, 2),
            "seconds_all_done": round(total.seconds, 2),
            "passes": passes,
            "one_pass": after_one,
            **_standing(place, sandbox),
            "cpu_seconds": round(total.cpu_seconds, 2),
            "max_rss_mb": round(total.max_rss_mb, 1),
            **_by_verb(verbs, (given.issues + 1) // 2),
        }
    return found if given.without_kills else found | _killed(peer, given.preset)


def _unwatched(_program: Program) -> None:
    """Nobody has to know of the program."""


def _by_verb(verbs: dict[str, Cost], items: int) -> dict[str, Any]:
    if not verbs:
        return {}
    apply = verbs["apply"].cpu_seconds * 1000 / items
    return {
        "verbs": {
            verb: {"seconds": round(cost.seconds, 2), "cpu_seconds": round(cost.cpu_seconds, 2)}
            for verb, cost in verbs.items()
        },
        "apply_cpu_ms_per_item": round(apply, 2),
    }


@contextmanager
def _place(preset: str, issues: int, latency: int) -> Iterator[tuple[Place, Sandbox]]:
    """A folder and a sandbox with the world, of now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="peers-") as scratch:
        folder = Path(scratch)
        write_world(half_stale(preset, issues=issues, now=now), folder / "world.jsonl")
        options = ("--world", str(folder / "world.jsonl"), "--latency", str(latency))
        with running_sandbox(*options) as sandbox:
            yield Place(folder, sandbox.url, sandbox.token, preset), sandbox


def _standing(place: Place, sandbox: Sandbox) -> dict[str, Any]:
    """What was done so far, and what it took of GitHub."""
    stats = sandbox.stats()
    requests = stats["requests"]
    closed = [
        item for item in _moved(place, sandbox) if item.get("state") == "closed" and _notices(item)
    ]
    return {
        "done": len(closed),
        "requests": sum(requests.values()),
        "requests_by_kind": requests,
        "writes": sum(stats["writes"].values()),
        "writes_by_kind": stats["writes"],
        "notifications": stats["mails"]["participants"],
    }


def _moved(place: Place, sandbox: Sandbox) -> Iterator[dict[str, Any]]:
    """The issues that are to be closed, as they are now."""
    _, label = source_of(place.preset)
    for record in sandbox.world():
        if record["record"] == "item" and label in record.get("labels", ()):
            yield record


def _notices(item: dict[str, Any]) -> Counter[str]:
    """How often each of our texts stands on an item, by its first line."""
    return Counter(
        comment["body"].strip().splitlines()[0]
        for comment in item.get("comments", ())
        if comment["author"] == ACCOUNT
    )


# ---------------------------------------------------------------- kills


def _killed(peer: Peer, preset: str) -> dict[str, Any]:
    """Kill the peer's programs, one after the other, each at another request of its own; then let it
    end its work."""
    with _place(preset, KILLED_ISSUES, 0) as (place, sandbox), killing_proxy(sandbox.url) as proxy:
        peer.prepare(place)
        place.url, place.settings, kills = proxy.url, PROMPT, 0
        proxy.renames = True

        def started(program: Program) -> None:
            proxy.victim = program.pid

        for at in (*KILLED_AT, *[0] * MOST_PASSES):
            proxy.arm(at, When.DURING)
            try:
                peer.run_pass(place, started)
            except Killed:
                kills += 1
            done = _standing(place, sandbox)["done"]
            if done == KILLED_ISSUES // 2:
                break
        doubled = sum(max(_notices(one).values(), default=0) > 1 for one in _moved(place, sandbox))
    return {"kills": kills, "done_after_kills": done, "doubled": doubled}


# ---------------------------------------------------------------- shown

ROWS = {
    "one pass, seconds": "seconds",
    "all done, seconds": "seconds_all_done",
    "passes until all is done": "passes",
    "closed with a notice": "done",
    "requests": "requests",
    "writes": "writes",
    "emails to people": "notifications",
    "processor seconds": "cpu_seconds",
    "memory, MB": "max_rss_mb",
    "kills": "kills",
    "notices doubled by them": "doubled",
    "closed in the end, of 60": "done_after_kills",
}
PEERS = {"ours": "migrator", "stale": "`actions/stale`", "pygithub": "PyGithub script"}
BEGIN, END = "<!-- peers -->", "<!-- end of peers -->"


def table(result: dict[str, Any]) -> str:
    """The result as a Markdown table."""
    shown = {peer: name for peer, name in PEERS.items() if "seconds" in result.get(peer, {})}
    lines = [f"| | {' | '.join(shown.values())} |", "|---" * (len(shown) + 1) + "|"]
    for words, name in ROWS.items():
        cells = [_cell(result[peer].get(name)) for peer in shown]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    skipped = [
        f"\n{name}: left out, {result[peer]['skipped']}"
        for peer, name in PEERS.items()
        if "skipped" in result.get(peer, {})
    ]
    return "\n".join([*lines, *skipped])


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def write(page: Path, result: dict[str, Any]) -> None:
    """Put the table between the page's marks."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{BEGIN}\n\n{table(result)}\n\n{_verbs(result)}\n\n{END}"
    page.write_text(f"{before}{made}{after}")


def _verbs(result: dict[str, Any]) -> str:
    verbs = result["ours"]["verbs"]
    named = ", ".join(f"`{verb}` {cost['seconds']} s" for verb, cost in verbs.items())
    ratio = result["ratio"]
    against = f" `actions/stale` takes {ratio} times as long until all is done." if ratio else ""
    return f"The migrator's seconds by verb: {named}.{against}"


if __name__ == "__main__":
    sys.exit(main())
