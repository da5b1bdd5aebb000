"""How a thread stood before its transfer, and what differs afterwards: pure comparisons.

GitHub documents that a transfer keeps text, author, dates, comments, reactions and assignees, and
labels and milestones by equal name
(https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository).
Relations were seen to vanish without a word, so all of it is written down before and compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from migrator.domain.items import Frozen, State, label_key


class Relations(Frozen, frozen=True, kw_only=True):
    """Other issues, by ``owner/name#number``: the parent (empty: none), the sub-issues, those that
    block this one, and those that it blocks."""

    parent: str = ""
    children: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(kind, name) of all of them; the kind is the field's name."""
        parent = (("parent", self.parent),) if self.parent else ()
        return (
            *parent,
            *(("children", key) for key in self.children),
            *(("blocked_by", key) for key in self.blocked_by),
            *(("blocking", key) for key in self.blocking),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all of them."""
        return tuple(key for _, key in self.pairs)

    def without(self, others: Relations) -> Relations:
        """Those that are not among ``others``."""
        return Relations(
            parent="" if self.parent == others.parent else self.parent,
            children=_missing(self.children, others.children),
            blocked_by=_missing(self.blocked_by, others.blocked_by),
            blocking=_missing(self.blocking, others.blocking),
        )


def _missing(wanted: Iterable[str], there: Iterable[str]) -> tuple[str, ...]:
    known = set(there)
    return tuple(each for each in wanted if each not in known)


class ThreadPicture(Frozen, frozen=True, kw_only=True):
    """A thread at one moment, in few words. ``title`` and ``body`` are hashes; ``comment_hashes``
    are of its last 100 comments (author, date and text), ``comments`` is how many there are.
    ``lock_reason`` is GraphQL's ``LockReason``, empty where none was given.
    """

    title: str
    body: str
    author: str
    created_at: datetime
    state: State = State.OPEN
    comments: int = 0
    comment_hashes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    milestone: str = ""
    assignees: tuple[str, ...] = ()
    locked: bool = False
    lock_reason: str = ""
    pinned: bool = False
    relations: Relations = Relations()

    def is_twin_of(self, other: ThreadPicture) -> bool:
        """Whether both are one thread, by what no transfer changes."""
        return (self.author, self.created_at, self.body) == (
            other.author,
            other.created_at,
            other.body,
        )


class Receipt(Frozen, frozen=True, kw_only=True):
    """What came of one transfer. ``differences`` must not be; ``repaired`` is what we put back;
    ``lost`` what the target has no place for (a label, a milestone) or what could not be set again
    (lock, pin). One word each, with the name after it."""

    differences: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def restored(before: ThreadPicture, now: ThreadPicture) -> ThreadPicture:
    """What a thread is to be again after it is transferred back: as it is now, with what it had
    ``before`` and has not any more."""
    labels = (*now.labels, *missing_labels(before, now))
    old, new = before.relations, now.relations
    return msgspec.structs.replace(
        now,
        labels=labels,
        milestone=now.milestone or before.milestone,
        pinned=before.pinned,
        relations=Relations(
            parent=new.parent or old.parent,
            children=_both(old.children, new.children),
            blocked_by=_both(old.blocked_by, new.blocked_by),
            blocking=_both(old.blocking, new.blocking),
        ),
    )


def renamed(relations: Relations, present: Callable[[str], str]) -> Relations:
    """The relations under the names that the issues have now; each once."""
    return Relations(
        parent=present(relations.parent) if relations.parent else "",
        children=_both(map(present, relations.children), ()),
        blocked_by=_both(map(present, relations.blocked_by), ()),
        blocking=_both(map(present, relations.blocking), ()),
    )


def _both(some: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*some, *others}))


def missing_labels(before: ThreadPicture, now: ThreadPicture) -> tuple[str, ...]:
    """Labels that the thread had and has not, by GitHub's comparison."""
    there = {label_key(name) for name in now.labels}
    return tuple(name for name in before.labels if label_key(name) not in there)


def has_late_comments(before: ThreadPicture, now: ThreadPicture) -> bool:
    """Whether comments are missing that were there: right after a transfer they may follow."""
    return now.comments < before.comments or bool(_lost_comments(before, now))


def _lost_comments(before: ThreadPicture, now: ThreadPicture) -> int:
    """How many of the comments that both readings reach are not there any more."""
    if now.comments > len(now.comment_hashes):  # later comments pushed older ones out of sight
        return 0
    return (Counter(before.comment_hashes) - Counter(now.comment_hashes)).total()


def differences(before: ThreadPicture, now: ThreadPicture) -> tuple[str, ...]:
    """What a transfer must keep and did not, one word each. Labels, milestone and pin are told
    apart by the caller, who knows what the target has."""
    return tuple(_differences(before, now))


def _differences(before: ThreadPicture, now: ThreadPicture) -> Iterator[str]:
    for name in ("title", "body", "author", "created_at"):
        if getattr(before, name) != getattr(now, name):
            yield name
    if has_late_comments(before, now):
        yield "comments"
    if before.state is State.OPEN and now.state is not State.OPEN:
        yield "state"
    yield from (f"assignee {login}" for login in _missing(before.assignees, now.assignees))
    lost = before.relations.without(now.relations)
    yield from (f"{kind} {key}" for kind, key in lost.pairs)
