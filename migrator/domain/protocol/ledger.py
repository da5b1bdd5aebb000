"""What the ledger remembers of one item's acts, and the state that follows from it.

An entry is immutable; everything that happens to it is an attempt, appended and never changed.
The state is derived from the attempts by :func:`fold`, so a crash between any two of them loses
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.protocol.thread_picture import Receipt, ThreadPicture


class ActKind(StrEnum):
    """The writes that we make, each its own request. ``compare`` is none: it is the receipt of a
    transfer. ``relate`` is one request for each relation."""

    NOTICE = "notice"
    CLOSE = "close"
    EDIT = "edit"
    REOPEN = "reopen"
    TRANSFER = "transfer"
    REPAIR = "repair"
    RELATE = "relate"
    COMPARE = "compare"
    OUTCOME = "outcome"


class Phase(StrEnum):
    """What an attempt row says about its act.

    ``intended`` is written before the request leaves, ``final`` carries the entry's outcome; what
    the others mean stands at the lines themselves.
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


class EntryKind(StrEnum):
    """What an entry is for: a notice (and the close that belongs to it), an undo of one, or the
    reply to a comment that gives commands."""

    NOTICE = "notice"
    UNDO = "undo"
    REPLY = "reply"


_UNDO = "undo-"
_REPLY = "command:"
READ_BACK: Final = "recovered"
"""Code of the outcomes that were read back from GitHub."""
TRANSFER_UNKNOWN: Final = "transfer_unknown"
"""Code of an entry of whose transfer nobody knows whether it was done."""
TWIN: Final = "transfer_twin"
"""Code of an entry whose thread is still there, beside one of the same author, date and text in the
target: a maintainer decides."""
NOT_SENT: Final = "transfer_not_sent"
"""Code of an entry whose transfer surely was not done: the next plan has the thread again."""
LOOK_UP_FAILED: Final = "look_up_failed"
"""Code of an entry of whose notice nobody knows whether it stands, as no look-up was answered."""
LOOKED_AT_AGAIN: Final = frozenset({TRANSFER_UNKNOWN, TWIN, LOOK_UP_FAILED})
"""Codes of entries in doubt that a later look may settle."""
NOT_READ: Final = "not_read"
"""Code of the outcomes of items that GitHub did not show."""


def undo_decision(decision: str) -> str:
    """Under which stored decision an undo of that decision stands."""
    return f"{_UNDO}{decision}"


def undone_decision(decision: str) -> str:
    """The decision that the undo of that stored decision takes back."""
    return decision.removeprefix(_UNDO)


def reply_decision(comment_id: str) -> str:
    """Under which stored decision the reply to a comment stands: it is replied to once."""
    return f"{_REPLY}{comment_id}"


def entry_kind(decision: str) -> EntryKind:
    """The kind of an entry, by its stored decision."""
    if decision.startswith(_UNDO):
        return EntryKind.UNDO
    return EntryKind.REPLY if decision.startswith(_REPLY) else EntryKind.NOTICE


def shown_decision(decision: str) -> str:
    """The decision that an entry is counted under: ``command`` for all replies."""
    return _REPLY.rstrip(":") if entry_kind(decision) is EntryKind.REPLY else decision


class Entry(Frozen, frozen=True, kw_only=True):
    """One act on one item, at most one per (migration, item name, decision, generation).

    ``item_id`` is our own number of the item, whatever it is called now.

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
    item_id: int | None = None

    @property
    def ref(self) -> ItemRef:
        """Names the item."""
        return ItemRef.parse(self.item_key)

    @property
    def kind(self) -> EntryKind:
        """What the entry is for."""
        return entry_kind(self.decision)


class ItemBefore(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """How an item stood before we first meant to change it."""

    labels: tuple[str, ...] = ()
    state: str = ""


class Intended(Frozen, frozen=True, kw_only=True, tag_field="phase", tag="intended"):
    """A request is about to leave. In this and the other lines, ``None`` says that the line does
    not speak of it.

    A close: how the item stood ``before``, its ``label`` (``label_id`` is GitHub's node id, which
    stays when the label is renamed), and whether it ``closes`` at all. A
    notice: which comment of ours gets its text (``comment_id``; none for a new comment). An edit:
    by which ``version`` of the text, and for which reason (``code``). Either may come from an
    item of a target repository (``landing``), decided when a person had last acted at ``clock``.
    A transfer: to which repository (``target``), and the ``picture`` of the thread before it.
    """

    act: ActKind
    comment_id: str | None = None
    before: ItemBefore | None = None
    label: str | None = None
    label_id: str | None = None
    closes: bool | None = None
    version: str | None = None
    code: str | None = None
    landing: str | None = None
    clock: datetime | None = None
    target: str | None = None
    picture: ThreadPicture | None = None


class Done(Frozen, frozen=True, kw_only=True, tag_field="phase", tag="done"):
    """It happened: by its reply, or because a look-up ``found`` it, or a reading showed it.

    ``comment_id`` (node id), ``url`` and ``confirmed_at`` are those of a notice; ``errors`` the
    steps of the request that GitHub declined. ``edited``: a close corrected the notice in the same
    request, or a notice is the new text of an older comment of ours. ``unseen``: the reply to a
    close did not show the item whole, so a reading has to show who spoke. ``yielded``: the code of
    a person's act that the reply showed, after which we only go back. ``moved_to``
    (``owner/name#number``) and ``node_id`` are where a transferred thread is now, ``receipt`` what
    came of it.
    """

    act: ActKind
    comment_id: str | None = None
    url: str | None = None
    confirmed_at: datetime | None = None
    found: bool | None = None
    errors: dict[str, str] | None = None
    edited: bool | None = None
    unseen: bool | None = None
    yielded: str | None = msgspec.field(default=None, name="yield")
    version: str | None = None
    code: str | None = None
    landing: str | None = None
    moved_to: str | None = None
    node_id: str | None = None
    receipt: Receipt | None = None


class Unknown(Frozen, frozen=True, kw_only=True, tag_field="phase", tag="unknown"):
    """No reply came, for this ``reason``."""

    act: ActKind
    reason: str | None = None


class Absent(Frozen, frozen=True, kw_only=True, tag_field="phase", tag="absent"):
    """A look-up was answered and did not find it; or (``unwritten``) we know for certain that
    nothing was written, because GitHub named a limit (``limited``) or the request never left.

    Of the ``outcome``: an entry that was in doubt has none again, and is looked at once more.
    """

    act: ActKind
    reason: str | None = None
    unwritten: bool | None = None
    limited: bool | None = None


class Declined(Frozen, frozen=True, kw_only=True, tag_field="phase", tag="refused"):
    """GitHub declined, in these words (``reason``); ``by_person``: as the author of the item
    blocked our account."""

    act: ActKind
    reason: str | None = None
    by_person: bool | None = None


class Ending(Frozen, frozen=True, kw_only=True, tag_field="phase", tag="final"):
    """The entry's outcome."""

    outcome: Outcome
    code: str = ""
    message: str = ""
    act: ActKind = ActKind.OUTCOME


LedgerLine = Intended | Done | Unknown | Absent | Declined | Ending
"""What one line of an entry's history says."""
PHASES: Final[dict[type[LedgerLine], Phase]] = {
    Intended: Phase.INTENDED,
    Done: Phase.DONE,
    Unknown: Phase.UNKNOWN,
    Absent: Phase.ABSENT,
    Declined: Phase.REFUSED,
    Ending: Phase.FINAL,
}


class Attempt(Frozen, frozen=True, kw_only=True):
    """One line of an entry's history, when it was written, and under which lease."""

    line: LedgerLine
    at: datetime
    fencing: int = 0

    @property
    def act(self) -> ActKind:
        """What the line is about."""
        return self.line.act

    @property
    def phase(self) -> Phase:
        """What the line says of it."""
        return PHASES[type(self.line)]


def line_data(line: LedgerLine) -> dict[str, Any]:
    """What a line says beside act and phase, as JSON holds it: the ledger's column and ``ledger
    --json``."""
    stored: dict[str, Any] = msgspec.to_builtins(line)
    return {name: value for name, value in stored.items() if name not in ("act", "phase")}


def attempt_document(attempt: Attempt) -> dict[str, Any]:
    """A line as ``ledger --json`` shows it: ``act``, ``phase``, ``at``, and ``data`` and
    ``fencing`` where there are any."""
    data = line_data(attempt.line)
    return {
        "act": attempt.act,
        "phase": attempt.phase,
        "at": attempt.at,
        **({"data": data} if data else {}),
        **({"fencing": attempt.fencing} if attempt.fencing else {}),
    }


def read_line(act: str, phase: str, data: Mapping[str, Any]) -> LedgerLine:
    """The line that :func:`line_data` wrote; names that it does not know are left out. Raises
    ``msgspec.ValidationError`` for what no line says."""
    line: LedgerLine = msgspec.convert({**data, "act": str(act), "phase": str(phase)}, LedgerLine)
    return line


class ActState(Frozen, frozen=True, kw_only=True):
    """Where one act stands. ``since`` is when its last request was intended; ``absences`` counts
    answered look-ups since. ``again``: it was in doubt, and a maintainer asked for another look;
    ``absences`` counts from there.

    ``unwritten``: its last request surely wrote nothing, so it may be sent again without a look-up.
    The other fields are what its lines said last (see there).
    """

    phase: Phase
    since: datetime
    absences: int = 0
    looked_at: datetime | None = None
    unwritten: bool = False
    again: bool = False
    reason: str = ""
    comment_id: str = ""
    url: str = ""
    confirmed_at: datetime | None = None
    errors: dict[str, str] = {}
    edited: bool = False
    unseen: bool = False
    yielded: str = ""
    before: ItemBefore | None = None
    label: str = ""
    label_id: str = ""
    closes: bool = False
    version: str = ""
    code: str = ""
    landing: str = ""
    clock: datetime | None = None
    target: str = ""
    picture: ThreadPicture | None = None
    moved_to: str = ""
    node_id: str = ""
    receipt: Receipt | None = None

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
        return state.comment_id if state is not None and state.done else ""


def wrote_nothing(attempts: Sequence[Attempt]) -> bool:
    """Whether a step that left these lines ended in the certainty that nothing was written: held up
    before it was sent, or refused for its token. Such a try is no act."""
    line = attempts[-1].line if attempts else None
    return isinstance(line, Absent) and bool(line.unwritten)


KEPT: Final = ("before", "yielded")
"""What stays true of an act when its request is intended again: how the item stood before the
first try, and who spoke."""


def _advance(before: ActState | None, attempt: Attempt) -> ActState:
    """State of an act after one more line."""
    line = attempt.line
    if before is None:
        return ActState(phase=attempt.phase, since=attempt.at, **_said(line))
    if isinstance(line, Intended):
        kept = {name: getattr(before, name) for name in KEPT if getattr(before, name)}
        return ActState(phase=attempt.phase, since=attempt.at, **{**_said(line), **kept})
    if isinstance(line, Absent):
        return _absent(before, line, attempt.at)
    return msgspec.structs.replace(before, phase=attempt.phase, **_said(line))


def _said(line: LedgerLine) -> dict[str, Any]:
    """What a line says of the state of its act; what it does not speak of stays as it was."""
    said = msgspec.structs.asdict(line)
    return {
        name: value
        for name, value in said.items()
        if name in _STATE_FIELDS and value is not None and not isinstance(line, Absent)
    }


_STATE_FIELDS: Final = frozenset(ActState.__struct_fields__) - {"phase", "since"}


def _absent(before: ActState, line: Absent, at: datetime) -> ActState:
    """Looked for and not found, or known not to have been written."""
    if line.unwritten:
        return msgspec.structs.replace(before, phase=Phase.ABSENT, unwritten=True)
    return msgspec.structs.replace(
        before, phase=Phase.ABSENT, absences=before.absences + 1, looked_at=at
    )


def _begun_anew(acts: dict[ActKind, ActState]) -> dict[ActKind, ActState]:
    """What still counts when an item that was kept open is closed after all, as its fix was merged:
    only that its notice stands.

    Who spoke the first time, and that the item was opened again then, says nothing of the close
    that begins now.
    """
    notice = acts.get(ActKind.NOTICE)
    return {} if notice is None else {ActKind.NOTICE: msgspec.structs.replace(notice, yielded="")}


def reopens(line: LedgerLine) -> bool:
    """Whether a line takes the outcome of an entry back, so that it is looked at again."""
    return isinstance(line, Absent) and line.act is ActKind.OUTCOME


def _looked_for_again(acts: dict[ActKind, ActState]) -> dict[ActKind, ActState]:
    return {
        kind: msgspec.structs.replace(act, absences=0, again=True) if act.pending else act
        for kind, act in acts.items()
    }


def fold(attempts: Iterable[Attempt]) -> EntryState:
    """State of an entry after all its attempts, which must come in the order in which they were
    written."""
    acts: dict[ActKind, ActState] = {}
    outcome, code, message = None, "", ""
    for attempt in attempts:
        line = attempt.line
        if isinstance(line, Ending):
            outcome, code, message = line.outcome, line.code, line.message
            continue
        if reopens(line):
            acts, outcome, code, message = _looked_for_again(acts), None, "", ""
            continue
        if outcome is Outcome.YIELDED and line.act is ActKind.CLOSE and isinstance(line, Intended):
            acts, outcome, code, message = _begun_anew(acts), Outcome.DONE, "", ""
        acts[line.act] = _advance(acts.get(line.act), attempt)
    return EntryState(acts=acts, outcome=outcome, code=code, message=message)
