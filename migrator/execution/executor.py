"""Carries one plan item through to its outcome: asks the pure core for the next act, performs it,
writes down what came of it.

How a write is made safe is in :mod:`migrator.execution.ledger_writer`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from migrator.domain.items import Comment, Item
from migrator.domain.marker import find_nonces, with_nonce
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.ledger import ActKind, Outcome, Phase
from migrator.domain.protocol.next_step import (
    Close,
    Confirm,
    EditNotice,
    Finish,
    LookUp,
    PostNotice,
    Read,
    Reopen,
    Step,
    Timing,
    Wait,
    is_recent,
    next_step,
    next_undo_step,
)
from migrator.errors import LimitExceeded, NotFound, ServerUnavailable
from migrator.execution.item_state import ItemState, with_other_comments, with_subject
from migrator.execution.ledger_entries import entry_decision, open_entry
from migrator.execution.ledger_writer import LedgerWriter
from migrator.execution.recheck import Recheck
from migrator.github.client import GitHubClient
from migrator.github.models import ActReply, ItemAfterWrite
from migrator.github.mutations import MutationStep
from migrator.store.ledger import Ledger


class ItemReader:
    """Says what an item is like now.

    What was read ahead serves once, while it is younger than ``fresh``, and only as long as nothing
    else was asked about the item: GitHub's newest answer is what we are held against.
    """

    def __init__(
        self, github: GitHubClient, *, clock: Callable[[], datetime], fresh: timedelta
    ) -> None:
        self._github = github
        self._clock = clock
        self._fresh = fresh
        self._ahead: dict[str, tuple[Item | None, datetime]] = {}

    async def read_ahead(self, node_ids: Sequence[str]) -> None:
        """Read some items in one request, each as deep as if read alone; a single one is read when
        it is needed.

        What was read ahead earlier is forgotten. Raises what a read raises.
        """
        self._ahead = {}
        if len(node_ids) < 2:
            return
        began = self._clock()
        found = await self._github.deep_items(node_ids)
        self._ahead = {
            node_id: (item, began) for node_id, item in zip(node_ids, found, strict=True)
        }

    def forget(self, node_id: str) -> None:
        """Something else is asked about the item now: it has to be read again before anything is
        decided."""
        self._ahead.pop(node_id, None)

    async def item(self, node_id: str) -> tuple[Item | None, datetime]:
        """The item and when it was so; ``None`` if it is gone. Raises what a read raises."""
        item, read_at = self._ahead.pop(node_id, (None, None))
        if read_at is not None and timedelta() <= self._clock() - read_at <= self._fresh:
            return item, read_at
        try:
            return await self._github.item(node_id), self._clock()
        except NotFound:
            return None, self._clock()


MOST_ACTS = 60
"""No item needs more; a loop beyond it is a fault of ours and ends as one instead of running
forever."""
MOST_LOOK_UPS = 5
"""Failed look-ups after which a person has to look."""


class ItemExecutor:
    """Acts on one plan item at a time, as one account, for one run.

    ``pace`` waits for so many units of content: 1 for a comment, ``changing`` for a request that
    changes what is there.
    """

    def __init__(
        self,
        *,
        github: GitHubClient,
        ledger: Ledger,
        recheck: Recheck,
        run_id: str,
        plan_hash: str,
        plan_kind: PlanKind,
        clock: Callable[[], datetime],
        timing: Timing,
        labels: Mapping[tuple[str, str], str],
        pace: Callable[[int], Awaitable[bool]],
        changing: int,
        on_rate_limit: Callable[[float], None],
        fencing: int = 0,
        guard: Callable[[], None],
    ) -> None:
        self._github = github
        self._ledger = ledger
        self._recheck = recheck
        self._run_id = run_id
        self._plan_hash = plan_hash
        self._next = next_undo_step if plan_kind is PlanKind.UNDO else next_step
        self._clock = clock
        self._timing = timing
        self._labels = labels
        self._pace = pace
        self._changing = changing
        self._on_rate_limit = on_rate_limit
        self._reader = ItemReader(github, clock=clock, fresh=timing.fresh)
        self._writer = LedgerWriter(
            ledger,
            clock=clock,
            prompt=timing.prompt,
            on_rate_limit=on_rate_limit,
            renew=github.renew,
            guard=guard,
            fencing=fencing,
        )

    async def read_ahead(self, planned: Sequence[PlanItem]) -> None:
        """Read some items together that :meth:`work_on` is called for at once. Raises what a
        read raises."""
        with self._reporting_limits():
            await self._reader.read_ahead([item.node_id for item in planned])

    async def run(self, planned: PlanItem) -> Finish | Wait:
        """Do everything that can be done for one item now.

        Returns how it ended, or until when nothing more may be done. Raises ``LimitExceeded`` and
        ``ServerUnavailable`` where GitHub asks for patience, ``Overtaken`` if another process has
        this item.
        """
        with self._reporting_limits():
            return await self._run(planned)

    @contextmanager
    def _reporting_limits(self) -> Iterator[None]:
        """A limit that we meet is met by whoever shares the account."""
        try:
            yield
        except LimitExceeded as error:
            self._on_rate_limit(error.wait)
            raise

    async def _run(self, planned: PlanItem) -> Finish | Wait:
        self._end_undone_entry(planned)
        task = ItemState(
            planned, open_entry(self._ledger, planned, self._run_id, self._plan_hash, self._clock())
        )
        if task.state.outcome is not None:
            return Finish(
                outcome=task.state.outcome, code=task.state.code, message=task.state.message
            )
        for _ in range(MOST_ACTS):
            act = self._next(planned, task.state, task.live, now=self._clock(), timing=self._timing)
            if isinstance(act, Wait):
                return act
            if isinstance(act, Finish):
                return self._finish(task, act)
            await self._execute(task, act)
        return self._finish(
            task,
            Finish(
                outcome=Outcome.FAILED, code="no_progress", message=f"{MOST_ACTS} acts led nowhere"
            ),
        )

    def park(self, planned: PlanItem, until: datetime) -> None:
        """Note that nothing more can be done for an item before ``until``."""
        known = self._ledger.find(planned.key, entry_decision(planned), planned.generation)
        if known is not None:
            self._ledger.park(known.entry.id, until)

    def _end_undone_entry(self, planned: PlanItem) -> None:
        """Before an entry is taken back it must be at its end: a close that waits for its grace
        would come after the undo."""
        original = self._ledger.get(planned.undoes) if planned.undoes else None
        if original is not None and original.state.outcome is None:
            data = {
                "outcome": Outcome.SKIPPED.value,
                "code": "undone",
                "message": "taken back before it was finished",
            }
            line = self._writer.line(ActKind.OUTCOME, Phase.FINAL, data)
            self._ledger.append(original, [line])

    def _finish(self, task: ItemState, act: Finish) -> Finish:
        if task.state.outcome is None:
            data = {"outcome": act.outcome.value, "code": act.code, "message": act.message}
            self._writer.note(task, ActKind.OUTCOME, Phase.FINAL, data)
        return act

    async def _execute(self, task: ItemState, act: Step) -> None:
        match act:
            case Read():
                await self._read(task)
            case LookUp():
                await self._look_up(task)
            case PostNotice():
                await self._post_notice(task)
            case Close():
                await self._close(task)
            case Reopen():
                await self._reopen(task, act)
            case EditNotice():
                await self._edit(task, act)
            case Confirm():
                self._writer.note(task, act.kind, Phase.DONE, dict(act.data))

    async def _read(self, task: ItemState) -> None:
        item, read_at = await self._reader.item(task.planned.node_id)
        task.item = with_other_comments(item, task.other_comments) if item is not None else None
        task.live = self._recheck.live(task.planned, task.recorded, task.item, read_at)

    async def _look_up(self, task: ItemState) -> None:
        """Search our account's comments for the nonce; an unanswered search counts, and too many
        leave it to a person."""
        entry = task.recorded.entry
        self._reader.forget(task.planned.node_id)
        try:
            comments = await self._github.find_comments(
                task.planned.node_id, since=entry.created_at, by_viewer=False
            )
        except NotFound:
            self._writer.note(task, ActKind.NOTICE, Phase.ABSENT, {"reason": "the item is gone"})
            return
        except ServerUnavailable as error:
            task.failed_look_ups += 1
            if task.failed_look_ups >= MOST_LOOK_UPS:
                message = f"the notice may or may not stand: {error}"
                self._finish(
                    task, Finish(outcome=Outcome.IN_DOUBT, code="look_up_failed", message=message)
                )
            return
        ours = [comment for comment in comments if self._github.is_own(comment)]
        task.other_comments = tuple(comment for comment in comments if comment not in ours)
        found = [comment for comment in ours if entry.nonce in find_nonces(comment.body)]
        if len(found) > 1:
            message = f"{len(found)} comments carry the nonce of one notice"
            self._finish(
                task, Finish(outcome=Outcome.IN_DOUBT, code="notice_twice", message=message)
            )
        elif found:
            data = {
                "comment_id": found[0].id,
                "url": found[0].url,
                "confirmed_at": found[0].created_at.isoformat(),
                "found": True,
            }
            self._writer.note(task, ActKind.NOTICE, Phase.DONE, data)
        else:
            self._writer.note(task, ActKind.NOTICE, Phase.ABSENT, {})
        task.live = None

    async def _post_notice(self, task: ItemState) -> None:
        if not await self._ready(task, 1):
            return
        text = with_nonce(task.planned.text, task.recorded.entry.nonce)
        reply = await self._writer.write(
            task, ActKind.NOTICE, {}, lambda: self._github.add_comment(task.planned.node_id, text)
        )
        if reply is None:
            return
        data = _confirmation(reply.comment) | self._spoken(task, ActKind.NOTICE, reply.subject)
        self._writer.note(task, ActKind.NOTICE, Phase.DONE, data)

    async def _close(self, task: ItemState) -> None:
        if not await self._ready(task, self._changing):
            return
        planned = task.planned
        labels = self._label_ids(planned, (planned.label,) if planned.label else ())

        edit = self._closing_edit(task)

        def send() -> Awaitable[ActReply]:
            reason = planned.close_reason or "NOT_PLANNED"
            return self._github.label_and_close(
                planned.node_id,
                planned.kind,
                label_ids=labels,
                close=planned.closes,
                reason=reason,
                **edit,
            )

        before = (
            {"state": task.item.state.value, "labels": list(task.item.labels)} if task.item else {}
        )
        announced = {"before": before, "label": planned.label, "closes": planned.closes}
        reply = await self._writer.write(task, ActKind.CLOSE, announced, send)
        if reply is not None:
            self._note_steps(
                task,
                ActKind.CLOSE,
                reply,
                MutationStep.CLOSE if planned.closes else MutationStep.LABEL,
            )

    async def _reopen(self, task: ItemState, act: Reopen) -> None:
        if not await self._ready(task, self._changing):
            return
        planned = task.planned
        labels = self._label_ids(planned, self._recheck.label_to_remove(planned, task.recorded))

        def send() -> Awaitable[ActReply]:
            return self._github.take_back(
                planned.node_id, planned.kind, reopen=act.reopens, label_ids=labels
            )

        reply = await self._writer.write(task, ActKind.REOPEN, {}, send)
        if reply is not None:
            self._note_steps(
                task,
                ActKind.REOPEN,
                reply,
                MutationStep.REOPEN if act.reopens else MutationStep.UNLABEL,
            )

    async def _edit(self, task: ItemState, act: EditNotice) -> None:
        if not await self._ready(task, self._changing):
            return
        text = self._recheck.edited_text(
            task.planned, task.recorded, act.version, task.item, self._clock()
        )
        comment_id = self._recheck.notice_id(task.planned, task.recorded)
        announced = {"version": act.version, "code": act.code}
        reply = await self._writer.write(
            task, ActKind.EDIT, announced, lambda: self._github.update_comment(comment_id, text)
        )
        if reply is not None:
            self._writer.note(task, ActKind.EDIT, Phase.DONE, announced)

    def _closing_edit(self, task: ItemState) -> dict[str, str]:
        """After a grace the close takes along the notice's correction: it announced a day, and
        that day has come."""
        planned = task.planned
        if not planned.closes or not planned.grace_days or task.item is None:
            return {}
        text = self._recheck.edited_text(planned, task.recorded, "closed", task.item, self._clock())
        return {"comment_id": self._recheck.notice_id(planned, task.recorded), "body": text}

    def _label_ids(self, planned: PlanItem, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._labels[planned.repository, name] for name in names)

    async def _ready(self, task: ItemState, cost: int) -> bool:
        """Wait for the budget. If that took a while, the last reading is worth nothing any more and
        the core is asked again.

        What was granted is kept for the write that follows then: asking twice would spend twice,
        and wait twice.
        """
        if task.budget_granted:
            task.budget_granted = False
            return True
        waited = await self._pace(cost)
        if (
            waited
            and task.live is not None
            and not is_recent(task.live.read_at, self._clock(), self._timing.fresh)
        ):
            task.live, task.budget_granted = None, True
            return False
        return True

    def _note_steps(
        self, task: ItemState, kind: ActKind, reply: ActReply, decisive: MutationStep
    ) -> None:
        """A request of several steps counts as done if the step that matters was; what was
        declined stays on record."""
        errors = {step.value: str(error) for step, error in reply.errors.items()}
        error = reply.errors.get(decisive)
        if error is None:
            edited = {"edited": True} if reply.comment is not None else {}
            self._writer.note(
                task,
                kind,
                Phase.DONE,
                {"errors": errors} | edited | self._spoken(task, kind, reply.subject),
            )
            return
        self._writer.note_failed(task, kind, error, "; ".join(errors.values()))

    def _spoken(
        self, task: ItemState, kind: ActKind, subject: ItemAfterWrite | None
    ) -> dict[str, Any]:
        """Read the reply to our own write: ``{"yield": code}`` if it shows that a person spoke
        since the reading before it."""
        if subject is None or task.item is None:
            task.live = None
            return {}
        task.item = with_subject(task.item, subject)
        live = self._recheck.live(
            task.planned, task.recorded, task.item, self._clock(), after_write=True
        )
        task.live = (
            None if kind is ActKind.CLOSE else live
        )  # replies carry no timeline: who closed it has to be read
        return {"yield": live.drift.code} if live.drift is not None and live.drift.gentle else {}


def _confirmation(comment: Comment) -> dict[str, Any]:
    """What the ledger keeps of a notice that stands."""
    return {
        "comment_id": comment.id,
        "url": comment.url,
        "confirmed_at": comment.created_at.isoformat(),
    }
