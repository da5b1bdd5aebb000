"""Actors for what the listener does beside posting a planned notice: keep open, reword, complete, answer.

Each goes the same way as every write: intent into the ledger, one request, its outcome into the ledger, and the pure core
says what is safe after a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from msgspec.structs import replace

from migrator.domain.actions import Finish, Live, Wait, next_act
from migrator.domain.items import Item, State
from migrator.domain.ledger import ActKind, EntryState, Outcome, Phase
from migrator.domain.planning import PlanItem
from migrator.domain.undoing import COMPLETED, LANDED
from migrator.github.replies import ActReply, Subject
from migrator.store.ledger import Recorded
from migrator.workflows.acting import MOST_ACTS, Actor, Task


def is_yielding(state: EntryState) -> bool:
    """Whether an entry's close is being taken back, and that is not finished yet."""
    begun = any(act.data.get("yield") for act in state.acts.values()) or state.act(ActKind.REOPEN) is not None
    return begun and state.outcome is not Outcome.YIELDED


class Keeper(Actor):
    """Keeps items open: cancels a close that is pending, takes back one that has happened, and rewords the notice."""

    async def heed(self, planned: PlanItem, recorded: Recorded) -> Finish | Wait | None:
        """Read the item; if a person acted since the plan knew it, keep it open. ``None``: nobody did."""
        task = Task(planned, recorded)
        await self._read(task)
        drift = task.live.drift if task.live else None
        if drift is None or not drift.gentle:
            return None
        return await self._keep(task, drift.code)

    async def keep_open(self, planned: PlanItem, recorded: Recorded, code: str) -> Finish | Wait:
        """Keep the item open because somebody asked for it; ``code`` says how."""
        return await self._keep(Task(planned, recorded), code)

    async def _keep(self, task: Task, code: str) -> Finish | Wait:
        """Note in the ledger that we yield; from there on the core knows the way, also after a crash."""
        if not is_yielding(task.state):
            kind = ActKind.CLOSE if task.state.is_done(ActKind.CLOSE) else ActKind.NOTICE
            self._note(task, kind, Phase.DONE, {"yield": code})
        for _ in range(MOST_ACTS):
            act = next_act(task.planned, task.state, task.live, now=self._clock(), timing=self._timing)
            if isinstance(act, Wait):
                return act
            if isinstance(act, Finish):
                return self._conclude(task, act)
            await self._perform(task, act)
        return self._conclude(task, Finish(outcome=Outcome.FAILED, code="no_progress", message=f"{MOST_ACTS} acts led nowhere"))

    def _conclude(self, task: Task, act: Finish) -> Finish:
        """An entry that had ended gets a newer outcome: the last one counts."""
        data = {"outcome": act.outcome.value, "code": act.code, "message": act.message}
        self._note(task, ActKind.OUTCOME, Phase.FINAL, data)
        return act

    async def reword(self, planned: PlanItem, recorded: Recorded, text: str, announced: dict[str, Any]) -> bool:
        """Replace the notice's text, unless ``announced`` says what it says already; false if it is not known to have worked."""
        task = Task(planned, recorded)
        edit = task.state.act(ActKind.EDIT)
        if edit is not None and edit.done and all(edit.data.get(name) == value for name, value in announced.items()):
            return True
        await self._pace(self._changing)
        comment = task.state.comment_id
        reply = await self._write(task, ActKind.EDIT, announced, lambda: self._github.update_comment(comment, text))
        if reply is not None:
            self._note(task, ActKind.EDIT, Phase.DONE, announced)
        return reply is not None

    async def complete(self, planned: PlanItem, recorded: Recorded, item: Item, text: str, landing: str) -> Finish | None:
        """Close as completed and say in the notice by which change; ``None`` if the outcome is not known yet."""
        task = Task(planned, recorded)
        await self._pace(self._changing)
        comment, closes = task.state.comment_id, item.state is State.OPEN

        def send() -> Awaitable[ActReply]:
            return self._github.label_and_close(
                item.id, item.kind, reason="COMPLETED", close=closes, comment_id=comment, body=text
            )

        before = {"state": item.state.value, "labels": list(item.labels)}
        kind = ActKind.CLOSE if closes else ActKind.EDIT
        announced: dict[str, Any] = {"version": "completed", "landing": landing} | ({"before": before} if closes else {})
        reply = await self._write(task, kind, announced, send)
        if reply is None:
            return None
        if reply.errors:
            reason = "; ".join(str(error) for error in reply.errors.values())
            self._note(task, kind, Phase.REFUSED, {"reason": reason})
            return Finish(outcome=Outcome.FAILED, code="complete_refused", message=reason)
        self._note(task, kind, Phase.DONE, announced)
        return self._conclude(task, Finish(outcome=Outcome.DONE, code=COMPLETED))

    async def close_as_landed(
        self, planned: PlanItem, recorded: Recorded, item: Item, text: str, landing: str
    ) -> Finish | Wait | None:
        """Close an item that goes on elsewhere, with its link put into the notice in the same request; edit only if it is closed.

        ``planned.clock`` is when a person last acted on the item as it was just read: if the reply shows a later word, the close
        is taken back at once. ``None``: the outcome is not known yet.
        """
        closing = replace(planned, closes=True, label="", grace_days=0)
        task = Task(closing, recorded)
        task.item = item
        await self._pace(1)
        comment, closes = task.state.comment_id, item.state is State.OPEN

        def send() -> Awaitable[ActReply]:
            return self._github.label_and_close(item.id, item.kind, close=closes, comment_id=comment, body=text)

        before = {"state": item.state.value, "labels": list(item.labels)}
        kind = ActKind.CLOSE if closes else ActKind.EDIT
        announced = {"version": LANDED, "landing": landing} | ({"before": before, "closes": True} if closes else {})
        reply = await self._write(task, kind, announced, send)
        if reply is None:
            return None
        if reply.errors:
            reason = "; ".join(str(error) for error in reply.errors.values())
            self._note(task, kind, Phase.REFUSED, {"reason": reason})
            return Finish(outcome=Outcome.FAILED, code="landed_refused", message=reason)
        spoken = self._spoken(task, kind, reply.subject) if closes else {}
        self._note(task, kind, Phase.DONE, announced | spoken)
        if spoken:
            return await self._keep(task, str(spoken["yield"]))
        return self._conclude(task, Finish(outcome=Outcome.DONE, code=LANDED))


class Speaker(Actor):
    """Posts a comment once, whatever state the item is in: an answer to somebody who asked."""

    async def say(self, stub: PlanItem, recorded: Recorded) -> Wait | None:
        """Post ``stub.text``; ``None`` when it stands (or was refused), else until when nothing more may be done."""
        task = Task(stub, recorded)
        for _ in range(MOST_ACTS):
            act = next_act(stub, task.state, task.live, now=self._clock(), timing=self._timing)
            if isinstance(act, Wait):
                return act
            if isinstance(act, Finish):
                return None
            await self._perform(task, act)
        return None

    async def _read(self, task: Task) -> None:
        """Nothing about the item matters for an answer."""
        task.live = Live(read_at=self._clock())

    def _spoken(self, task: Task, _kind: ActKind, _subject: Subject | None) -> dict[str, Any]:
        task.live = None
        return {}
