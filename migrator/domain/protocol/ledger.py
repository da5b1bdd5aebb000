"""What the ledger remembers of one item's acts, and the state that follows from it.

An entry is immutable; everything that happens to it is an attempt, appended and never changed.
The state is derived from the attempts by :func:`fold`, so a crash between any two of them loses
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from migrator.domain.items import Frozen


class ActKind(StrEnum):
    """The writes that we make, each its own request."""

    NOTICE = "notice"
    CLOSE = "close"
    EDIT = "edit"
    REOPEN = "reopen"
    OUTCOME = "outcome"


class Phase(StrEnum):
    """What an attempt row says about its act.

    ``intended`` is written before the request leaves; ``done`` after its reply; ``unknown`` when no
    reply came; ``absent`` after a look-up that was answered and did not find it, or (with
    ``unwritten`` in its data) when we know for certain that nothing was written; ``refused`` when
    GitHub declined; ``final`` carries the entry's outcome.
    """

    INTENDED = "intended"
    DONE = "done"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    REFUSED = "refused"
    FINAL = "final"


class Outcome(StrEnum):
    """How an entry ended (see the glossary)."""

    DONE = "done"
    SKIPPED = "skipped"
    YIELDED = "yielded"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


class Entry(Frozen, frozen=True, kw_only=True):
    """One act on one item, at most one per (migration, item, decision, generation).

    ``nonce`` is the secret word in the notice's hidden marker; ``before`` the item's state, labels
    and lock as they were.
    """

    id: str
    migration: str
    item_key: str
    node_id: str
    decision: str
    generation: int
    run_id: str
    plan_hash: str
    nonce: str
    text_hash: str
    created_at: datetime
    before: dict[str, Any] = {}


class Attempt(Frozen, frozen=True, kw_only=True):
    """One line of an entry's history. ``data`` holds what the phase needs (comment id, reply,
    reason)."""

    act: ActKind
    phase: Phase
    at: datetime
    data: dict[str, Any] = {}
    fencing: int = 0


LIMITED = "limited"
"""In the data of an ``absent`` line: the request wrote nothing because GitHub named a limit."""
KEPT = ("before", "yield")
"""What stays true of an act when its request is intended again: how the item stood before the
first try, and who spoke."""


class ActState(Frozen, frozen=True, kw_only=True):
    """Where one act stands. ``since`` is when its last request was intended; ``absences`` counts
    answered look-ups since.

    ``unwritten``: its last request surely wrote nothing, so it may be sent again without a look-up.
    """

    phase: Phase
    since: datetime
    absences: int = 0
    looked_at: datetime | None = None
    unwritten: bool = False
    data: dict[str, Any] = {}

    @property
    def done(self) -> bool:
        """Whether the act is known to have happened."""
        return self.phase is Phase.DONE

    @property
    def pending(self) -> bool:
        """Whether a request left (or may have left) whose outcome is not known."""
        return self.phase in (Phase.INTENDED, Phase.UNKNOWN, Phase.ABSENT)


class EntryState(Frozen, frozen=True, kw_only=True):
    """What follows from an entry's attempts."""

    acts: dict[ActKind, ActState] = {}
    outcome: Outcome | None = None
    code: str = ""
    message: str = ""

    def act(self, kind: ActKind) -> ActState | None:
        """State of one act, ``None`` if it was never intended."""
        return self.acts.get(kind)

    def is_done(self, kind: ActKind) -> bool:
        """Whether the act is known to have happened."""
        state = self.acts.get(kind)
        return state is not None and state.done

    @property
    def comment_id(self) -> str:
        """Node id of our notice, empty while it is not confirmed."""
        state = self.acts.get(ActKind.NOTICE)
        return str(state.data.get("comment_id", "")) if state is not None and state.done else ""


def _advance(before: ActState | None, attempt: Attempt) -> ActState:
    """State of an act after one more attempt row."""
    if before is None:
        return ActState(phase=attempt.phase, since=attempt.at, data=attempt.data)
    if attempt.phase is Phase.INTENDED:
        kept = {key: before.data[key] for key in KEPT if key in before.data}
        return ActState(phase=attempt.phase, since=attempt.at, data={**attempt.data, **kept})
    if attempt.phase is Phase.ABSENT:
        return _absent(before, attempt)
    return msgspec.structs.replace(
        before, phase=attempt.phase, data={**before.data, **attempt.data}
    )


def _absent(before: ActState, attempt: Attempt) -> ActState:
    """Looked for and not found, or known not to have been written."""
    if attempt.data.get("unwritten"):
        return msgspec.structs.replace(before, phase=Phase.ABSENT, unwritten=True)
    return msgspec.structs.replace(
        before, phase=Phase.ABSENT, absences=before.absences + 1, looked_at=attempt.at
    )


def _begun_anew(acts: dict[ActKind, ActState]) -> dict[ActKind, ActState]:
    """What still counts when an item that was kept open is closed after all, as its fix was merged:
    only that its notice stands.

    Who spoke the first time, and that the item was opened again then, says nothing of the close
    that begins now.
    """
    notice = acts.get(ActKind.NOTICE)
    if notice is None:
        return {}
    return {
        ActKind.NOTICE: msgspec.structs.replace(
            notice, data={k: v for k, v in notice.data.items() if k != "yield"}
        )
    }


def fold(attempts: Iterable[Attempt]) -> EntryState:
    """State of an entry after all its attempts, which must come in the order in which they were
    written."""
    acts: dict[ActKind, ActState] = {}
    outcome, code, message = None, "", ""
    for attempt in attempts:
        if attempt.act is ActKind.OUTCOME:
            outcome = Outcome(attempt.data["outcome"])
            code, message = str(attempt.data.get("code", "")), str(attempt.data.get("message", ""))
            continue
        if (
            outcome is Outcome.YIELDED
            and attempt.act is ActKind.CLOSE
            and attempt.phase is Phase.INTENDED
        ):
            acts, outcome, code, message = _begun_anew(acts), Outcome.DONE, "", ""
        acts[attempt.act] = _advance(acts.get(attempt.act), attempt)
    return EntryState(acts=acts, outcome=outcome, code=code, message=message)
