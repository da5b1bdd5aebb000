"""The live re-check: is what we read just now still what the plan was made from? With the same
decider as the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from migrator.domain.calibration import Calibration
from migrator.domain.classification.activity import ActName
from migrator.domain.classification.activity.pushes import UNDATED_PUSH, with_push_since
from migrator.domain.classification.activity.references import (
    closed_references,
    with_open_references,
)
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import Decision, ReviewAnswer
from migrator.domain.evidence import ActivityVerdict, Evidence, Ownership
from migrator.domain.items import Comment, Event, EventKind, Item, State, has_label
from migrator.domain.marker import find_nonces, has_notice_marker, with_nonce
from migrator.domain.notices import NoticeChange, NoticeEdit, Notices
from migrator.domain.people import BotIdentity, People
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.history import (
    CLOSE_AFTER_NOTICE,
    NOTICE_DELETED,
    was_reopened_by_others,
)
from migrator.domain.protocol.ledger import ActKind, Phase
from migrator.domain.protocol.next_step import Drift, Live
from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError
from migrator.store.item_histories import ItemHistories
from migrator.store.ledger import Ledger, Recorded

DID = {
    "reacted": "reacted here",
    "reopened": "opened this again",
    "edited": "edited this",
    "pushed": "pushed here",
    UNDATED_PUSH: "added commits that we saw",
}
"""Words for a notice, by what a person did; a comment needs none."""
LOCKED = "locked"
OVERRULED = "reviewer"
NOTICE_HIDDEN = "notice_hidden"
KEPT_OPEN = {
    LOCKED: "locked this conversation",
    OVERRULED: "decided so",
    NOTICE_HIDDEN: "hid this notice",
}
"""Words for a notice, by the code of what a maintainer did other than to act on the thread."""
STANDS_UNKNOWN = (
    "a notice of ours stands here that the ledger does not know; nothing is closed behind it"
)
CLOCK_SKEW = timedelta(minutes=2)
"""How far GitHub's clock and ours may be apart."""


class OwnLabel(NamedTuple):
    """A label that we put on. ``id`` is its node id, empty in entries from before it was kept: it
    names the label that was meant, whatever people call it since."""

    name: str
    id: str


class Recheck:
    """Holds items just read against the plan, which was made as of ``since``, and words what
    later replaces a notice."""

    def __init__(
        self,
        *,
        file: MigrationFile,
        notices: Notices,
        ledger: Ledger,
        histories: ItemHistories,
        account: BotIdentity,
        answer_of: Callable[[str], ReviewAnswer | None],
        since: datetime,
        calibration: Calibration | None = None,
    ) -> None:
        self._notices = notices
        self._since = since
        self._ledger = ledger
        self._histories = histories
        self._answer_of = answer_of
        self._nonces = set(account.nonces)
        self._reopens = dict(account.reopens)
        self._own = msgspec.structs.replace(
            account, nonces=self._nonces, reopens=self._reopens
        )  # sees what is intended later
        self._judge = Classifier(file, self._own, calibration)
        self._people = People(file.migration)
        self._migration = file.migration.name

    def live(
        self,
        planned: PlanItem,
        recorded: Recorded,
        item: Item | None,
        now: datetime,
        *,
        after_write: bool = False,
        own_comments: Sequence[Comment] = (),
    ) -> Live:
        """What the reading means for the next act. ``after_write``: it is the reply to our own
        write, so only speech matters. ``own_comments``: all of ours, where the item
        does not show the whole thread."""
        if item is None or item.repository.casefold() != planned.place.casefold():
            return Live(
                read_at=now,
                exists=False,
                drift=Drift(code="gone", message="it was deleted or transferred away"),
            )
        self._remember(recorded, item)
        closed = self._histories.closed_since(
            closed_references(item), self._since, plan_hash=recorded.entry.plan_hash
        )
        item = with_open_references(item, closed)
        alive = self._activity(planned, item, now)
        noticed, standing = recorded.state.is_done(ActKind.NOTICE), None
        if not noticed and not planned.undoes:
            standing = self._standing_comment(planned, item, own_comments)
        close = self._our_close(item, recorded, planned)
        closed_by_us = (
            item.state is State.CLOSED and close is not None and _closes(item)[-1] == close
        )
        met_lock = after_write or (closed_by_us and close is not None and _was_locked(item, close))
        drift = _speech(planned, alive)
        if drift is None and met_lock:
            drift = _lock(item, gentle=planned.closes and not planned.undoes)
        elif drift is None and noticed:
            drift = self._after_notice(planned, recorded, item, now)
        elif drift is None:
            drift = self._without_notice(planned, recorded, item, alive, standing, now)
        return Live(
            read_at=now,
            state=item.state,
            drift=drift,
            closed_by_us=closed_by_us,
            reopened=item.state is State.OPEN and close is not None,
            standing_comment=standing.id if standing is not None else "",
        )

    def _without_notice(
        self,
        planned: PlanItem,
        recorded: Recorded,
        item: Item,
        alive: ActivityVerdict,
        standing: Comment | None,
        now: datetime,
    ) -> Drift | None:
        """What keeps us from an act before our notice stands."""
        return (
            _obstacle(item, gentle=False)
            or self._before_notice(planned, recorded, item, standing)
            or self._changed(planned, item, alive, now)
        )

    def _after_notice(
        self, planned: PlanItem, recorded: Recorded, item: Item, now: datetime
    ) -> Drift | None:
        """What keeps us from an act that follows our notice."""
        return (
            _obstacle(item, gentle=planned.closes and not planned.undoes)
            or _removed(planned, recorded, item, now)
            or self._overruled(item)
        )

    def knows_the_clock(self, item: Item) -> bool:
        """Whether enough of its thread was read to say when a person acted last."""
        return self._judge.knows_the_clock(item)

    def _standing_comment(
        self, planned: PlanItem, item: Item, own_comments: Sequence[Comment]
    ) -> Comment | None:
        """The comment of ours that gets the text of a notice: the one that the plan means, else the
        newest notice of ours on the item, whether the ledger knows it or not."""
        original = self._ledger.get(planned.edits) if planned.edits else None
        meant = original.state.comment_id if original else ""
        shown = {comment.id: comment for comment in (*own_comments, *item.comments)}
        if meant in shown:
            return shown[meant]
        if meant and item.comments_total > len(item.comments) and not own_comments:
            return Comment(id=meant, created_at=item.created_at)
        marked = [
            comment
            for comment in (*own_comments, *item.comments)
            if self._own.is_account(comment.author)
            and has_notice_marker(comment.body, self._migration)
        ]
        return max(marked, key=lambda comment: comment.created_at, default=None)

    def _before_notice(
        self, planned: PlanItem, recorded: Recorded, item: Item, standing: Comment | None
    ) -> Drift | None:
        """What speaks against the notice that the plan did not know."""
        if planned.edits and standing is None:
            return Drift(code=NOTICE_DELETED, message="our notice was deleted")
        if planned.closes and was_reopened_by_others(item, self._own):
            return Drift(code="reopened", message="it was opened again after we closed it")
        if planned.closes and not planned.edits and standing is not None:
            late = recorded.entry.nonce in find_nonces(standing.body)  # our own, seen only now
            return None if late else Drift(code=CLOSE_AFTER_NOTICE, message=STANDS_UNKNOWN)
        return None

    def _remember(self, recorded: Recorded, item: Item) -> None:
        """What the ledger intended since we began is no person's act either."""
        self._nonces.add(recorded.entry.nonce)
        reopen, known = recorded.state.act(ActKind.REOPEN), self._reopens.get(item.key, ())
        if reopen is not None and reopen.since not in known:
            self._reopens[item.key] = (*known, reopen.since)

    def _changed(
        self, planned: PlanItem, item: Item, alive: ActivityVerdict, now: datetime
    ) -> Drift | None:
        """Whether the same decider decides otherwise today."""
        answer = self._answer_of(item.key)
        today = self._judge.decide(
            item,
            self._judge.ownership(item),
            alive,
            now=now,
            answer=answer,
            arrived=_arrived(planned),
        )
        same = (today.decision, today.closes, today.part) == (
            planned.decision,
            planned.closes,
            planned.part,
        )
        if same:
            return None
        message = (
            f"planned as {planned.decision}, today it would be {today.decision} ({today.message})"
        )
        return Drift(code="decision_changed", message=message)

    def _overruled(self, item: Item) -> Drift | None:
        """A maintainer who answered, after our notice, that the item is not ours or is to be
        left alone."""
        answer = self._answer_of(item.key)
        against = answer is not None and (
            answer.ownership is Ownership.NOT_OURS or answer.decision is Decision.LEAVE
        )
        return (
            Drift(code=OVERRULED, message="a maintainer decided otherwise", gentle=True)
            if against
            else None
        )

    def _our_close(self, item: Item, recorded: Recorded, planned: PlanItem) -> Event | None:
        """The latest close by our account that did not come before the close was intended."""
        since = self._close_intended(recorded, planned) - CLOCK_SKEW
        ours = [
            event
            for event in _closes(item)
            if self._own.is_account(event.actor) and event.at >= since
        ]
        return ours[-1] if ours else None

    def _close_intended(self, recorded: Recorded, planned: PlanItem) -> datetime:
        original = self._ledger.get(planned.undoes) if planned.undoes else recorded
        close = original.state.act(ActKind.CLOSE) if original else None
        return close.since if close else recorded.entry.created_at

    def edited_text(
        self,
        planned: PlanItem,
        recorded: Recorded,
        version: str,
        item: Item | None,
        now: datetime,
        *,
        code: str = "",
    ) -> str:
        """The text that replaces our notice, with the notice's own nonce. ``code`` says why an item
        is kept open."""
        if planned.undoes and not self._stays_closed(recorded):
            return with_nonce(planned.text, recorded.entry.nonce)
        if item is None:
            raise ConfigError(
                f"the notice on {planned.key} cannot be reworded without reading the item first"
            )
        change = _kept_open(code, item, now) or self._change(version, planned, item, now)
        decision = planned.decision.value if planned.undoes else recorded.entry.decision
        generation = planned.generation
        text = self._notices.render_edit(
            item, change, decision=decision, part=planned.part, generation=generation
        )
        return with_nonce(text, recorded.entry.nonce)

    def _activity(self, planned: PlanItem, item: Item, now: datetime) -> ActivityVerdict:
        """Who acted last; a push since the plan counts, whatever date its commits bear."""
        return with_push_since(
            self._judge.activity(item, now), item, planned.head, self._people, now
        )

    def _change(self, version: str, planned: PlanItem, item: Item, now: datetime) -> NoticeChange:
        deciding = _clock_event(self._activity(planned, item, now))
        spoke = (
            deciding
            if version == NoticeEdit.YIELDED.value
            else Evidence(signal="", says=deciding.says)
        )
        did = DID.get(spoke.value) or DID.get(spoke.value.partition(" ")[0], "")
        return NoticeChange(
            edit=NoticeEdit(version),
            at=spoke.at or now,
            actor=spoke.actor,
            did=did,
            open=version == NoticeEdit.YIELDED.value,
        )

    def _stays_closed(self, recorded: Recorded) -> bool:
        """Whether GitHub refused to open the item again: then the text must not say that it is
        open."""
        reopen = recorded.state.act(ActKind.REOPEN)
        return reopen is not None and reopen.phase is Phase.REFUSED

    def label_to_remove(self, planned: PlanItem, recorded: Recorded) -> OwnLabel | None:
        """The label that we put on the item ourselves: one that stood there before stays."""
        original = self._ledger.get(planned.undoes) if planned.undoes else recorded
        close = original.state.act(ActKind.CLOSE) if original else None
        before = close.before.labels if close and close.before else ()
        ours = planned.label and close and not has_label(before, planned.label)
        return OwnLabel(planned.label, close.label_id) if close and ours else None

    def notice_id(self, planned: PlanItem, recorded: Recorded) -> str:
        """Node id of the comment that carries our notice."""
        original = self._ledger.get(planned.undoes) if planned.undoes else recorded
        return original.state.comment_id if original else ""


def _speech(planned: PlanItem, alive: ActivityVerdict) -> Drift | None:
    """A person's act that the plan did not know: the clock moved on.

    What this reading did not reach, the scan did: it goes further back where bots fill a thread.
    """
    spoke = _clock_event(alive)
    unread = spoke.value.startswith(ActName.UNREAD)
    if planned.clock is None or planned.undoes or unread or alive.clock <= planned.clock:
        return None
    who = f"{spoke.actor} " if spoke.actor else "a person "
    return Drift(
        code="person_spoke", message=f"{who}acted at {alive.clock:%Y-%m-%d %H:%M} UTC", gentle=True
    )


def _kept_open(code: str, item: Item, now: datetime) -> NoticeChange | None:
    """What kept an item open where no comment or other activity did."""
    if code not in KEPT_OPEN:
        return None
    locks = [event for event in item.events if event.kind is EventKind.LOCKED]
    at = locks[-1].at if code == LOCKED and locks else now
    return NoticeChange(edit=NoticeEdit.YIELDED, at=at, actor="a maintainer", did=KEPT_OPEN[code])


def _clock_event(alive: ActivityVerdict) -> Evidence:
    """The last act of a person; what decides may be something else, such as a milestone."""
    return next((each for each in alive.evidence if each.signal == "clock"), alive.deciding)


def _obstacle(item: Item, *, gentle: bool) -> Drift | None:
    """States in which we never act, whoever brought them about."""
    if item.state is not State.OPEN:
        return Drift(code="closed", message="it was closed by someone else")
    return _lock(item, gentle=gentle)


def _removed(planned: PlanItem, recorded: Recorded, item: Item, now: datetime) -> Drift | None:
    """Whether somebody removed or hid our notice while its grace ran: nothing is closed without one
    that is visible, and it is an objection.

    Soon after the notice a reading may not show it yet, and of a long thread the oldest comments
    may be missing.
    """
    notice = recorded.state.act(ActKind.NOTICE)
    if (
        not planned.grace_days
        or notice is None
        or now < notice.since + CLOCK_SKEW
        or recorded.state.act(ActKind.CLOSE)
    ):
        return None
    first = item.comments[0].created_at if item.comments else now
    whole = item.comments_total <= len(item.comments) or first < notice.since - CLOCK_SKEW
    stands = next((one for one in item.comments if one.id == recorded.state.comment_id), None)
    if stands is not None and stands.minimized:
        return Drift(code=NOTICE_HIDDEN, message="our notice was hidden", gentle=True)
    if not whole or stands is not None:
        return None
    return Drift(code=NOTICE_DELETED, message="our notice was deleted", gentle=True)


def _lock(item: Item, *, gentle: bool) -> Drift | None:
    """A lock: people could not object, so nothing is closed. ``gentle`` after a notice that says
    that the item is closed: it is corrected then."""
    message = "it was locked: people could not answer a notice"
    return Drift(code=LOCKED, message=message, gentle=gentle) if item.locked else None


def _was_locked(item: Item, close: Event) -> bool:
    """Whether the item was locked at that close; many repositories lock what was closed."""
    kinds = (EventKind.LOCKED, EventKind.UNLOCKED, EventKind.CLOSED)
    events = sorted((e for e in item.events if e.kind in kinds), key=lambda event: event.at)
    before = [e.kind for e in events[: events.index(close)] if e.kind is not EventKind.CLOSED]
    return before[-1:] == [EventKind.LOCKED]


def _closes(item: Item) -> list[Event]:
    """Oldest first. GitHub counts whole seconds: within one, the timeline's own order decides."""
    return sorted(
        (event for event in item.events if event.kind is EventKind.CLOSED),
        key=lambda event: event.at,
    )


def _arrived(planned: PlanItem) -> bool:
    return planned.decision is Decision.WELCOME
