"""A tiny world around one item: GitHub's side of it, the people, the faults, and a process that
follows the pure core.

Everything that may go one way or another is asked of ``choose``; ways are named, the first one is
the undisturbed one. A test explores all worlds with few disturbances, or random ones with many (see
``explore``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from migrator.domain.items import State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, Attempt, EntryState, Phase, fold
from migrator.domain.protocol.next_step import (
    Close,
    Confirm,
    Drift,
    EditNotice,
    Finish,
    Live,
    LookUp,
    PostNotice,
    Read,
    Reopen,
    Step,
    Timing,
    Wait,
    next_step,
    next_undo_step,
)
from tests.support.ledger_lines import attempt

START = datetime(2022, 3, 1, tzinfo=UTC)
TIMING = Timing()
TICK = timedelta(seconds=1)
MOST_ACTS = 60
DEEDS = (
    "nothing",
    "comments",
    "closes",
    "comments and closes",
    "reopens",
    "bot reopens",
    "deletes",
    "locks",
)

Chooser = Callable[[str, tuple[str, ...]], str]


class ProcessDies(Exception):
    """The process is gone; what it knew is lost, what it wrote down is not."""


@dataclass(frozen=True)
class Landed:
    """Something that happened to the item on GitHub."""

    at: datetime
    who: Literal["us", "person", "bot"]
    what: Literal[
        "notice", "comment", "label", "unlabel", "close", "reopen", "edit", "delete", "lock"
    ]
    version: str = ""


@dataclass
class World:
    """The item as GitHub has it. ``late`` are requests under way that nobody waits for any more."""

    now: datetime = START
    events: list[Landed] = field(default_factory=list)
    late: list[Landed] = field(default_factory=list)

    def pass_time(self, to: datetime) -> None:
        """Let late requests land on the way."""
        for request in sorted((one for one in self.late if one.at <= to), key=lambda one: one.at):
            self.late.remove(request)
            self.now = max(self.now, request.at)
            self.land(request.who, request.what, request.version)
        self.now = max(self.now, to)

    def land(self, who: str, what: str, version: str = "") -> None:
        """Something happens now. What GitHub would decline or ignore leaves no event."""
        if self.state_at(self.now) is None or self._is_idle(what):
            return
        self.events.append(Landed(self.now, who, what, version))  # type: ignore[arg-type]

    def _is_idle(self, what: str) -> bool:
        state = self.state_at(self.now)
        return (what == "close" and state is State.CLOSED) or (
            what == "reopen" and state is State.OPEN
        )

    def seen(self, at: datetime) -> list[Landed]:
        """What had happened by then."""
        return [one for one in self.events if one.at <= at]

    def state_at(self, at: datetime) -> State | None:
        """Open or closed at that time; ``None`` if the item is gone."""
        state = State.OPEN
        for one in self.seen(at):
            if one.what == "delete":
                return None
            if one.what in ("close", "reopen"):
                state = State.CLOSED if one.what == "close" else State.OPEN
        return state

    def locked_at(self, at: datetime) -> bool:
        """Whether it was locked by then."""
        return any(one.what == "lock" for one in self.seen(at))

    def count(self, who: str, what: str) -> int:
        """How often that happened."""
        return sum(one.who == who and one.what == what for one in self.events)


class Worker:
    """Follows the core's word for one plan item, as ``workflows.acting`` does, in the small world.

    ``behind``: reads show the world as it was a while ago, unless something makes them fresh.
    """

    def __init__(
        self,
        planned: PlanItem,
        choose: Chooser,
        world: World | None = None,
        *,
        behind: bool = False,
    ) -> None:
        self.planned = planned
        self.choose = choose
        self.world = world or World()
        self.ledger: list[Attempt] = []
        self.live: Live | None = None
        self.last_read = START - timedelta(days=1)
        self.reads = ("stale", "fresh") if behind else ("fresh", "stale")
        self.next = next_undo_step if planned.undoes else next_step
        self.restarts = 0

    @property
    def state(self) -> EntryState:
        """What the ledger says."""
        return fold(self.ledger)

    def run(self) -> Finish:
        """Work until the outcome stands in the ledger, with as many processes as it takes."""
        while True:
            try:
                return self._process()
            except ProcessDies:
                self.restarts += 1
                self.live = None
                self.world.pass_time(
                    self.world.now + timedelta(seconds=int(self.choose("down for", ("3", "40"))))
                )

    def _process(self) -> Finish:
        for _ in range(MOST_ACTS):
            self.world.pass_time(self.world.now + TICK)
            self.someone_acts("idle")
            act = self.next(self.planned, self.state, self.live, now=self.world.now, timing=TIMING)
            if isinstance(act, Finish):
                self.note(ActKind.OUTCOME, Phase.FINAL, outcome=act.outcome.value, code=act.code)
                return act
            self._perform(act)
        raise AssertionError(f"{MOST_ACTS} acts led nowhere: {self.ledger[-6:]}")

    def _perform(self, act: Step) -> None:
        match act:
            case Wait(until=until):
                assert until > self.world.now, "a wait for what is over would spin"
                self.world.pass_time(until)
            case Read():
                self._read()
            case LookUp():
                self._look_up()
            case Confirm(kind=kind, yielded=code):
                self.note(kind, Phase.DONE, **({"yield": code} if code else {}))
            case _:
                self._write(act)

    def note(self, kind: ActKind, phase: Phase, **data: Any) -> None:
        """Append a line, or die before or after it."""
        fate = self.choose(f"{kind} {phase}", ("written", "dies before", "dies after"))
        if fate == "dies before":
            raise ProcessDies
        self.ledger.append(attempt(kind, phase, self.world.now, **data))
        if fate == "dies after":
            raise ProcessDies

    def someone_acts(self, when: str) -> None:
        """A person (or another bot) may act now."""
        what = self.choose(f"people, {when}", DEEDS)
        who = "bot" if what.startswith("bot") else "person"
        for event in ("comment", "close", "reopen", "delete", "lock"):
            if f"{event}s" in what:
                self.world.land(who, event)

    def _read(self) -> None:
        """A read, perhaps from a copy that is behind by the stated lag."""
        lag = self.choose("read", self.reads)
        at = self.world.now - (TIMING.read_lag if lag == "stale" else timedelta(0))
        self.last_read = at
        self.live = self._seen_at(at)

    def _seen_at(self, at: datetime, *, reply: bool = False) -> Live:
        state = self.world.state_at(at)
        if state is None:
            return Live(read_at=self.world.now, exists=False, drift=Drift(code="gone", message=""))
        closes = [one for one in self.world.seen(at) if one.what == "close"]
        ours = bool(closes) and any(one.who == "us" for one in closes)
        return Live(
            read_at=self.world.now,
            state=state,
            drift=self._drift(at, state, reply),
            closed_by_us=state is State.CLOSED and closes[-1].who == "us",
            reopened=state is State.OPEN and ours,
        )

    def _drift(self, at: datetime, state: State, reply: bool) -> Drift | None:
        if any(
            one.who == "person" and one.what in ("comment", "close", "reopen")
            for one in self.world.seen(at)
        ):
            return (
                None if self.planned.undoes else Drift(code="person_spoke", message="", gentle=True)
            )
        if state is not State.OPEN and not reply:
            return Drift(code="closed", message="")
        return Drift(code="locked", message="") if self.world.locked_at(at) else None

    def _look_up(self) -> None:
        lag = self.choose("look-up", self.reads)
        at = self.world.now - (TIMING.read_lag if lag == "stale" else timedelta(0))
        found = self.world.state_at(at) is not None and any(
            one.what == "notice" for one in self.world.seen(at)
        )
        self.live = None
        if found:
            self.note(ActKind.NOTICE, Phase.DONE, comment_id="C")
        else:
            self.note(ActKind.NOTICE, Phase.ABSENT)

    def _write(self, act: Step) -> None:
        kind, what, data = _request(act, self.planned)
        self.note(kind, Phase.INTENDED, **data)
        fate = self.choose(
            f"{kind} request",
            (
                "answered",
                "limit",
                "refused",
                "lost before",
                "lost after",
                "lands late",
                "dies, lands late",
                "dies after",
                "answered in part",
            ),
        )
        if fate == "limit":
            self.live = None
            self.note(kind, Phase.ABSENT, unwritten=True)
            return
        if fate == "refused" or self._declines(what):
            self.live = None
            self.note(kind, Phase.REFUSED, reason="refused")
            return
        if "late" in fate:
            at, version = self.world.now + TIMING.cut_off - TICK, data.get("version", "")
            self.world.late.append(Landed(at, "us", what, version))  # type: ignore[arg-type]
        elif fate != "lost before":
            self.someone_acts("in the gap before it lands")
            self.world.land("us", what, data.get("version", ""))
            self.someone_acts("in the gap before the reply")
        if fate.startswith("dies"):
            raise ProcessDies
        if fate.startswith("answered"):
            self._answered(kind, whole=fate == "answered")
            return
        self.live = None
        self.note(kind, Phase.UNKNOWN)

    def _declines(self, what: str) -> bool:
        gone = self.world.state_at(self.world.now) is None
        return gone or (what == "notice" and self.world.locked_at(self.world.now))

    def _answered(self, kind: ActKind, *, whole: bool) -> None:
        """The reply to our own write is a reading of the present, if it shows the item whole."""
        data: dict[str, Any] = {"comment_id": "C"} if kind is ActKind.NOTICE else {}
        if not whole:
            self.live = None
            if kind is ActKind.CLOSE:
                data["unseen"] = True
        elif kind is not ActKind.EDIT:
            self.live = self._seen_at(self.world.now, reply=True)
            self.last_read = self.world.now
            if self.live.drift is not None and self.live.drift.gentle:
                data["yield"] = self.live.drift.code
        self.note(kind, Phase.DONE, **data)


def _request(act: Step, planned: PlanItem) -> tuple[ActKind, str, dict[str, str]]:
    match act:
        case PostNotice():
            return ActKind.NOTICE, "notice", {}
        case Close():
            return ActKind.CLOSE, "close" if planned.closes else "label", {}
        case Reopen(reopens=reopens):
            return ActKind.REOPEN, "reopen" if reopens else "unlabel", {}
        case EditNotice(version=version, code=code):
            return ActKind.EDIT, "edit", {"version": version, "code": code}
    raise AssertionError(f"{act} is no write")


def explore(play: Callable[[Chooser], None], most_disturbances: int) -> int:
    """Play every world with at most so many disturbances (choices other than the first); returns
    how many there were."""
    todo: list[tuple[int, ...]] = [()]
    count = 0
    while todo:
        script = todo.pop()
        asked: list[int] = []

        def choose(
            _what: str,
            ways: tuple[str, ...],
            script: tuple[int, ...] = script,
            asked: list[int] = asked,
        ) -> str:
            choice = script[len(asked)] if len(asked) < len(script) else 0
            asked.append(len(ways))
            return ways[choice]

        play(choose)
        count += 1
        if sum(map(bool, script)) < most_disturbances:
            todo.extend(_variations(script, asked))
    return count


def _variations(script: tuple[int, ...], asked: list[int]) -> Iterator[tuple[int, ...]]:
    """The same world with one more disturbance, after the last one."""
    for place in range(len(script), len(asked)):
        for way in range(1, asked[place]):
            yield (*script, *(0,) * (place - len(script)), way)
