"""The part of ``probe`` that transfers: three issues between two scratch repositories of one owner.

What the migrator relies on must hold; what nobody has shown is asked and recorded, whatever the
answer is. All three issues end closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

from migrator.domain.items import ItemKind, ItemRef
from migrator.errors import NotFound, OutcomeUnknown, PermissionDenied, RequestRefused
from migrator.github.client import GitHubClient, open_issue
from migrator.github.models import RepositoryFacts
from migrator.github.transfers import Thread, Transfers

SETTLES_WITHIN: Final = 60.0
"""Seconds that are waited for a transfer to settle."""
TEXT: Final = "Opened by `migrator probe` to find out how GitHub transfers. It closes by itself."
Note = Callable[[str, bool, str], None]
"""Takes a code, whether the assumption holds, and what was seen."""


class TransferProbe:
    """One walk over what a transfer does. ``left`` names the issues that it leaves behind."""

    def __init__(
        self, github: GitHubClient, source: RepositoryFacts, target: RepositoryFacts, note: Note
    ) -> None:
        self._github = github
        self._transfers = Transfers(github)
        self._source = source
        self._target = target
        self._note = note
        self._ids: list[str] = []
        self.left: list[ItemRef] = []

    async def run(self) -> None:
        """Ask everything; raises what GitHub raises before anything was transferred."""
        parent, child, closed = [await self._open(name) for name in ("parent", "part", "closed")]
        try:
            await self._transfers.add_sub_issue(parent, child)
            await self._github.add_comment(child, "A comment that goes along.")
            before = await self._thread(child)
            await self._moved(before)
            await self._closed(closed)
        finally:
            for node_id in self._ids:
                with contextlib.suppress(NotFound):
                    await self._github.label_and_close(node_id, ItemKind.ISSUE)

    async def _open(self, name: str) -> str:
        node_id, number = await open_issue(
            self._github, self._source.id, f"Transfer probe, {name}", TEXT
        )
        self._ids.append(node_id)
        self.left.append(ItemRef(self._source.name, number))
        return node_id

    async def _thread(self, node_id: str) -> Thread:
        thread = await self._transfers.thread(node_id)
        if thread is None:
            raise NotFound(f"the issue {node_id} that was just opened")
        return thread

    async def _send(self, node_id: str) -> tuple[ItemRef, str]:
        """Transfer one issue, once; what is left behind is the new one."""
        place = self._ids.index(node_id)
        ref, new_id = await self._transfers.transfer(node_id, self._target.id)
        self._ids[place], self.left[place] = new_id, ref
        return ref, new_id

    async def _moved(self, before: Thread) -> None:
        try:
            ref, new_id = await self._send(before.id)
        except RequestRefused as error:
            self._note("transfer_redirects", False, f"GitHub refuses the transfer: {error}")
            self._note("transfer_keeps_thread", False, "nothing was transferred")
            return
        began = time.monotonic()
        redirected, after = await self._settled(before, ref, new_id)
        took = f"{time.monotonic() - began:.1f} s"
        seen = f"redirected after {took}" if redirected else f"not redirected within {took}"
        self._note("transfer_redirects", redirected, seen)
        kept = after is not None and _is_same(before, after)
        words = "author, date, text and comments are the same" if kept else f"it reads {after}"
        self._note("transfer_keeps_thread", kept, words)
        await self._questions(before, after)

    async def _settled(
        self, before: Thread, ref: ItemRef, new_id: str
    ) -> tuple[bool, Thread | None]:
        """Whether the old number leads to the new one, and the thread there, waited for."""
        end = time.monotonic() + SETTLES_WITHIN
        while True:
            place = await self._transfers.whereabouts(before.ref)
            after = await self._transfers.thread(new_id)
            redirected = place is not None and (place.repository, place.number) == tuple(ref)
            if (redirected and after is not None and _is_same(before, after)) or (
                time.monotonic() > end
            ):
                return redirected, after
            await asyncio.sleep(0.5)

    async def _questions(self, before: Thread, after: Thread | None) -> None:
        old = await self._transfers.thread(before.id)
        words = "it is not found" if old is None else f"it leads to {old.ref}"
        self._note("transfer_old_node", True, words)
        if after is None:
            return
        ids, new_ids = ({one for one, _ in each.comment_texts} for each in (before, after))
        words = "they are the same" if ids == new_ids else "they are new"
        self._note("transfer_comment_ids", True, words)
        kept = before.picture.relations.parent == after.picture.relations.parent
        words = "it is there" if kept else "it is gone"
        self._note("transfer_relations", True, words)

    async def _closed(self, node_id: str) -> None:
        await self._github.label_and_close(node_id, ItemKind.ISSUE)
        try:
            ref, _ = await self._send(node_id)
        except (RequestRefused, PermissionDenied) as error:
            self._note("transfer_closed", True, f"GitHub refuses it: {error}")
        except OutcomeUnknown as error:
            self._note("transfer_closed", True, f"it is not known: {error}")
        else:
            self._note("transfer_closed", True, f"it was moved to {ref}")


def _is_same(before: Thread, after: Thread) -> bool:
    return (
        before.picture.is_twin_of(after.picture)
        and before.picture.comment_hashes == after.picture.comment_hashes
    )
