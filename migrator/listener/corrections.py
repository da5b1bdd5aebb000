"""What the listener does beside posting a planned notice: keep open, reword, complete, reply.

Each goes the same way as every write: intent into the ledger, one request, its outcome into the
ledger, and the pure core says what is safe after a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime

from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen, Item, State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import (
    ActKind,
    Done,
    EntryState,
    Intended,
    ItemBefore,
    Outcome,
)
from migrator.domain.protocol.next_step import Finish, Live, Wait, next_step
from migrator.execution.item_state import ItemState
from migrator.execution.step_executor import StepExecutor
from migrator.github.models import ActReply
from migrator.github.mutations import MutationStep
from migrator.store.ledger import Recorded


def is_yielding(state: EntryState) -> bool:
    """Whether an entry's close is being taken back, and that is not finished yet."""
    begun = any(act.yielded for act in state.acts.values()) or state.act(ActKind.REOPEN) is not None
    return begun and state.outcome is not Outcome.YIELDED


class ExtraClose(Frozen, frozen=True, kw_only=True):
    """Why an item is closed beside its plan: ``landing``, an item of a target repository, fixed it
    or goes on with it; or a person answered that it is done (no ``landing``).

    ``outcome`` is one of ``CLOSED_LATER`` of :mod:`migrator.domain.planning.undo`, ``reason``
    GitHub's word for the close; ``clock`` is when a person last acted on the item, by the reading
    that the close relies on.
    """

    outcome: str
    reason: str
    clock: datetime
    landing: str = ""


class NoticeCorrector:
    """Keeps items open: cancels a close that is pending, takes back one that has happened, and
    rewords the notice."""

    def __init__(self, steps: StepExecutor) -> None:
        self._steps = steps

    async def heed(self, planned: PlanItem, recorded: Recorded) -> Finish | Wait | None:
        """Read the item; if a person acted since the plan knew it, keep it open. ``None``:
        nobody did."""
        state = ItemState(planned, recorded)
        await self._steps.read(state)
        drift = state.live.drift if state.live else None
        if drift is None or not drift.gentle:
            return None
        return await self._keep(state, drift.code)

    async def keep_open(self, planned: PlanItem, recorded: Recorded, code: str) -> Finish | Wait:
        """Keep the item open because somebody asked for it; ``code`` says how."""
        return await self._keep(ItemState(planned, recorded), code)

    async def _keep(self, state: ItemState, code: str) -> Finish | Wait:
        """Note in the ledger that we yield; from there on the core knows the way, also after a
        crash."""
        if not is_yielding(state.entry_state):
            kind = ActKind.CLOSE if state.entry_state.is_done(ActKind.CLOSE) else ActKind.NOTICE
            self._steps.note(state, Done(act=kind, yielded=code))
        ended = await self._steps.drive(state, next_step)
        return self._steps.conclude(state, ended) if isinstance(ended, Finish) else ended

    async def reword(
        self, planned: PlanItem, recorded: Recorded, text: str, version: str, landing: str
    ) -> bool:
        """Replace the notice's text, unless it says already what this ``version`` (and
        ``landing``) says; false if it is not known to have worked."""
        state = ItemState(planned, recorded)
        edit = state.entry_state.act(ActKind.EDIT)
        if edit is not None and edit.done and (edit.version, edit.landing) == (version, landing):
            return True
        account = self._steps.account
        await account.pace(account.change_cost)
        intended = Intended(act=ActKind.EDIT, version=version, landing=landing)
        return await self._steps.edit_notice(state, state.entry_state.comment_id, text, intended)

    async def settle(
        self, planned: PlanItem, recorded: Recorded, item: Item
    ) -> Finish | Wait | None:
        """Find out what became of a close that has no end on record yet. ``None``: nothing speaks
        against it, so go on.

        ``item`` was just read. If a person acted since the reading that the close relied on, it is
        taken back.
        """
        state = ItemState(_closing(planned, recorded), recorded)
        close = state.entry_state.act(ActKind.CLOSE)
        if close is not None and close.pending:
            live = self._steps.recheck.live(
                state.planned, state.recorded, item, self._steps.clock()
            )
            if live.closed_by_us or live.reopened:
                self._steps.note(state, Done(act=ActKind.CLOSE, yielded=_objection(live) or None))
        yielding = is_yielding(state.entry_state)
        return await self._keep(state, "person_spoke") if yielding else None

    async def close_for(
        self, planned: PlanItem, recorded: Recorded, item: Item, text: str, extra: ExtraClose
    ) -> Finish | Wait | None:
        """Close an item because of what happened elsewhere, and say so in its notice by the same
        request; or only that.

        ``item`` was just read, and the reply is held against it: if it shows a later word, the
        close is taken back at once. ``None``: the outcome is not known yet. Raises
        ``LimitExceeded`` and ``ServerUnavailable`` as every write does.
        """
        state = ItemState(_closing(planned, recorded, extra.clock), recorded)
        account = self._steps.account
        await account.pace(account.change_cost)
        comment, closes = state.entry_state.comment_id, item.state is State.OPEN
        state.item = item if closes else None

        def send() -> Awaitable[ActReply]:
            return account.github.label_and_close(
                item.id,
                item.kind,
                reason=extra.reason,
                close=closes,
                comment_id=comment,
                body=text,
            )

        intended = _intended(item, extra, closes=closes)
        reply = await self._steps.writer.write(state, intended, send)
        if reply is not None:
            decisive = MutationStep.CLOSE if closes else MutationStep.EDIT
            self._steps.note_reply(state, intended.act, reply, decisive)
        return await self._after_close_for(state, intended.act, extra)

    async def _after_close_for(
        self, state: ItemState, kind: ActKind, extra: ExtraClose
    ) -> Finish | Wait | None:
        act = state.entry_state.act(kind)
        if act is None or act.pending:
            return None
        if not act.done:
            return Finish(
                outcome=Outcome.FAILED, code=f"{extra.outcome}_refused", message=act.reason
            )
        if kind is ActKind.CLOSE and act.yielded:
            return await self._keep(state, act.yielded)
        return self._steps.conclude(state, Finish(outcome=Outcome.DONE, code=extra.outcome))


def _objection(live: Live) -> str:
    """The code of what a reading shows against a close of ours; empty if nothing does."""
    if live.drift is not None and live.drift.gentle:
        return live.drift.code
    return "reopened" if live.reopened else ""


def _closing(planned: PlanItem, recorded: Recorded, clock: datetime | None = None) -> PlanItem:
    """The plan item of a close that no plan holds. ``clock`` is when a person last acted;
    otherwise the ledger knows."""
    close = recorded.state.act(ActKind.CLOSE)
    relied_on = clock or (close.clock if close else None) or planned.clock
    return replace(planned, closes=True, label="", grace_days=0, clock=relied_on, head="")


def _intended(item: Item, extra: ExtraClose, *, closes: bool) -> Intended:
    """What the ledger keeps of the intent: what for, what the item was like, and which act of a
    person was the last one then."""
    if not closes:
        return Intended(act=ActKind.EDIT, version=extra.outcome, landing=extra.landing)
    return Intended(
        act=ActKind.CLOSE,
        version=extra.outcome,
        landing=extra.landing,
        before=ItemBefore(state=item.state.value, labels=item.labels),
        closes=True,
        clock=extra.clock,
    )


class CommentPoster:
    """Posts a comment once, whatever state the item is in: a reply to somebody who asked."""

    def __init__(self, steps: StepExecutor) -> None:
        self._steps = steps.without_reading()

    async def post(self, stub: PlanItem, recorded: Recorded) -> Wait | None:
        """Post ``stub.text``; ``None`` when it stands (or was refused), else until when nothing
        more may be done."""
        state = ItemState(stub, recorded)
        ended = await self._steps.drive(state, next_step)
        if isinstance(ended, Finish) and ended.outcome is Outcome.IN_DOUBT:
            self._steps.conclude(state, ended)
        return ended if isinstance(ended, Wait) else None


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
