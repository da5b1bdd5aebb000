"""Actors for what the listener does beside posting a planned notice: keep open, reword, complete,
answer.

Each goes the same way as every write: intent into the ledger, one request, its outcome into the
ledger, and the pure core says what is safe after a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen, Item, State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, EntryState, Outcome, Phase
from migrator.domain.protocol.next_step import Finish, Live, Wait, next_step
from migrator.execution.executor import MOST_ACTS, ItemExecutor
from migrator.execution.item_state import ItemState
from migrator.github.models import ActReply, ItemAfterWrite
from migrator.github.mutations import MutationStep
from migrator.store.ledger import Recorded


def is_yielding(state: EntryState) -> bool:
    """Whether an entry's close is being taken back, and that is not finished yet."""
    begun = (
        any(act.data.get("yield") for act in state.acts.values())
        or state.act(ActKind.REOPEN) is not None
    )
    return begun and state.outcome is not Outcome.YIELDED


class Successor(Frozen, frozen=True, kw_only=True):
    """Why an old item is closed beside its plan: ``key`` of a target repository fixed it or goes on
    with it.

    ``outcome`` is ``COMPLETED`` or ``LANDED`` of :mod:`migrator.domain.planning.undo`, ``reason``
    GitHub's word for the close; ``clock`` is when a person last acted on the old item, by the
    reading that the close relies on.
    """

    key: str
    outcome: str
    reason: str
    clock: datetime


class NoticeCorrector(ItemExecutor):
    """Keeps items open: cancels a close that is pending, takes back one that has happened, and
    rewords the notice."""

    async def heed(self, planned: PlanItem, recorded: Recorded) -> Finish | Wait | None:
        """Read the item; if a person acted since the plan knew it, keep it open. ``None``:
        nobody did."""
        task = ItemState(planned, recorded)
        await self._read(task)
        drift = task.live.drift if task.live else None
        if drift is None or not drift.gentle:
            return None
        return await self._keep(task, drift.code)

    async def keep_open(self, planned: PlanItem, recorded: Recorded, code: str) -> Finish | Wait:
        """Keep the item open because somebody asked for it; ``code`` says how."""
        return await self._keep(ItemState(planned, recorded), code)

    async def _keep(self, task: ItemState, code: str) -> Finish | Wait:
        """Note in the ledger that we yield; from there on the core knows the way, also after a
        crash."""
        if not is_yielding(task.state):
            kind = ActKind.CLOSE if task.state.is_done(ActKind.CLOSE) else ActKind.NOTICE
            self._writer.note(task, kind, Phase.DONE, {"yield": code})
        for _ in range(MOST_ACTS):
            act = next_step(
                task.planned, task.state, task.live, now=self._clock(), timing=self._timing
            )
            if isinstance(act, Wait):
                return act
            if isinstance(act, Finish):
                return self._conclude(task, act)
            await self._execute(task, act)
        return self._conclude(
            task,
            Finish(
                outcome=Outcome.FAILED, code="no_progress", message=f"{MOST_ACTS} acts led nowhere"
            ),
        )

    def _conclude(self, task: ItemState, act: Finish) -> Finish:
        """An entry that had ended gets a newer outcome: the last one counts."""
        data = {"outcome": act.outcome.value, "code": act.code, "message": act.message}
        self._writer.note(task, ActKind.OUTCOME, Phase.FINAL, data)
        return act

    async def reword(
        self, planned: PlanItem, recorded: Recorded, text: str, announced: dict[str, Any]
    ) -> bool:
        """Replace the notice's text, unless ``announced`` says what it says already; false if it
        is not known to have worked."""
        task = ItemState(planned, recorded)
        edit = task.state.act(ActKind.EDIT)
        if (
            edit is not None
            and edit.done
            and all(edit.data.get(name) == value for name, value in announced.items())
        ):
            return True
        await self._pace(self._changing)
        comment = task.state.comment_id
        reply = await self._writer.write(
            task, ActKind.EDIT, announced, lambda: self._github.update_comment(comment, text)
        )
        if reply is not None:
            self._writer.note(task, ActKind.EDIT, Phase.DONE, announced)
        return reply is not None

    async def settle(
        self, planned: PlanItem, recorded: Recorded, item: Item
    ) -> Finish | Wait | None:
        """Find out what became of a close that has no end on record yet. ``None``: nothing speaks
        against it, so go on.

        ``item`` was just read. If a person acted since the reading that the close relied on, it is
        taken back.
        """
        task = ItemState(_closing(planned, recorded), recorded)
        close = task.state.act(ActKind.CLOSE)
        if close is not None and close.pending:
            live = self._recheck.live(task.planned, task.recorded, item, self._clock())
            if live.closed_by_us or live.reopened:
                code = (
                    live.drift.code
                    if live.drift is not None and live.drift.gentle
                    else "reopened"
                    if live.reopened
                    else ""
                )
                self._writer.note(task, ActKind.CLOSE, Phase.DONE, {"yield": code} if code else {})
        return await self._keep(task, "person_spoke") if is_yielding(task.state) else None

    async def close_for(
        self, planned: PlanItem, recorded: Recorded, item: Item, text: str, successor: Successor
    ) -> Finish | Wait | None:
        """Close an item because of what happened elsewhere, and say so in its notice by the same
        request; or only that.

        ``item`` was just read, and the reply is held against it: if it shows a later word, the
        close is taken back at once. ``None``: the outcome is not known yet. Raises
        ``LimitExceeded`` and ``ServerUnavailable`` as every write does.
        """
        task = ItemState(_closing(planned, recorded, successor.clock), recorded)
        await self._pace(self._changing)
        comment, closes = task.state.comment_id, item.state is State.OPEN
        task.item = item if closes else None

        def send() -> Awaitable[ActReply]:
            return self._github.label_and_close(
                item.id,
                item.kind,
                reason=successor.reason,
                close=closes,
                comment_id=comment,
                body=text,
            )

        kind = ActKind.CLOSE if closes else ActKind.EDIT
        reply = await self._writer.write(
            task, kind, _announced(item, successor, closes=closes), send
        )
        if reply is None:
            return None
        self._note_steps(task, kind, reply, MutationStep.CLOSE if closes else MutationStep.EDIT)
        return await self._after_close_for(task, kind, successor)

    async def _after_close_for(
        self, task: ItemState, kind: ActKind, successor: Successor
    ) -> Finish | Wait | None:
        act = task.state.act(kind)
        if act is None or act.pending:
            return None
        if not act.done:
            reason = str(act.data.get("reason", ""))
            return Finish(
                outcome=Outcome.FAILED, code=f"{successor.outcome}_refused", message=reason
            )
        if kind is ActKind.CLOSE and act.data.get("yield"):
            return await self._keep(task, str(act.data["yield"]))
        return self._conclude(task, Finish(outcome=Outcome.DONE, code=successor.outcome))


def _closing(planned: PlanItem, recorded: Recorded, clock: datetime | None = None) -> PlanItem:
    """The plan item of a close that no plan holds. ``clock`` is when a person last acted;
    otherwise the ledger knows."""
    close = recorded.state.act(ActKind.CLOSE)
    known = close.data.get("clock") if close is not None else None
    relied_on = clock or (datetime.fromisoformat(known) if known else planned.clock)
    return replace(planned, closes=True, label="", grace_days=0, clock=relied_on, head="")


def _announced(item: Item, successor: Successor, *, closes: bool) -> dict[str, Any]:
    """What the ledger keeps of the intent: what for, what the item was like, and which word of a
    person was the last one then."""
    said = {"version": successor.outcome, "landing": successor.key}
    if not closes:
        return said
    before = {"state": item.state.value, "labels": list(item.labels)}
    return said | {"before": before, "closes": True, "clock": successor.clock.isoformat()}


class CommentPoster(ItemExecutor):
    """Posts a comment once, whatever state the item is in: an answer to somebody who asked."""

    async def say(self, stub: PlanItem, recorded: Recorded) -> Wait | None:
        """Post ``stub.text``; ``None`` when it stands (or was refused), else until when nothing
        more may be done."""
        task = ItemState(stub, recorded)
        for _ in range(MOST_ACTS):
            act = next_step(stub, task.state, task.live, now=self._clock(), timing=self._timing)
            if isinstance(act, Wait):
                return act
            if isinstance(act, Finish):
                return None
            await self._execute(task, act)
        return None

    async def _read(self, task: ItemState) -> None:
        """Nothing about the item matters for an answer."""
        task.live = Live(read_at=self._clock())

    def _spoken(
        self, task: ItemState, _kind: ActKind, _subject: ItemAfterWrite | None
    ) -> dict[str, Any]:
        task.live = None
        return {}


def stub(item: Item, text: str) -> PlanItem:
    """What posting ``text`` on an item needs to know; nothing is labelled or closed by it."""
    return PlanItem(
        key=item.key,
        repository=item.repository,
        number=item.number,
        kind=item.kind,
        node_id=item.id,
        url=item.url,
        title=item.title,
        decision=Decision.LEAVE,
        text=text,
    )
