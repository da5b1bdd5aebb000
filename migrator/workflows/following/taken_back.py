"""A maintainer says that an item is not ours, and later that it is: our one notice is reworded each time, and stays true."""

from __future__ import annotations

from migrator.domain.items import State
from migrator.domain.ledger import ActKind, Outcome
from migrator.domain.marker import with_nonce
from migrator.domain.messages import Change, Edit
from migrator.domain.planning import PlanItem
from migrator.store.ledger import Recorded
from migrator.workflows.following.hands import Keeper
from migrator.workflows.following.look import Look

STANDS = "stands"
"""Version of a notice that has its first text again; the others are those of :class:`Edit`."""


async def take_back(look: Look, by: str) -> bool:
    """Say in our notice that it no longer holds; false if it is not known whether that worked."""
    recorded, planned = _notice(look)
    if recorded is None or planned is None or recorded.state.outcome is None:
        return True
    return await _reword(look, recorded, planned, Edit.UNDONE.value, _edited(look, planned, Edit.UNDONE, by))


async def put_back(look: Look, by: str, part: str) -> bool:
    """Give a notice that was taken back the text that is true again; false if it is not known whether that worked.

    Where it had announced a close that was then taken back, it says that the item stays open.
    """
    recorded, planned = _notice(look)
    if recorded is None or planned is None or planned.part != part or not _is_taken_back(recorded):
        return True
    if recorded.state.outcome is Outcome.YIELDED:
        return await _reword(look, recorded, planned, Edit.YIELDED.value, _edited(look, planned, Edit.YIELDED, by))
    if planned.closes:  # it ended otherwise: who closed the item knows why
        return True
    return await _reword(look, recorded, planned, STANDS, planned.text)


def _notice(look: Look) -> tuple[Recorded | None, PlanItem | None]:
    recorded = look.standing_notice(look.key)
    return recorded, look.planned(recorded) if recorded else None


def _is_taken_back(recorded: Recorded) -> bool:
    edit = recorded.state.act(ActKind.EDIT)
    return edit is not None and (not edit.done or edit.data.get("version") == Edit.UNDONE.value)


def _edited(look: Look, planned: PlanItem, edit: Edit, by: str) -> str:
    change = Change(edit=edit, at=look.now(), actor=by, open=look.item.state is State.OPEN)
    decision, generation = planned.decision.value, planned.generation
    return look.notices.render_edit(look.item, change, decision=decision, part=planned.part, generation=generation)


async def _reword(look: Look, recorded: Recorded, planned: PlanItem, version: str, text: str) -> bool:
    async with look.hand_of(Keeper, recorded, planned) as keeper:
        whole = with_nonce(text, recorded.entry.nonce)
        return await keeper.reword(planned, recorded, whole, {"version": version, "landing": ""})
