"""What readings of an item, and replies to our own writes, mean for the item at hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from migrator.domain.items import Item
from migrator.domain.protocol.ledger import ActKind
from migrator.domain.protocol.next_step import Live
from migrator.execution.item_reader import ItemReader
from migrator.execution.item_state import ItemState, with_other_comments, with_subject
from migrator.execution.recheck import Recheck
from migrator.execution.repository_names import RepositoryNames
from migrator.github.client import GitHubClient
from migrator.github.models import ItemAfterWrite


class ItemObserver(Protocol):
    """Says what readings, and replies to our own writes, mean for an item."""

    async def read(self, state: ItemState) -> None:
        """Read the item again, into ``state.live``."""

    def after_write(self, state: ItemState, kind: ActKind, subject: ItemAfterWrite | None) -> str:
        """Take in the reply to our own write. Returns the code of a person's act that it shows
        since the reading before, else an empty string."""


class RecheckingObserver:
    """Holds each reading against the plan."""

    def __init__(
        self,
        github: GitHubClient,
        reader: ItemReader,
        recheck: Recheck,
        names: RepositoryNames,
        clock: Callable[[], datetime],
    ) -> None:
        self._github = github
        self._reader = reader
        self._names = names
        self._recheck = recheck
        self._clock = clock

    async def read(self, state: ItemState) -> None:
        """Read the item again; what a look-up met in between is not forgotten. In a repository that
        was renamed since, it goes by the name that the plan knows."""
        planned = state.planned
        item, read_at = await self._reader.item(planned.node_id)
        if item is not None and not self._recheck.knows_the_clock(item):
            # bots may have filled what one reading shows; a scan reads back behind them, too
            item = await self._github.read_thread_back(item, self._recheck.knows_the_clock)
        if item is not None and await self._names.is_same(planned.place, item.repository):
            item = replace(item, repository=planned.place)
        state.item = with_other_comments(item, state.other_comments) if item is not None else None
        if state.own_comments is None and item is not None and _may_hide_a_notice(state, item):
            state.own_comments = await self._github.find_comments(planned.node_id)
        state.live = self._recheck.live(
            planned, state.recorded, state.item, read_at, own_comments=state.own_comments or ()
        )

    def after_write(self, state: ItemState, kind: ActKind, subject: ItemAfterWrite | None) -> str:
        """Replies carry no timeline: after a close, who closed the item has to be read."""
        if subject is None or state.item is None:
            state.live = None
            return ""
        state.item = with_subject(state.item, subject)
        live = self._recheck.live(
            state.planned, state.recorded, state.item, self._clock(), after_write=True
        )
        state.live = None if kind is ActKind.CLOSE else live
        return live.drift.code if live.drift is not None and live.drift.gentle else ""


def _may_hide_a_notice(state: ItemState, item: Item) -> bool:
    """Whether a notice of ours may stand before the comments that were read, where one is about to
    be posted."""
    notified = state.planned.undoes or state.entry_state.act(ActKind.NOTICE) is not None
    return not notified and item.comments_total > len(item.comments)


class IndifferentObserver:
    """Nothing about the item matters: for a reply to somebody who asked."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    async def read(self, state: ItemState) -> None:
        """Nothing is read."""
        state.live = Live(read_at=self._clock())

    def after_write(self, state: ItemState, _kind: ActKind, _subject: ItemAfterWrite | None) -> str:
        """Nothing follows from the reply."""
        state.live = None
        return ""
