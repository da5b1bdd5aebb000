"""On whose behalf a write is made: the account that sends it, and the run that it belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from migrator.domain.planning.plan import PlanKind
from migrator.github.client import GitHubClient


@dataclass(frozen=True)
class ActingAccount:
    """The account that acts on some items, with what it shares among them.

    ``pace`` waits for so many units of content and says whether that took a while: 1 for a comment,
    ``change_cost`` for a request that changes what is there. ``on_rate_limit`` hears of limits
    (seconds to wait). ``labels``: node ids by (repository, name), empty where
    there is none to take off. ``paced``: whether ``pace`` ever
    waits.
    """

    github: GitHubClient
    pace: Callable[[int], Awaitable[bool]]
    change_cost: int
    on_rate_limit: Callable[[float], None]
    labels: Mapping[tuple[str, str], str]
    paced: bool = True

    def label_ids(self, repository: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """Node ids of a repository's labels. One that an undo would take off may be gone;
        otherwise raises ``KeyError`` for one that was not asked for."""
        found = (self.labels[repository, name] for name in names)
        return tuple(its_id for its_id in found if its_id)


def _always_ours() -> None:
    """Nobody stands by, so nothing has to be held."""


@dataclass(frozen=True)
class ActingRun:
    """The run that an act belongs to, and the lease that lets it act.

    ``fencing`` is that lease's number (0: none); ``guard`` raises if it is not ours to write any
    more.
    """

    id: str
    plan_hash: str
    kind: PlanKind
    fencing: int = 0
    guard: Callable[[], None] = _always_ours
