"""GitHub held against the ledger, item by item: a pure comparison of one entry with what was
just read."""

from __future__ import annotations

from migrator.domain.items import (
    Comment,
    Event,
    EventKind,
    Frozen,
    Item,
    State,
    has_label,
    label_key,
)
from migrator.domain.marker import find_markers, find_nonces, has_notice_marker
from migrator.domain.people import BotIdentity, login_of
from migrator.domain.protocol.history import NOTICE_DELETED
from migrator.domain.protocol.ledger import (
    NOT_READ,
    ActKind,
    ActState,
    Entry,
    EntryState,
    Outcome,
)


class Discrepancy(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """One difference. ``fault`` is false for what people may do (reopen, take our label off): it is
    told, not put right.

    Written whole into JSON: who reads a report must not have to know the defaults.
    """

    item_key: str
    code: str
    message: str
    fault: bool = True
    url: str = ""


def not_read(entry: Entry, words: str) -> Discrepancy:
    """That GitHub did not show an item whole, in its words; this is not "deleted"."""
    return Discrepancy(
        item_key=entry.item_key,
        code=NOT_READ,
        message=f"GitHub does not show it: {words}",
        fault=False,
    )


def own_notices(comments: tuple[Comment, ...], entry: Entry, own: BotIdentity) -> list[Comment]:
    """Our account's comments that carry this entry's nonce."""
    return [
        each
        for each in comments
        if own.is_account(each.author) and entry.nonce in find_nonces(each.body)
    ]


def compare(
    entry: Entry,
    state: EntryState,
    item: Item | None,
    comments: tuple[Comment, ...],
    own: BotIdentity,
    *,
    deleted: bool = False,
) -> list[Discrepancy]:
    """What differs between the ledger and GitHub for one entry. ``comments`` are all of our own
    account on the item since the entry was opened.

    ``item`` is ``None`` if GitHub has none any more. ``own`` knows every nonce of the ledger.
    ``deleted`` says that the ledger knows that a person deleted our notice, which is told and no
    fault.
    """
    if item is None:
        return [
            _finding(entry, None, "gone", "the item was deleted or transferred away", fault=False)
        ]
    notices = own_notices(comments, entry, own) or _by_id(comments, state, own)
    return [
        *_about_transfer(entry, state, item),
        *_about_notices(entry, state, item, notices, deleted),
        *_about_edits(entry, state, item, notices, own),
        *([] if deleted else _about_hidden_close(entry, item, notices, own)),
        *_about_state(entry, state, item, own),
        *_about_others(entry, item, comments, notices, own),
    ]


def _about_transfer(entry: Entry, state: EntryState, item: Item) -> list[Discrepancy]:
    """A transferred thread is where its receipt says (or where it was transferred on to), and has
    at least the comments that it had; what the receipt names already is told, and no fault."""
    transfer, compared = state.act(ActKind.TRANSFER), state.act(ActKind.COMPARE)
    if transfer is None or not transfer.done or transfer.picture is None:
        return []
    receipt = compared.receipt if compared is not None else None
    told = receipt.differences if receipt is not None else ()
    findings = [
        _finding(entry, item, "transfer_differs", f"the transfer did not keep: {word}", fault=False)
        for word in told
    ]
    if item.comments_total < transfer.picture.comments and "comments" not in told:
        message = f"had {transfer.picture.comments} comments before its transfer, and fewer now"
        findings.append(_finding(entry, item, "comments_lost", message))
    return findings


def _about_others(
    entry: Entry,
    item: Item,
    comments: tuple[Comment, ...],
    notices: list[Comment],
    own: BotIdentity,
) -> list[Discrepancy]:
    """An item has one notice of ours, whatever was decided and in whichever run; and our account
    writes nothing that the ledger does not know."""
    findings = []
    ours = [each for each in comments if own.is_account(each.author) and each not in notices]
    for comment in ours:
        if notices and has_notice_marker(comment.body, entry.migration):
            message = "a second notice of ours stands on the item"
            findings.append(_finding(entry, item, "second_notice", message, at=comment))
        anothers = own.is_shared and not find_markers(comment.body)
        if own.nonces.isdisjoint(find_nonces(comment.body)) and not anothers:
            message = "our account wrote a comment that the ledger does not know"
            findings.append(_finding(entry, item, "unknown_comment", message, at=comment))
    return findings


def compare_undo(
    entry: Entry,
    state: EntryState,
    item: Item | None,
    comments: tuple[Comment, ...],
    own: BotIdentity,
) -> list[Discrepancy]:
    """What differs for an entry that took another one back; the original's own comparison tells
    of everything else."""
    if item is None:
        return []
    return [
        *_about_transfer(entry, state, item),
        *_about_rewording(entry, state, item, own_notices(comments, entry, own)),
        *_about_reopening(entry, state, item, own),
    ]


def _by_id(comments: tuple[Comment, ...], state: EntryState, own: BotIdentity) -> list[Comment]:
    """Our notice, if somebody edited its marker away."""
    return [
        each
        for each in comments
        if each.id and each.id == state.comment_id and own.is_account(each.author)
    ]


def _about_edits(
    entry: Entry, state: EntryState, item: Item, notices: list[Comment], own: BotIdentity
) -> list[Discrepancy]:
    """Who may write may edit our notice: it is told, and never put back. What we reworded
    ourselves must show it."""
    findings = _about_rewording(entry, state, item, notices)
    for notice in notices:
        if notice.edited_at is not None and not own.is_account(notice.editor):
            marked = entry.nonce in find_nonces(notice.body)
            message = f"{login_of(notice.editor)} edited our notice" + (
                "" if marked else ", and its marker is gone"
            )
            findings.append(_finding(entry, item, "notice_edited", message, fault=False))
    return findings


def _about_rewording(
    entry: Entry, state: EntryState, item: Item, notices: list[Comment]
) -> list[Discrepancy]:
    if (
        not state.is_done(ActKind.EDIT)
        or any(notice.edited_at for notice in notices)
        or not notices
    ):
        return []
    return [
        _finding(
            entry,
            item,
            "not_reworded",
            "the ledger has a new text of our notice that GitHub does not show",
        )
    ]


def _about_reopening(
    entry: Entry, state: EntryState, item: Item, own: BotIdentity
) -> list[Discrepancy]:
    """What we took back must not be closed by that same close; a later one is another entry's,
    or a person's."""
    reopen = state.act(ActKind.REOPEN)
    if (
        reopen is None
        or not reopen.done
        or item.state is not State.CLOSED
        or not _last_closer_is_us(item, own)
    ):
        return []
    if _events(item, EventKind.CLOSED)[-1].at > reopen.since:
        return []
    return [
        _finding(
            entry, item, "not_reopened", "the ledger has a reopening that GitHub does not show"
        )
    ]


def _about_notices(
    entry: Entry, state: EntryState, item: Item, notices: list[Comment], deleted: bool
) -> list[Discrepancy]:
    expected = state.is_done(ActKind.NOTICE)
    if len(notices) > 1:
        return [
            _finding(
                entry, item, "double_notice", f"{len(notices)} comments carry one notice's nonce"
            )
        ]
    if expected and not notices and deleted:
        message = "our notice was deleted here; none is posted again"
        return [_finding(entry, item, NOTICE_DELETED, message, fault=False)]
    if expected and not notices:
        return [
            _finding(
                entry, item, "missing_notice", "the ledger has a notice that GitHub does not show"
            )
        ]
    if notices and not expected:
        return [
            _finding(
                entry,
                item,
                "unknown_notice",
                "GitHub shows a notice that the ledger does not know as done",
            )
        ]
    return []


def _about_hidden_close(
    entry: Entry, item: Item, notices: list[Comment], own: BotIdentity
) -> list[Discrepancy]:
    if notices or item.state is not State.CLOSED or not _last_closer_is_us(item, own):
        return []
    message = "we closed it, and no notice of ours is visible"
    return [_finding(entry, item, "closed_without_notice", message)]


def _about_state(
    entry: Entry, state: EntryState, item: Item, own: BotIdentity
) -> list[Discrepancy]:
    if state.outcome is Outcome.YIELDED:
        return _about_reopening(entry, state, item, own)
    close = state.act(ActKind.CLOSE)
    if (
        state.outcome is not Outcome.DONE
        or close is None
        or not close.done
        or _was_opened_by_us(item, own)
    ):
        return []
    return [*_about_close(entry, close, item, own), *_about_label(entry, close, item, own)]


def _about_close(entry: Entry, close: ActState, item: Item, own: BotIdentity) -> list[Discrepancy]:
    if item.state is not State.OPEN or not close.closes:
        return []
    if any(own.is_account(event.actor) for event in _events(item, EventKind.CLOSED)):
        reopens = _events(item, EventKind.REOPENED)
        who = login_of(reopens[-1].actor) if reopens else "somebody"
        return [_finding(entry, item, "reopened", f"{who} opened it again", fault=False)]
    return [_finding(entry, item, "not_closed", "the ledger has a close that GitHub does not show")]


def _about_label(entry: Entry, close: ActState, item: Item, own: BotIdentity) -> list[Discrepancy]:
    """A label that a person took off is told and never put back; one that GitHub refused was
    told when it did."""
    label = close.label
    if not label or "label" in close.errors or has_label(item.labels, label):
        return []
    removals = [
        event
        for event in _events(item, EventKind.UNLABELED)
        if label_key(event.label) == label_key(label)
    ]
    if removals and own.is_account(removals[-1].actor):
        return []
    message = (
        f"{login_of(removals[-1].actor)} took the label {label} off"
        if removals
        else f"the label {label} is not on it: it was taken off, renamed or deleted"
    )
    return [_finding(entry, item, "label_removed", message, fault=False)]


def _events(item: Item, kind: EventKind) -> list[Event]:
    """Events of one kind, oldest first."""
    return sorted(
        (event for event in item.events if event.kind is kind), key=lambda event: event.at
    )


def _last_closer_is_us(item: Item, own: BotIdentity) -> bool:
    closes = _events(item, EventKind.CLOSED)
    return bool(closes) and own.is_account(closes[-1].actor)


def _was_opened_by_us(item: Item, own: BotIdentity) -> bool:
    """Whether we took our close back ourselves."""
    reopens = _events(item, EventKind.REOPENED)
    return bool(reopens) and own.is_account(reopens[-1].actor)


def _finding(
    entry: Entry,
    item: Item | None,
    code: str,
    message: str,
    *,
    fault: bool = True,
    at: Comment | None = None,
) -> Discrepancy:
    return Discrepancy(
        item_key=entry.item_key,
        code=code,
        message=message,
        fault=fault,
        url=(at.url if at else "") or (item.url if item else ""),
    )
