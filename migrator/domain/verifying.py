"""GitHub held against the ledger, item by item: a pure comparison of one entry with what was just read."""

from __future__ import annotations

from migrator.domain.items import Comment, EventKind, Frozen, Item, State
from migrator.domain.ledger import ActKind, Entry, EntryState, Outcome
from migrator.domain.marker import find_nonces
from migrator.domain.people import OwnActs


class Finding(Frozen, frozen=True, kw_only=True):
    """One difference. ``fault`` is false for what people may do (reopen, take our label off): it is told, not put right."""

    item_key: str
    code: str
    message: str
    fault: bool = True
    url: str = ""


def own_notices(comments: tuple[Comment, ...], entry: Entry, own: OwnActs) -> list[Comment]:
    """Our account's comments that carry this entry's nonce."""
    return [each for each in comments if own.is_account(each.author) and entry.nonce in find_nonces(each.body)]


def compare(entry: Entry, state: EntryState, item: Item | None, comments: tuple[Comment, ...], own: OwnActs) -> list[Finding]:
    """What differs between the ledger and GitHub for one entry. ``comments`` are all of our own account on the item.

    ``item`` is ``None`` if GitHub has none any more.
    """
    if item is None:
        return [_finding(entry, None, "gone", "the item was deleted or transferred away", fault=False)]
    notices = own_notices(comments, entry, own)
    return [
        *_about_notices(entry, state, item, notices),
        *_about_state(entry, state, item, notices, own),
    ]


def _about_notices(entry: Entry, state: EntryState, item: Item, notices: list[Comment]) -> list[Finding]:
    expected = state.is_done(ActKind.NOTICE)
    if len(notices) > 1:
        return [_finding(entry, item, "double_notice", f"{len(notices)} comments carry one notice's nonce")]
    if expected and not notices:
        return [_finding(entry, item, "missing_notice", "the ledger has a notice that GitHub does not show")]
    if notices and not expected:
        return [_finding(entry, item, "unknown_notice", "GitHub shows a notice that the ledger does not know as done")]
    return []


def _about_state(entry: Entry, state: EntryState, item: Item, notices: list[Comment], own: OwnActs) -> list[Finding]:
    closed_by_us = item.state is State.CLOSED and _last_closer_is_us(item, own)
    if closed_by_us and not notices:
        return [_finding(entry, item, "closed_without_notice", "we closed it, and no notice of ours is visible")]
    if state.outcome is not Outcome.DONE or not state.is_done(ActKind.CLOSE):
        return []
    if item.state is State.OPEN and _was_closed_by_us(item, own):
        return [_finding(entry, item, "reopened", "a person opened it again", fault=False)]
    if item.state is State.OPEN and entry.decision in ("retire", "port", "clear"):
        return [_finding(entry, item, "not_closed", "the ledger has a close that GitHub does not show")]
    return []


def _last_closer_is_us(item: Item, own: OwnActs) -> bool:
    closes = [event for event in item.events if event.kind is EventKind.CLOSED]
    return bool(closes) and own.is_account(max(closes, key=lambda event: event.at).actor)


def _was_closed_by_us(item: Item, own: OwnActs) -> bool:
    return any(event.kind is EventKind.CLOSED and own.is_account(event.actor) for event in item.events)


def _finding(entry: Entry, item: Item | None, code: str, message: str, *, fault: bool = True) -> Finding:
    return Finding(item_key=entry.item_key, code=code, message=message, fault=fault, url=item.url if item else "")
