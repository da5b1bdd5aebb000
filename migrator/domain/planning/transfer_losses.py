"""What threads lose when GitHub transfers them: known before anything happens, from what the
threads carry and what the target repository has.

https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from migrator.domain.items import Frozen, Item, label_key

KEPT: Final = (
    "title, text, author and dates",
    "comments, reactions and events",
    "assignees",
    "labels of a name that the target has",
    "a milestone of a title that the target has",
)
CHANGED: Final = (
    "the number, which is never given to another issue",
    "the URL; the old one redirects, but not what stands below it in the REST API",
    "the ids that programs know it by",
)
AT_RISK: Final = (
    "parent, sub-issues and blocked-by: some were seen to vanish; they are compared and repaired",
    "lock and pin: they are set again, where GitHub allows it",
    "the issue's type and fields, subscriptions and items of projects: no one has shown what "
    "becomes of them",
)


class LostName(Frozen, frozen=True, kw_only=True):
    """A label or milestone that the target lacks, and how many of the threads carry it."""

    name: str
    threads: int


class TransferLosses(Frozen, frozen=True, kw_only=True):
    """What ``threads`` issues lose on their way to ``target``.

    ``milestones`` is empty and ``milestones_known`` false where the target's could not all be read.
    """

    target: str
    threads: int
    labels: tuple[LostName, ...] = ()
    milestones: tuple[LostName, ...] = ()
    milestones_known: bool = True
    locked: int = 0
    pinned: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is lost for certain."""
        return bool(self.labels or self.milestones)


def transfer_losses(
    target: str,
    items: Iterable[Item],
    *,
    labels: Collection[str],
    milestones: Collection[str] | None,
) -> TransferLosses:
    """What these issues lose; ``labels`` and ``milestones`` are names that the target has, ``None``
    if they are not all known. Pull requests are passed over: GitHub transfers none."""
    known = {label_key(name) for name in labels}
    lost_labels, lost_milestones = Counter[str](), Counter[str]()
    threads = locked = pinned = 0
    for item in items:
        if item.is_pull_request:
            continue
        threads += 1
        locked += item.locked
        pinned += item.pinned
        lost_labels.update(name for name in item.labels if label_key(name) not in known)
        if item.milestone and milestones is not None and item.milestone not in milestones:
            lost_milestones[item.milestone] += 1
    return TransferLosses(
        target=target,
        threads=threads,
        labels=_most_first(lost_labels),
        milestones=_most_first(lost_milestones),
        milestones_known=milestones is not None,
        locked=locked,
        pinned=pinned,
    )


def _most_first(counted: Counter[str]) -> tuple[LostName, ...]:
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(LostName(name=name, threads=threads) for name, threads in ordered)
