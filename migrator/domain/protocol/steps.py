"""What can be done to one item, and what is known when that is decided. See
:mod:`migrator.domain.protocol.next_step`."""

from __future__ import annotations

from datetime import datetime, timedelta

from migrator.domain.items import Frozen, State
from migrator.domain.protocol.ledger import ActKind, Outcome
from migrator.domain.protocol.thread_picture import Receipt, Relations, ThreadPicture


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


class MovedThread(Frozen, frozen=True, kw_only=True):
    """A transferred thread as it was just read at its new place, beside what it was before.

    ``before`` is its frozen picture, with its relations under their present names. ``now`` is
    ``None`` where GitHub does not show the thread. ``known_labels`` are those of its labels that
    the repository has, ``knows_milestone`` says so of its milestone. ``pending`` holds while a
    related thread of the same plan is still to be transferred.
    """

    before: ThreadPicture
    now: ThreadPicture | None = None
    known_labels: tuple[str, ...] = ()
    knows_milestone: bool = False
    pending: bool = False


class Live(Frozen, frozen=True, kw_only=True):
    """What a reading just showed, be it a read or the reply to our own write.

    ``exists`` is false for an item that was deleted or transferred away. ``closed_by_us``: it is
    closed, and the latest close is our own and came after the close was intended. ``reopened``:
    that close of ours is in the timeline, and the item is open again. ``standing_comment``: node id
    of the notice of ours that stands on the item, whether the ledger knows it or not. Before a
    transfer, ``waits_for`` names the parent that is to be transferred first; after it, ``moved`` is
    the thread at its new place.
    """

    read_at: datetime
    exists: bool = True
    state: State = State.OPEN
    drift: Drift | None = None
    closed_by_us: bool = False
    reopened: bool = False
    standing_comment: str = ""
    waits_for: str = ""
    moved: MovedThread | None = None


class Read(Frozen, frozen=True, kw_only=True):
    """Read the item again, now."""


class LookUp(Frozen, frozen=True, kw_only=True):
    """Look for our nonce among our own account's comments on the item."""


class Wait(Frozen, frozen=True, kw_only=True):
    """Nothing may be done before ``until``. ``parked``: for hours or days (a grace), so the caller
    should let go of the item. ``unread``: GitHub's words, where it does not show the item."""

    until: datetime
    parked: bool = False
    unread: str = ""


class PostNotice(Frozen, frozen=True, kw_only=True):
    """Write the notice, in a request of its own: as a new comment, or (``edits``, a node id) as the
    new text of the comment of ours that stands there. ``version`` names another text than the
    planned one."""

    edits: str = ""
    version: str = ""


class Close(Frozen, frozen=True, kw_only=True):
    """Add the label and (unless only a label is planned) close, in one request."""


class Reopen(Frozen, frozen=True, kw_only=True):
    """Take our label off and (where ``reopens``) open the item again, in one request."""

    reopens: bool = True


class EditNotice(Frozen, frozen=True, kw_only=True):
    """Replace the notice's text. ``version`` says by which: ``yielded``, ``closed``, ``undone`` or
    ``not_transferred``."""

    version: str
    code: str = ""


class Transfer(Frozen, frozen=True, kw_only=True):
    """Move the thread to another repository, in a request that is sent once."""


class FindThread(Frozen, frozen=True, kw_only=True):
    """Ask the old number where the thread is now, and with ``twins`` look for it in the target by
    author, date and text. ``settles``: whatever GitHub may still have done is over, so what is seen
    now says what became of the transfer."""

    twins: bool = False
    settles: bool = False


class ReadMoved(Frozen, frozen=True, kw_only=True):
    """Read the thread at its new place."""


class Repair(Frozen, frozen=True, kw_only=True):
    """Give the transferred thread these labels and (unless empty) this milestone again; with
    ``lock`` and ``pin``, lock and pin it again."""

    labels: tuple[str, ...] = ()
    milestone: str = ""
    lock: bool = False
    pin: bool = False


class Relate(Frozen, frozen=True, kw_only=True):
    """Give the transferred thread these relations again, one request for each."""

    relations: Relations


class WriteReceipt(Frozen, frozen=True, kw_only=True):
    """Write down what came of a transfer."""

    receipt: Receipt


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


TransferAct = Transfer | FindThread | ReadMoved | Repair | Relate | WriteReceipt
"""The steps of a transfer alone."""
Step = (
    Read | LookUp | Wait | PostNotice | Close | Reopen | EditNotice | Confirm | Finish | TransferAct
)
