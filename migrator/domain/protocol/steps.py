"""What can be done to one item, and what is known when that is decided. See
:mod:`migrator.domain.protocol.next_step`."""

from __future__ import annotations

from datetime import datetime, timedelta

from migrator.domain.items import Frozen, State
from migrator.domain.protocol.ledger import ActKind, Outcome


class Timing(Frozen, frozen=True, kw_only=True):
    """How long GitHub may keep us in the dark.

    ``prompt``: how soon after its intent a request must leave; later it must not, as others may
    already look for it. ``cut_off``: how long after its intent a request has surely ended
    (``prompt``, 5 s to connect, GitHub cuts at 10 s, a margin). ``read_lag``: how much later a
    write is surely visible. ``fresh``: how old a reading may be when a write follows it.
    """

    prompt: timedelta = timedelta(seconds=2)
    cut_off: timedelta = timedelta(seconds=20)
    read_lag: timedelta = timedelta(seconds=10)
    fresh: timedelta = timedelta(seconds=5)


class Drift(Frozen, frozen=True, kw_only=True):
    """Why the item is no longer as it was planned. ``gentle`` drift is a person's word: the item
    stays open."""

    code: str
    message: str
    gentle: bool = False


class Live(Frozen, frozen=True, kw_only=True):
    """What a reading just showed, be it a read or the reply to our own write.

    ``exists`` is false for an item that was deleted or transferred away. ``closed_by_us``: it is
    closed, and the latest close is our own and came after the close was intended. ``reopened``:
    that close of ours is in the timeline, and the item is open again. ``standing_comment``: node id
    of the notice of ours that stands on the item, whether the ledger knows it or not.
    """

    read_at: datetime
    exists: bool = True
    state: State = State.OPEN
    drift: Drift | None = None
    closed_by_us: bool = False
    reopened: bool = False
    standing_comment: str = ""


class Read(Frozen, frozen=True, kw_only=True):
    """Read the item again, now."""


class LookUp(Frozen, frozen=True, kw_only=True):
    """Look for our nonce among our own account's comments on the item."""


class Wait(Frozen, frozen=True, kw_only=True):
    """Nothing may be done before ``until``. ``parked``: for days (a grace), so the caller should
    let go of the item."""

    until: datetime
    parked: bool = False


class PostNotice(Frozen, frozen=True, kw_only=True):
    """Write the notice, in a request of its own: as a new comment, or (``edits``, a node id) as the
    new text of the comment of ours that stands there."""

    edits: str = ""


class Close(Frozen, frozen=True, kw_only=True):
    """Add the label and (unless only a label is planned) close, in one request."""


class Reopen(Frozen, frozen=True, kw_only=True):
    """Take our label off and (where ``reopens``) open the item again, in one request."""

    reopens: bool = True


class EditNotice(Frozen, frozen=True, kw_only=True):
    """Replace the notice's text. ``version`` says by which: ``yielded``, ``closed`` or
    ``undone``."""

    version: str
    code: str = ""


class Confirm(Frozen, frozen=True, kw_only=True):
    """A reading showed that an act whose reply was lost has happened (or is no longer needed);
    write it down as done.

    ``yielded``: the code of a person's act that the reading showed beside it.
    """

    kind: ActKind
    yielded: str = ""


class Finish(Frozen, frozen=True, kw_only=True):
    """Nothing is left to do; write the outcome."""

    outcome: Outcome
    code: str
    message: str = ""


Step = Read | LookUp | Wait | PostNotice | Close | Reopen | EditNotice | Confirm | Finish
