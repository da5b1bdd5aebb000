"""Draws which fault strikes which request, and lets it strike.

A schedule is a seed with a probability for each kind, or an explicit list by request. Every draw of
a schedule depends only on the seed and the order of requests. A fault that cannot strike a request
(a lost reply of a read, a label of none) is not drawn for it, and only what really struck is
counted.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import msgspec

from migrator.sandbox.call import Call, View
from migrator.sandbox.entities import Item
from migrator.sandbox.errors import SandboxError
from migrator.sandbox.faults.human_faults import PEOPLE, act_as_human
from migrator.sandbox.faults.kinds import KINDS, LOSSES, REFUSALS, FaultKind, refusal_of
from migrator.sandbox.faults.targets import targets
from migrator.sandbox.history import History
from migrator.sandbox.http_messages import ApiReply
from migrator.sandbox.limits import Limits
from migrator.sandbox.rights import Agent
from migrator.sandbox.work import Work
from migrator.sandbox.world import World


class Schedule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to go wrong.

    ``rates`` are probabilities by kind; ``at`` names kinds by the number of the request, counted
    from when the schedule was set (the first is 1). ``hang`` is how many seconds a reply that never
    comes is withheld before the connection closes, ``slow`` how long a slow one takes, ``lag`` how
    old a stale read may be. ``only`` names the logins that are struck (empty: all), ``most`` how
    many strikes there are at most (0: no bound).
    """

    seed: int = 0
    rates: dict[str, float] = {}
    at: dict[int, str] = {}
    hang: float = 10.0
    slow: float = 1.0
    lag: float = 0.5
    only: list[str] = []
    most: int = 0


class InjectedFault:
    """One fault at one request."""

    def __init__(
        self, faults: FaultInjector, kind: str, work: Work, agent: Agent, secret: str
    ) -> None:
        self.kind = kind
        self.instead: ApiReply | None = None
        self.view: View | None = None
        self._faults = faults
        self._work = work
        self._agent = agent
        self._secret = secret
        self._showed_old = False
        self._before = faults.random.random() < 0.5
        if kind in REFUSALS:
            self.instead = refusal_of(kind, work.is_graphql)

    @property
    def stored(self) -> bool:
        """Whether the request's work was done."""
        return self.instead is None

    @property
    def heard(self) -> bool:
        """Whether the reply gets through: what is never heard was never read."""
        return self.kind != "stored_timeout" and self.kind not in LOSSES

    def prepare(self, call: Call) -> None:
        """Strike before the work is done."""
        faults = self._faults
        call.labels_lost = self.kind == "labels_dropped"
        if self.kind == "partial_success":
            call.fail_at = faults.random.randrange(len(self._work.mutations))
        elif self.kind == "stale_read":
            call.view = self._watched(faults.history.old_view())
        elif self.kind in PEOPLE and self._before:
            self._meddle(call, targets(faults.world, self._work, call))

    def after(self, call: Call) -> None:
        """Strike after the work is done, before it is answered; what turned out to change
        nothing is not counted."""
        if self.kind == "stale_read" and not self._showed_old:
            self._faults.struck[self.kind] -= 1
        if self.kind in PEOPLE and not self._before:
            self._meddle(call, targets(self._faults.world, self._work, call))

    def _watched(self, view: View) -> View:
        """Return a view that notes whether it showed anything older than it is."""

        def see(item: Item) -> Item:
            shown = view(item)
            self._showed_old = self._showed_old or shown is not item
            return shown

        return see

    def _meddle(self, call: Call, candidates: list[Any]) -> None:
        done = act_as_human(
            self._faults.world, self._faults.random, self.kind, call.agent, candidates
        )
        if not done:
            self._faults.struck[self.kind] -= 1

    async def spoil(self, reply: ApiReply) -> ApiReply | None:
        """Return the reply that gets through: late, another one, or none."""
        schedule = self._faults.schedule
        if self.kind == "slow":
            await asyncio.sleep(schedule.slow)
        if self.kind == "stored_timeout":
            await asyncio.sleep(schedule.hang)
            return None
        if self.kind in LOSSES:
            return LOSSES[self.kind]()
        return reply


class FaultInjector:
    """The schedule in force, and what it did."""

    def __init__(self, world: World, history: History, limits: Limits) -> None:
        self.world = world
        self.history = history
        self.limits = limits
        self.schedule = Schedule()
        self.struck: Counter[str] = Counter()
        self.random = random.Random(0)  # noqa: S311 - faults are meant to be repeatable
        self._first = 0

    def set(self, schedule: Schedule, requests_so_far: int) -> None:
        """Put a schedule in force, instead of any other.

        Raises:
            SandboxError: it names a kind that there is not.
        """
        unknown = (schedule.rates.keys() | set(schedule.at.values())) - KINDS.keys()
        if unknown:
            raise SandboxError(f"no faults called {sorted(unknown)}; there are {sorted(KINDS)}")
        self.schedule = schedule
        self.random = random.Random(schedule.seed)  # noqa: S311 - faults are meant to be repeatable
        self._first = requests_so_far
        if "stale_read" in schedule.rates or "stale_read" in schedule.at.values():
            self.history.lag, self.history.always = schedule.lag, False

    def draw(self, request: int, work: Work, agent: Agent, secret: str) -> InjectedFault | None:
        """Return the fault that strikes a request, if one does; counted at once."""
        schedule = self.schedule
        if not (schedule.rates or schedule.at) or (
            schedule.only and agent.login not in schedule.only
        ):
            return None
        if schedule.most and self.struck.total() >= schedule.most:
            return None
        kind = schedule.at.get(request - self._first) or self._by_chance()
        if kind is None or not self._can(KINDS[kind], work, agent):
            return None
        self.struck[kind] += 1
        strike = InjectedFault(self, kind, work, agent, secret)
        self._revoke(kind, agent, secret, strike)
        return strike

    def _by_chance(self) -> str | None:
        """One number is drawn for each request, whatever the rates: it falls into the share of a
        kind, or into none."""
        drawn = self.random.random()
        for kind, rate in self.schedule.rates.items():
            if drawn < rate:
                return kind
            drawn -= rate
        return None

    def _can(self, kind: FaultKind, work: Work, agent: Agent) -> bool:
        if kind.needs_write and not work.bill.writes:
            return False
        if kind.needs_read and work.bill.writes:
            return False
        if kind.needs_graphql and not work.is_graphql:
            return False
        if kind.needs_labels and "addLabelsToLabelable" not in work.mutations:
            return False
        if kind.needs_several and len(work.mutations) < 2:
            return False
        if kind.needs_change and not self.history.differs():
            return False
        return agent.installation is not None or not kind.needs_installation

    def _revoke(self, kind: str, agent: Agent, secret: str, strike: InjectedFault) -> None:
        """Take an App's token or installation away; the request that meets this is the first to
        be refused."""
        if kind == "token_expired" and (token := self.world.tokens.get(secret)) is not None:
            token.revoked = True
            self.world.touch(token)
        elif kind == "app_uninstalled" and agent.installation is not None:
            agent.installation.removed = True
            self.world.touch(agent.installation)
        else:
            return
        strike.instead = ApiReply(
            status=401,
            body={
                "message": "Bad credentials",
                "documentation_url": "https://docs.github.com/rest",
            },
        )
