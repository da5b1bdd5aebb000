"""Moves threads: performs the steps of :mod:`migrator.domain.protocol.transfer`.

``transferIssue`` is sent once. What a lost reply meant is asked of the old number, whose REST
address leads to the new place, and of the issues in the target; it is never tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from migrator.domain.items import ItemRef
from migrator.domain.marker import find_nonces
from migrator.domain.protocol.ledger import Absent, ActKind, ActState, Done, Intended
from migrator.domain.protocol.steps import (
    FindThread,
    Finish,
    Live,
    MovedThread,
    Relate,
    Repair,
    WriteReceipt,
)
from migrator.domain.protocol.thread_picture import (
    Relations,
    ThreadPicture,
    missing_labels,
    renamed,
    restored,
)
from migrator.domain.protocol.transfer import settled
from migrator.errors import RequestRefused
from migrator.execution.acting_account import ActingAccount, ActingRun
from migrator.execution.item_state import ItemState
from migrator.execution.ledger_entries import find_entry
from migrator.execution.ledger_writer import LedgerWriter
from migrator.execution.repository_names import RepositoryNames
from migrator.github.transfers import ALL_PAGES, MOST_PAGES, Thread, Transfers
from migrator.store.items import Items
from migrator.store.ledger import Ledger
from migrator.store.plans import Plans

THERE_ALREADY: Final = ("already", "duplicate")
"""Words of GitHub's refusal of a relation that stands."""


@contextmanager
def _noting(errors: dict[str, str], what: str) -> Iterator[None]:
    """Note that GitHub declined, and go on. What is there already is no error."""
    try:
        yield
    except RequestRefused as error:
        if not any(word in str(error).lower() for word in THERE_ALREADY):
            errors[what] = str(error)


def _lock_reason(state: ItemState) -> str:
    transfer = state.entry_state.act(ActKind.TRANSFER)
    picture = transfer.picture if transfer is not None else None
    return picture.lock_reason if picture is not None else ""


class RelatedThreads:
    """What became of the issues that a thread is related to."""

    def __init__(self, items: Items, plans: Plans, ledger: Ledger, plan_hash: str) -> None:
        self._items = items
        self._plans = plans
        self._ledger = ledger
        self._plan_hash = plan_hash

    def present(self, key: str) -> str:
        """``owner/name#number`` of an issue as it is called now."""
        names = self._items.names_of(ItemRef.parse(key))
        return str(names[-1].ref) if names else key

    def is_pending(self, key: str) -> bool:
        """Whether the same plan is still to transfer that issue."""
        ref = ItemRef.parse(key)
        names = dict.fromkeys((ref, *(each.ref for each in self._items.names_of(ref))))
        return any(map(self._is_to_move, names))

    def _is_to_move(self, ref: ItemRef) -> bool:
        planned = self._plans.item(self._plan_hash, *ref)
        if planned is None or not planned.transfers_to:
            return False
        entry = find_entry(self._ledger, planned)
        if entry is None:
            return True
        return not entry.state.is_done(ActKind.TRANSFER) and entry.state.outcome is None


class ThreadMover:
    """Transfers threads one at a time, as one account, for one run."""

    def __init__(
        self,
        account: ActingAccount,
        run: ActingRun,
        writer: LedgerWriter,
        names: RepositoryNames,
        *,
        items: Items,
        plans: Plans,
        ledger: Ledger,
        clock: Callable[[], datetime],
    ) -> None:
        self._transfers = Transfers(account.github)
        self._github = account.github
        self._writer = writer
        self._names = names
        self._items = items
        self._ledger = ledger
        self._related = RelatedThreads(items, plans, ledger, run.plan_hash)
        self._clock = clock
        self._repository_ids: dict[str, str] = {}

    async def look(self, state: ItemState) -> None:
        """Read the thread before its transfer, beside what was just read of the item."""
        if state.live is None or not state.live.exists:
            return
        state.thread = await self._transfers.thread(state.planned.node_id)
        if state.thread is None:
            state.live = Live(read_at=state.live.read_at, exists=False)
            return
        parent = state.thread.picture.relations.parent
        waits_for = parent if parent and self._related.is_pending(parent) else ""
        state.live = replace(state.live, waits_for=waits_for)

    async def transfer(self, state: ItemState) -> None:
        """Move the thread, once, after its picture is in the ledger."""
        thread, target = state.thread, state.planned.transfers_to
        if thread is None:
            state.live = None
            return
        repository_id = await self._repository_id(target)
        intended = Intended(
            act=ActKind.TRANSFER, target=target, picture=self._picture(state, thread)
        )
        reply = await self._writer.write(
            state, intended, lambda: self._transfers.transfer(thread.id, repository_id)
        )
        if reply is not None:
            self._note_moved(state, *reply)

    def _picture(self, state: ItemState, thread: Thread) -> ThreadPicture:
        """How the thread is to be again: as it is; transferred back, with what it had before the
        first transfer."""
        first = self._first_transfer(state)
        if first is None or first.picture is None:
            return thread.picture
        return restored(first.picture, thread.picture)

    def _first_transfer(self, state: ItemState) -> ActState | None:
        """The transfer that an undo takes back."""
        original = self._ledger.get(state.planned.undoes) if state.planned.undoes else None
        return original.state.act(ActKind.TRANSFER) if original is not None else None

    async def _repository_id(self, repository: str) -> str:
        if repository not in self._repository_ids:
            place = await self._transfers.place(repository)
            self._repository_ids[repository] = place.id
        return self._repository_ids[repository]

    def _note_moved(
        self, state: ItemState, new: ItemRef, node_id: str, found: bool = False
    ) -> None:
        """The item has another name now. Its alias comes first: noting it twice is harmless."""
        self._items.alias(state.planned.ref, new, node_id=node_id, at=self._clock())
        done = Done(act=ActKind.TRANSFER, moved_to=str(new), node_id=node_id, found=found or None)
        self._writer.note(state, done)
        state.live = None

    async def find(self, state: ItemState, step: FindThread) -> Finish | None:
        """Where the thread is of whose transfer nobody knows. Returns how its entry ends, if that
        is settled now."""
        first = self._first_transfer(state)
        old = ItemRef.parse(first.moved_to) if first and first.moved_to else state.planned.ref
        where = await self._transfers.whereabouts(old)
        if where is not None and where.id:
            now = ItemRef(where.repository, where.number)
            if not await self._is_same(old, now):
                self._note_moved(state, now, where.id, found=True)
                return None
        transfer, twins = state.entry_state.act(ActKind.TRANSFER), list[tuple[ItemRef, str]]()
        if transfer is not None and transfer.picture is not None and (step.twins or where is None):
            twins = await self._transfers.twins(
                transfer.target,
                transfer.picture,
                transfer.since,
                most_pages=ALL_PAGES if step.settles else MOST_PAGES,
            )
            if len(twins) == 1 and not (step.settles and where is not None):
                self._note_moved(state, *twins[0], found=True)
                return None
        if step.settles:
            return self._settle(state, old, twins, stands=where is not None)
        reason = "the old number still answers" if where is not None else "the old number is gone"
        self._writer.note(state, Absent(act=ActKind.TRANSFER, reason=reason))
        return None

    def _settle(
        self, state: ItemState, old: ItemRef, twins: Sequence[tuple[ItemRef, str]], *, stands: bool
    ) -> Finish | None:
        """Take what GitHub shows for what became of the transfer."""
        web = self._github.wire.where.web
        urls = [
            f"{web}/{ref.repository}/issues/{ref.number}"
            for ref in (old, *(ref for ref, _ in twins))
        ]
        undoes = bool(state.planned.undoes)
        ended = settled(urls[0], stands=stands, twins=urls[1:], undoes=undoes)
        if ended is None:
            reason = "the old number still answers, and the target has no copy"
            self._writer.note(state, Absent(act=ActKind.TRANSFER, reason=reason, unwritten=True))
        return ended

    async def _is_same(self, old: ItemRef, now: ItemRef) -> bool:
        """Whether both name one place: a renamed repository keeps its numbers."""
        same = old.number == now.number
        return same and await self._names.is_same(old.repository, now.repository)

    async def read_moved(self, state: ItemState) -> None:
        """Read the thread at its new place, and what of its labels and milestone is known there."""
        transfer = state.entry_state.act(ActKind.TRANSFER)
        if transfer is None or transfer.picture is None:
            raise LookupError(f"{state.planned.key} has no picture of before its transfer")
        relations = renamed(transfer.picture.relations, self._related.present)
        before = replace(transfer.picture, relations=relations)
        thread = state.thread = await self._transfers.thread(transfer.node_id)
        moved = MovedThread(before=before)
        if thread is not None:
            self._note_notice_id(state, thread)
            moved = await self._compared(before, thread)
        state.live = Live(read_at=self._clock(), moved=moved)

    async def _compared(self, before: ThreadPicture, thread: Thread) -> MovedThread:
        place, shown = thread.ref.repository, thread.picture.relations
        known_as = await self._known_names(before.relations, shown)
        shown = renamed(shown, lambda key: known_as.get(key, key))
        now = replace(thread.picture, relations=shown)
        missing = missing_labels(before, now)
        known = [name for name in missing if await self._github.label_id(place, name)]
        milestone = ""
        if before.milestone and before.milestone != now.milestone:
            milestone = (await self._transfers.place(place, before.milestone)).milestone_id
        return MovedThread(
            before=before,
            now=now,
            known_labels=tuple(known),
            knows_milestone=bool(milestone),
            pending=any(map(self._related.is_pending, before.relations.keys)),
        )

    async def _known_names(self, before: Relations, now: Relations) -> dict[str, str]:
        """Related issues of a repository that was renamed meanwhile -> as they were called."""
        return {
            key: old
            for key in now.keys
            for old in before.keys
            if key != old and await self._is_same(ItemRef.parse(old), ItemRef.parse(key))
        }

    def _note_notice_id(self, state: ItemState, thread: Thread) -> None:
        """Comments may get other ids on the way; our notice is known by its nonce."""
        known, nonce = state.entry_state.comment_id, state.recorded.entry.nonce
        found = [one for one, text in thread.comment_texts if nonce in find_nonces(text)]
        if known and len(found) == 1 and found[0] != known:
            self._writer.note(state, Done(act=ActKind.NOTICE, comment_id=found[0], found=True))

    async def repair(self, state: ItemState, step: Repair) -> None:
        """Put back what the thread had; each is one request, and harmless twice. A lock or a pin
        that GitHub declines does not stop the others, and is in the receipt."""
        thread = state.thread
        if thread is None:
            state.live = None
            return
        place, transfers = thread.ref.repository, self._transfers
        ids = [await self._github.label_id(place, name) for name in step.labels]
        labels = [one for one in ids if one]
        wanted = await transfers.place(place, step.milestone) if step.milestone else None
        errors: dict[str, str] = {}

        async def send() -> bool:
            if labels:
                await transfers.add_labels(thread.id, labels)
            if wanted is not None and wanted.milestone_id:
                await transfers.set_milestone(thread.id, wanted.milestone_id)
            if step.lock:
                with _noting(errors, "lock"):
                    await transfers.lock(thread.id, _lock_reason(state))
            if step.pin:
                with _noting(errors, "pin"):
                    await transfers.pin(thread.id)
            return True

        if await self._writer.write(state, Intended(act=ActKind.REPAIR), send):
            self._writer.note(state, Done(act=ActKind.REPAIR, errors=errors or None))
        state.live = None

    async def relate(self, state: ItemState, step: Relate) -> None:
        """Put relations back, one request for each. One that is there already is no fault, and one
        that GitHub declines does not stop the others."""
        thread = state.thread
        if thread is None:
            state.live = None
            return
        wanted = step.relations.pairs
        ids = {key: await self._node_id(key) for _, key in wanted}
        errors: dict[str, str] = {}

        async def send() -> bool:
            for kind, key in wanted:
                with _noting(errors, f"{kind} {key}"):
                    await self._add(kind, thread.id, ids[key])
            return True

        if await self._writer.write(state, Intended(act=ActKind.RELATE), send):
            self._writer.note(state, Done(act=ActKind.RELATE, errors=errors or None))
        state.live = None

    async def _node_id(self, key: str) -> str:
        where = await self._transfers.whereabouts(ItemRef.parse(key))
        return where.id if where is not None else ""

    async def _add(self, kind: str, node_id: str, other: str) -> None:
        """One relation; none to an issue that is gone."""
        transfers = self._transfers
        if not other:
            return
        match kind:
            case "parent":
                await transfers.add_sub_issue(other, node_id)
            case "children":
                await transfers.add_sub_issue(node_id, other)
            case "blocked_by":
                await transfers.add_blocked_by(node_id, other)
            case _:
                await transfers.add_blocked_by(other, node_id)

    def write_receipt(self, state: ItemState, step: WriteReceipt) -> None:
        """The receipt of the transfer: what was repaired, what differs, what the target lacks."""
        self._writer.note(state, Done(act=ActKind.COMPARE, receipt=step.receipt))
