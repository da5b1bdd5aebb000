"""The sandbox as a whole: takes a request, lets the right part answer it, and keeps count.

One request at a time touches the world, so each is atomic. Around that stand, in this order: who asks, limits, faults.
"""

from __future__ import annotations

import asyncio
import resource
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused
from migrator.sandbox.exchange import API_VERSION, Ask, Reply, refusal
from migrator.sandbox.journal import Journal
from migrator.sandbox.listings import Listings
from migrator.sandbox.logbook import Logbook
from migrator.sandbox.rights import Agent
from migrator.sandbox.routing import Route
from migrator.sandbox.signin import NOBODY, agent_for, bad_credentials, bearer
from migrator.sandbox.world import World


class Options(msgspec.Struct, kw_only=True, frozen=True):
    """How a sandbox runs: times in seconds, ``latency`` is added to every answer, ``lag`` bounds how old a read may be."""

    state: Path | None = None
    lag: float = 0.0
    latency: float = 0.0
    limits: str = "off"
    seed: int = 0


class Server:
    """One sandbox GitHub."""

    def __init__(self, world: World, options: Options) -> None:
        self.world = world
        self.options = options
        self.listings = Listings(world)
        self.reads: dict[tuple[str, str], int] = {}
        self.log = Logbook(world)
        self.requests: Counter[str] = Counter()
        self.limit_errors = 0
        self.unimplemented: Counter[str] = Counter()
        self.journal = Journal(options.state, world) if options.state else None

    async def answer(self, route: Route, ask: Ask, kind: str) -> Reply:
        """Return the reply to one request of GitHub's own surface; ``kind`` is ``rest`` or ``graphql``."""
        if self.options.latency:
            await asyncio.sleep(self.options.latency)
        reply = self._answer_now(route, ask, kind)
        reply.headers.setdefault("x-github-request-id", uuid.uuid4().hex[:16].upper())
        reply.headers.setdefault("x-github-media-type", "github.v3; format=json")
        reply.headers.setdefault("x-github-api-version-selected", API_VERSION)
        return reply

    def _answer_now(self, route: Route, ask: Ask, kind: str) -> Reply:
        """Let the route answer, between asking who it is and remembering what it saw."""
        try:
            agent = self.agent(ask, kind)
            call = Call(self.world, agent, self.reads, self.listings)
            entry = self.log.request(ask, agent)
            reply = self._run(route, call, ask)
            call.remember()
            self._count(kind, call)
            entry.finish(self.world.sequence, reply.status, call.seen)
        except Refused as refused:
            reply = refusal(refused)
        self.keep()
        return reply

    def _run(self, route: Route, call: Call, ask: Ask) -> Reply:
        try:
            return route(call, ask)
        except Refused as refused:
            return refusal(refused)

    def agent(self, ask: Ask, kind: str) -> Agent:
        """Return who asks; nobody may read by REST.

        Raises:
            Refused: 401.
        """
        header = ask.headers.get("authorization")
        if header is None:
            if kind == "graphql" or ask.method not in ("GET", "HEAD"):
                raise Refused(
                    401, "Requires authentication" if kind == "rest" else "This endpoint requires you to be authenticated."
                )
            return Agent(account=NOBODY, read_only=True)
        secret = bearer(header)
        if secret.count(".") == 2:
            return Agent(account=NOBODY, read_only=True)
        if not secret:
            raise bad_credentials()
        return agent_for(self.world, secret)

    def _count(self, kind: str, call: Call) -> None:
        self.requests["mutation" if call.writes else "query" if kind == "graphql" else "rest"] += 1

    def keep(self) -> None:
        """Keep what changed, if this sandbox keeps its world."""
        if self.journal is not None:
            self.journal.write()
        else:
            self.world.dirty.clear()

    def stats(self) -> dict[str, Any]:
        """Return the counts since the start, or since they were reset."""
        kinds = ("query", "mutation", "rest")
        return {
            "requests": {kind: self.requests[kind] for kind in kinds},
            "writes": dict(self.world.acts),
            "limit_errors": self.limit_errors,
            "unimplemented": dict(self.unimplemented),
            "mails": {"acts": len(self.world.mails), "participants": sum(len(mail.to) for mail in self.world.mails)},
            "sequence": self.world.sequence,
            "max_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }

    def reset_stats(self) -> None:
        """Begin counting anew."""
        self.requests.clear()
        self.unimplemented.clear()
        self.world.acts.clear()
        self.world.mails.clear()
        self.limit_errors = 0
