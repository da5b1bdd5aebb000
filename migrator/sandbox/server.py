"""The sandbox as a whole: takes a request, lets the right part answer it, and keeps count.

One request at a time touches the world, so each is atomic. Around that stand, in this order: who
asks, limits, faults.
"""

from __future__ import annotations

import asyncio
import resource
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from migrator.sandbox.acts.bots import react_to_opened
from migrator.sandbox.acts.transfers import next_due, settle
from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused
from migrator.sandbox.faults.injector import FaultInjector, InjectedFault
from migrator.sandbox.faults.rules import ReplyRules
from migrator.sandbox.history import History
from migrator.sandbox.http_messages import API_VERSION, ApiReply, ApiRequest, refusal
from migrator.sandbox.limits import Limits, graphql_rate_limit, headers_of, parse_rules
from migrator.sandbox.listings import Listings
from migrator.sandbox.request_log import LoggedRequest, RequestLog
from migrator.sandbox.rights import Agent
from migrator.sandbox.signin import NOBODY, agent_for, bad_credentials, bearer
from migrator.sandbox.state_log import StateLog
from migrator.sandbox.webhooks import Webhooks
from migrator.sandbox.work import Work
from migrator.sandbox.world import World

WITHOUT_SIGN_IN = ("/login/", "/app-manifests/", "/settings/", "/organizations/")
MakeWork = Callable[[ApiRequest], Work]


class Options(msgspec.Struct, kw_only=True, frozen=True):
    """How a sandbox runs: times in seconds, ``latency`` is added to every answer, ``lag`` bounds
    how old a read may be."""

    state: Path | None = None
    lag: float = 0.0
    latency: float = 0.0
    limits: str = "off"
    seed: int = 0
    url: str = "https://api.github.com"


class Server:
    """One sandbox GitHub."""

    def __init__(self, world: World, options: Options) -> None:
        self.world = world
        self.options = options
        self.listings = Listings(world)
        self.reads: dict[tuple[str, str], int] = {}
        self.log = RequestLog(world)
        self.limits = Limits(parse_rules(options.limits), options.seed)
        self.history = History(world, options.lag)
        self.faults = FaultInjector(world, self.history, self.limits)
        self.rules = ReplyRules(world)
        self.webhooks = Webhooks(world, options.url)
        self.requests: Counter[str] = Counter()
        self.unimplemented: Counter[str] = Counter()
        self.journal = StateLog(options.state, world) if options.state else None
        self._timer: asyncio.TimerHandle | None = None

    async def answer(self, make_work: MakeWork, ask: ApiRequest, kind: str) -> ApiReply | None:
        """Return the reply to one request of GitHub's own surface (``kind`` is ``rest`` or
        ``graphql``).

        None means that the connection is to be broken off without a reply.
        """
        self.limits.running += 1
        try:
            if self.options.latency:
                await asyncio.sleep(self.options.latency)
            entry = self.log.begin(ask)
            reply, strike = self._answer_now(make_work, ask, kind, entry)
            if strike is not None:
                entry.fault, entry.stored = strike.kind, strike.stored
                return _dressed(await strike.spoil(reply))
            return _dressed(reply)
        finally:
            self.limits.running -= 1

    def _answer_now(
        self, make_work: MakeWork, ask: ApiRequest, kind: str, entry: LoggedRequest
    ) -> tuple[ApiReply, InjectedFault | None]:
        """Do what is asked, between asking who it is and remembering what was seen. Never
        interrupted."""
        strike: InjectedFault | None = None
        self.catch_up()
        try:
            agent = self.agent(ask, kind)
            work = make_work(ask)
            entry.by, entry.operation = agent.login, work.operation
            self.requests[
                "mutation" if work.mutations else "query" if kind == "graphql" else "rest"
            ] += 1
            strike = self.faults.draw(
                entry.request, work, agent, bearer(ask.headers.get("authorization", ""))
            )
            fitting = self.rules.fitting(work, agent, ask) if self.rules.rules else []
            reply = self._charge_and_run(work, agent, entry, strike, fitting)
        except Refused as refused:
            reply = refusal(refused)
        self.keep()
        entry.until, entry.status = self.world.sequence, reply.status
        return reply, strike

    def _charge_and_run(
        self,
        work: Work,
        agent: Agent,
        entry: LoggedRequest,
        strike: InjectedFault | None,
        fitting: list[int],
    ) -> ApiReply:
        """Let limits, faults and rules have their say, then do the work."""
        payer = f"installation {agent.installation.id}" if agent.installation else agent.login
        reply = strike.instead if strike is not None else None
        if reply is None:
            reply = self.limits.pay(payer, work.bill)
            entry.limited = reply is not None
        shown = self.limits.primary(payer)
        if reply is None and fitting:
            reply = self.rules.instead(
                fitting, work, Call(self.world, agent, self.reads, self.listings)
            )
        if reply is None:
            call = Call(
                self.world,
                agent,
                self.reads,
                self.listings,
                strike.view if strike is not None else self.history.view(),
            )
            call.limits, call.primary = graphql_rate_limit(shown["graphql"]), shown
            if strike is not None:
                strike.prepare(call)
            reply = _run(work, call)
            if strike is None or strike.heard:
                entry.seen = call.seen
                call.remember()
            self.webhooks.redeliver(call.redeliveries)
            if strike is not None:
                strike.after(call)
            reply.headers.update(call.headers)
            if fitting:
                reply = self.rules.after(fitting, work, call, reply)
        reply.headers = {
            **headers_of(work.bill.resource, shown[work.bill.resource]),
            **reply.headers,
        }
        return reply

    def agent(self, ask: ApiRequest, kind: str) -> Agent:
        """Return who asks; nobody in particular may read by REST, and a JSON web token is looked at
        by the App's own routes.

        Raises:
            Refused: 401.
        """
        header = ask.headers.get("authorization")
        if header is None:
            if kind == "graphql" or (
                ask.method != "GET" and not ask.path.startswith(WITHOUT_SIGN_IN)
            ):
                raise Refused(401, "Requires authentication")
            return Agent(account=NOBODY, read_only=True)
        secret = bearer(header)
        if not secret:
            raise bad_credentials()
        return (
            Agent(account=NOBODY, read_only=True)
            if secret.count(".") == 2
            else agent_for(self.world, secret)
        )

    def catch_up(self) -> None:
        """Let happen what is due by the world's clock: parts of transfers, and bots that react."""
        settle(self.world)
        react_to_opened(self.world)

    def _catch_up_later(self) -> None:
        """Wake when the next thing is due, also if no request comes."""
        due = 0.0 if any(item.is_here for item in self.world.just_opened) else next_due(self.world)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(due, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.catch_up()
        self.keep()

    def keep(self) -> None:
        """Keep what changed, if this sandbox keeps its world."""
        self._catch_up_later()
        if self.journal is not None:
            self.journal.write()
        else:
            self.world.dirty.clear()

    def stats(self) -> dict[str, Any]:
        """Return the counts since the start, or since they were reset."""
        world = self.world
        return {
            "requests": {kind: self.requests[kind] for kind in ("query", "mutation", "rest")},
            "writes": dict(world.acts),
            "limit_errors": self.limits.refused,
            "unimplemented": dict(self.unimplemented),
            "faults": self.faults.struck.total(),
            "faults_by_kind": dict(self.faults.struck),
            "deliveries": self.webhooks.sent,
            "deliveries_under_way": self.webhooks.under_way,
            "mails": {
                "acts": len(world.mails),
                "participants": sum(len(mail.to) for mail in world.mails),
            },
            "sequence": world.sequence,
            "max_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }

    def reset_stats(self) -> None:
        """Begin counting anew."""
        for counter in (self.requests, self.unimplemented, self.faults.struck):
            counter.clear()
        self.world.acts.clear()
        self.world.mails.clear()
        self.limits.refused = self.webhooks.sent = 0


def _run(work: Work, call: Call) -> ApiReply:
    """Do the work. A defect of the sandbox is a 500 that says so, and is printed."""
    try:
        return work.do(call)
    except Refused as refused:
        return refusal(refused)
    except Exception as error:
        traceback.print_exc()
        return ApiReply(
            status=500, body={"message": f"The sandbox is broken: {type(error).__name__}: {error}"}
        )


def _dressed(reply: ApiReply | None) -> ApiReply | None:
    """Add the headers that every reply of GitHub has."""
    if reply is None:
        return None
    reply.headers.setdefault("x-github-request-id", uuid.uuid4().hex[:16].upper())
    reply.headers.setdefault("x-github-media-type", "github.v3; format=json")
    reply.headers.setdefault("x-github-api-version-selected", API_VERSION)
    return reply
