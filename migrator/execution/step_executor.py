"""Performs the steps that the pure core decides on, and writes down what came of each.

How a write is made safe is in :mod:`migrator.execution.ledger_writer`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from datetime import datetime, timedelta

from migrator.domain.items import Comment
from migrator.domain.marker import find_nonces, with_nonce
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import (
    LOOK_UP_FAILED,
    NOT_READ,
    Absent,
    ActKind,
    Done,
    Ending,
    Intended,
    ItemBefore,
    LedgerLine,
    Outcome,
    wrote_nothing,
)
from migrator.domain.protocol.next_step import (
    Close,
    Confirm,
    EditNotice,
    Finish,
    LookUp,
    NextStep,
    PostNotice,
    Read,
    Reopen,
    Step,
    Timing,
    Wait,
    is_recent,
)
from migrator.domain.protocol.steps import (
    FindThread,
    ReadMoved,
    Relate,
    Repair,
    Transfer,
    WriteReceipt,
)
from migrator.errors import IncompleteReply, LimitExceeded, NotFound, ServerUnavailable
from migrator.execution.acting_account import ActingAccount, ActingRun
from migrator.execution.item_observers import (
    IndifferentObserver,
    ItemObserver,
    RecheckingObserver,
)
from migrator.execution.item_reader import ItemReader
from migrator.execution.item_state import ItemState
from migrator.execution.ledger_writer import LedgerWriter
from migrator.execution.recheck import Recheck
from migrator.execution.repository_names import RepositoryNames
from migrator.execution.thread_mover import ThreadMover
from migrator.github.models import ActReply
from migrator.github.mutations import MutationStep
from migrator.store.items import Items
from migrator.store.ledger import Ledger
from migrator.store.plans import Plans
from migrator.store.set_aside import APPLY, SetAsideItem, SetAsideItems

UNREAD_AGAIN = timedelta(hours=1)
"""After so long an item is read again that GitHub did not show."""
MOST_ACTS = 60
"""No item needs more; a loop beyond it is a fault of ours and ends as one instead of running
forever. Tries that wrote nothing do not count."""
MOST_UNWRITTEN = 5
"""Tries that wrote nothing, one after the other, after which the item waits a while."""
MOST_LOOK_UPS = 5
"""Failed look-ups after which a maintainer has to look."""


class StepExecutor:
    """Performs steps on one item at a time, as one account, for one run."""

    def __init__(
        self,
        *,
        account: ActingAccount,
        run: ActingRun,
        ledger: Ledger,
        recheck: Recheck,
        names: RepositoryNames,
        items: Items,
        plans: Plans,
        set_aside: SetAsideItems,
        clock: Callable[[], datetime],
        timing: Timing,
    ) -> None:
        self.account = account
        self.run = run
        self.ledger = ledger
        self.recheck = recheck
        self.clock = clock
        self._set_aside = set_aside
        self._aside = {item.node_id for item in set_aside.all((APPLY,))}
        self._timing = timing
        self._reader = ItemReader(account.github, clock=clock, fresh=timing.fresh)
        self._observer: ItemObserver = RecheckingObserver(
            account.github, self._reader, recheck, names, clock
        )
        self.writer = LedgerWriter(ledger, account, run, clock=clock, prompt=timing.prompt)
        self._mover = ThreadMover(
            account, run, self.writer, names, items=items, plans=plans, ledger=ledger, clock=clock
        )

    def without_reading(self) -> StepExecutor:
        """The same for comments that are posted whatever state the item is in."""
        other = copy(self)
        other._observer = IndifferentObserver(self.clock)
        return other

    async def read_ahead(self, planned: Sequence[PlanItem]) -> None:
        """Read some items together whose steps come at once. Raises what a read raises."""
        with self.reporting_limits():
            await self._reader.read_ahead([item.node_id for item in planned])

    @contextmanager
    def reporting_limits(self) -> Iterator[None]:
        """A limit that we meet is met by whoever shares the account."""
        try:
            yield
        except LimitExceeded as error:
            self.account.on_rate_limit(error.wait)
            raise

    async def drive(self, state: ItemState, next_step: NextStep) -> Finish | Wait:
        """Take one step after the other until nothing is left to do, or nothing may be done
        now."""
        acts = unwritten = 0
        while acts < MOST_ACTS:
            step = next_step(
                state.planned, state.entry_state, state.live, now=self.clock(), timing=self._timing
            )
            if isinstance(step, Finish | Wait):
                return step
            before = state.recorded
            try:
                ended = await self.execute(state, step)
            except IncompleteReply as error:
                return self._unread(state, str(error))
            if ended is not None:
                return ended
            acts += 1
            if wrote_nothing(state.recorded.attempts[len(before.attempts) :]):
                acts, unwritten = 0, unwritten + 1
            if unwritten == MOST_UNWRITTEN:
                return Wait(until=self.clock() + self._timing.cut_off)
        return Finish(
            outcome=Outcome.FAILED, code="no_progress", message=f"{MOST_ACTS} acts led nowhere"
        )

    def _unread(self, state: ItemState, words: str) -> Finish | Wait:
        """GitHub answers, but does not show this item: it is left alone, or waits where something
        was done to it already."""
        if state.entry_state.acts:
            return Wait(until=self.clock() + UNREAD_AGAIN, parked=True, unread=words)
        return Finish(outcome=Outcome.SKIPPED, code=NOT_READ, message=words)

    def note_unread(self, planned: PlanItem, ended: Finish | Wait) -> None:
        """Set an item aside that GitHub does not show half way, or forget that it was."""
        words, now = ended.unread if isinstance(ended, Wait) else "", self.clock()
        place = (planned.repository, planned.number)
        if words:
            aside = SetAsideItem(
                repository=place[0],
                number=place[1],
                kind=planned.kind.value,
                node_id=planned.node_id,
                stage=APPLY,
                cause="incomplete",
                words=words,
                first_at=now,
                last_at=now,
            )
            self._set_aside.put([aside])
            self._aside.add(planned.node_id)
        elif planned.node_id in self._aside:
            self._set_aside.take_back([place], (APPLY,))
            self._aside.discard(planned.node_id)

    def note(self, state: ItemState, line: LedgerLine) -> None:
        """Write one line about the item's entry. Raises ``Overtaken`` if another process has this
        item."""
        self.writer.note(state, line)

    @asynccontextmanager
    async def saving(self, state: ItemState) -> AsyncIterator[None]:
        """Whatever was noted of the item is committed when the block ends, however it does."""
        try:
            yield
        finally:
            await self.writer.save(state)

    def conclude(self, state: ItemState, finish: Finish) -> Finish:
        """Write the outcome. An entry that had ended gets a newer one: the last one counts."""
        self.note(state, Ending(outcome=finish.outcome, code=finish.code, message=finish.message))
        return finish

    async def execute(self, state: ItemState, step: Step) -> Finish | None:
        """Perform one step, and write down what came of it. Returns the end of the entry if the
        step showed that only a maintainer can go on."""
        match step:
            case Read():
                await self.writer.save(state)
                await self.read(state)
            case LookUp():
                await self.writer.save(state)
                return await self._look_up(state)
            case PostNotice():
                await self._post_notice(state, step)
            case Close():
                await self._close(state)
            case Reopen():
                await self._reopen(state, step)
            case EditNotice():
                await self._edit(state, step)
            case Confirm():
                self.note(state, Done(act=step.kind, yielded=step.yielded or None))
            case FindThread():
                return await self._mover.find(state, step)
            case _:
                await self._move(state, step)
        return None

    async def _move(self, state: ItemState, step: Step) -> None:
        """Perform a step of a transfer."""
        match step:
            case Transfer():
                if await self._ready(state, 1):
                    await self._mover.transfer(state)
            case ReadMoved():
                await self._mover.read_moved(state)
            case Repair():
                if await self._ready(state, self.account.change_cost):
                    await self._mover.repair(state, step)
            case Relate():
                if await self._ready(state, len(step.relations.keys)):
                    await self._mover.relate(state, step)
            case WriteReceipt():
                self._mover.write_receipt(state, step)

    async def read(self, state: ItemState) -> None:
        """Read the item again, into ``state``."""
        await self._observer.read(state)
        if state.planned.transfers_to:
            await self._mover.look(state)

    async def _look_up(self, state: ItemState) -> Finish | None:
        """Search our account's comments for the nonce; an unanswered search counts, and too many
        leave it to a maintainer."""
        github, entry = self.account.github, state.recorded.entry
        self._reader.forget(state.node_id)
        try:
            comments = await github.find_comments(
                state.node_id, since=entry.created_at, by_viewer=False
            )
        except NotFound:
            self.note(state, Absent(act=ActKind.NOTICE, reason="the item is gone"))
            return None
        except ServerUnavailable as error:
            state.failed_look_ups += 1
            if state.failed_look_ups < MOST_LOOK_UPS:
                return None
            return _in_doubt(LOOK_UP_FAILED, f"the notice may or may not stand: {error}")
        ours = [comment for comment in comments if github.is_own(comment)]
        state.other_comments = tuple(comment for comment in comments if comment not in ours)
        found = [comment for comment in ours if entry.nonce in find_nonces(comment.body)]
        state.live = None
        if len(found) > 1:
            return _in_doubt("notice_twice", f"{len(found)} comments carry the nonce of one notice")
        self.note(
            state,
            _confirmation(found[0], found=True) if found else Absent(act=ActKind.NOTICE),
        )
        return None

    async def _post_notice(self, state: ItemState, step: PostNotice) -> None:
        if not await self._ready(state, self.account.change_cost if step.edits else 1):
            return
        github, node_id = self.account.github, state.node_id
        text = with_nonce(state.planned.text, state.recorded.entry.nonce)
        if step.version:
            text = self.recheck.edited_text(
                state.planned, state.recorded, step.version, state.item, self.clock()
            )
        if step.edits:
            await self._edit_standing(state, step.edits, text)
            return
        intended = Intended(act=ActKind.NOTICE, version=step.version or None)
        reply = await self.writer.write(state, intended, lambda: github.add_comment(node_id, text))
        if reply is None:
            return
        if state.planned.transfers_to:  # nothing is closed behind it, and the picture must show it
            self.note(state, _confirmation(reply.comment))
            state.live = None
            return
        yielded = self._observer.after_write(state, ActKind.NOTICE, reply.subject)
        self.note(state, _confirmation(reply.comment, yielded=yielded))

    async def _edit_standing(self, state: ItemState, comment_id: str, text: str) -> None:
        """Give the notice that stands the text of this entry: an edit mails nobody, and there is
        one notice on an item."""
        github = self.account.github
        intended = Intended(act=ActKind.NOTICE, comment_id=comment_id)
        reply = await self.writer.write(
            state, intended, lambda: github.update_comment(comment_id, text)
        )
        if reply is not None:
            done = Done(
                act=ActKind.NOTICE,
                comment_id=comment_id,
                confirmed_at=self.clock(),
                edited=True,
            )
            self.note(state, done)
            state.live = None

    async def _close(self, state: ItemState) -> None:
        if not await self._ready(state, self.account.change_cost):
            return
        planned, item = state.planned, state.item
        labels = self.account.label_ids(
            planned.repository, (planned.label,) if planned.label else ()
        )
        edit = self._closing_edit(state)

        def send() -> Awaitable[ActReply]:
            reason = planned.close_reason or "NOT_PLANNED"
            return self.account.github.label_and_close(
                planned.node_id,
                planned.kind,
                label_ids=labels,
                close=planned.closes,
                reason=reason,
                **edit,
            )

        intended = Intended(
            act=ActKind.CLOSE,
            before=ItemBefore(state=item.state.value, labels=item.labels) if item else None,
            label=planned.label,
            label_id=next(iter(labels), None),
            closes=planned.closes,
        )
        reply = await self.writer.write(state, intended, send)
        if reply is not None:
            decisive = MutationStep.CLOSE if planned.closes else MutationStep.LABEL
            self.note_reply(state, ActKind.CLOSE, reply, decisive)

    async def _reopen(self, state: ItemState, step: Reopen) -> None:
        if not await self._ready(state, self.account.change_cost):
            return
        planned = state.planned
        label = self.recheck.label_to_remove(planned, state.recorded)
        labels: tuple[str, ...] = (label.id,) if label and label.id else ()
        if label and not label.id:
            labels = self.account.label_ids(planned.repository, (label.name,))

        def send() -> Awaitable[ActReply]:
            return self.account.github.take_back(
                planned.node_id, planned.kind, reopen=step.reopens, label_ids=labels
            )

        reply = await self.writer.write(state, Intended(act=ActKind.REOPEN), send)
        if reply is not None:
            decisive = MutationStep.REOPEN if step.reopens else MutationStep.UNLABEL
            self.note_reply(state, ActKind.REOPEN, reply, decisive)

    async def _edit(self, state: ItemState, step: EditNotice) -> None:
        if not await self._ready(state, self.account.change_cost):
            return
        text = self.recheck.edited_text(
            state.planned, state.recorded, step.version, state.item, self.clock(), code=step.code
        )
        comment_id = await self._notice_id(state)
        await self.edit_notice(
            state,
            comment_id,
            text,
            Intended(act=ActKind.EDIT, version=step.version, code=step.code),
        )

    async def _notice_id(self, state: ItemState) -> str:
        """Node id of the notice. A transfer may give comments other ids, so there it is looked
        for."""
        known = self.recheck.notice_id(state.planned, state.recorded)
        if not state.is_moved:
            return known
        comments = await self.account.github.find_comments(state.node_id)
        nonce = state.recorded.entry.nonce
        return next((one.id for one in comments if nonce in find_nonces(one.body)), known)

    async def edit_notice(
        self, state: ItemState, comment_id: str, text: str, intended: Intended
    ) -> bool:
        """Replace a notice's text; says whether that is known to have worked."""
        github = self.account.github
        reply = await self.writer.write(
            state, intended, lambda: github.update_comment(comment_id, text)
        )
        if reply is not None:
            done = Done(
                act=ActKind.EDIT,
                version=intended.version,
                code=intended.code,
                landing=intended.landing,
            )
            self.note(state, done)
        return reply is not None

    def _closing_edit(self, state: ItemState) -> dict[str, str]:
        """After a grace the close takes along the notice's correction: it announced a day, and
        that day has come."""
        planned = state.planned
        if not planned.closes or not planned.grace_days or state.item is None:
            return {}
        text = self.recheck.edited_text(planned, state.recorded, "closed", state.item, self.clock())
        return {"comment_id": self.recheck.notice_id(planned, state.recorded), "body": text}

    async def _ready(self, state: ItemState, cost: int) -> bool:
        """Wait for the budget. If that took a while, the last reading is worth nothing any more and
        the core is asked again.

        What was granted is kept for the write that follows then: asking twice would spend twice,
        and wait twice.
        """
        if state.budget_granted:
            state.budget_granted = False
            return True
        if self.account.paced:
            await self.writer.save(state)
        waited = await self.account.pace(cost)
        if (
            waited
            and state.live is not None
            and not is_recent(state.live.read_at, self.clock(), self._timing.fresh)
        ):
            state.live, state.budget_granted = None, True
            return False
        return True

    def note_reply(
        self, state: ItemState, kind: ActKind, reply: ActReply, decisive: MutationStep
    ) -> None:
        """Write down the reply to a request of several steps. It counts as done if the step that
        matters was; what was declined stays on record.

        A close whose reply does not show the item whole is ``unseen``: somebody may have spoken,
        and only a reading tells.
        """
        errors = {step.value: str(error) for step, error in reply.errors.items()}
        error = reply.errors.get(decisive)
        if error is not None:
            self.writer.note_failed(state, kind, error, "; ".join(errors.values()))
            return
        edited = True if reply.comment is not None else None
        yielded = self._observer.after_write(state, kind, reply.subject)
        unseen = True if decisive is MutationStep.CLOSE and reply.subject is None else None
        done = Done(act=kind, errors=errors, edited=edited, unseen=unseen, yielded=yielded or None)
        self.note(state, done)


def _in_doubt(code: str, message: str) -> Finish:
    return Finish(outcome=Outcome.IN_DOUBT, code=code, message=message)


def _confirmation(comment: Comment, *, found: bool | None = None, yielded: str = "") -> Done:
    """What the ledger keeps of a notice that stands."""
    return Done(
        act=ActKind.NOTICE,
        comment_id=comment.id,
        url=comment.url,
        confirmed_at=comment.created_at,
        found=found,
        yielded=yielded or None,
    )
