"""One item, whole: what was seen, what follows from it, what was done, and what people said
about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import subject_of
from migrator.domain.decisions import (
    AnswerOffer,
    Decided,
    Decision,
    ReviewAnswer,
    fitting,
)
from migrator.domain.evidence import ActivityVerdict, Evidence, OwnershipVerdict
from migrator.domain.items import EventKind, Frozen, Item, ItemRef
from migrator.domain.people import BotIdentity, People, login_of
from migrator.domain.planning.plan import PlanItem
from migrator.domain.planning.undo import can_be_undone
from migrator.domain.protocol.ledger import (
    ActKind,
    Done,
    EntryKind,
    line_data,
    undo_decision,
)
from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.execution.own_account import own_account
from migrator.services.review_alike import question_about
from migrator.store.ledger import Recorded
from migrator.views.outcomes import (
    ItemOutcome,
    closes_item,
    confirmed,
    item_outcome,
    outcome_of,
    reverted_by,
)
from migrator.views.overview import newest_plan

EXCERPT = 4_000
"""Characters of one comment shown in the timeline; the rest is on GitHub."""


class TimelineEntry(Frozen, frozen=True, kw_only=True):
    """One line of an item's timeline. ``body`` is Markdown by a stranger; ``deciding``: the verdict
    rests on this event.

    ``kind`` is ``opened``, ``comment``, one of our acts (``notice``, ``close``, ``label``,
    ``edit``, ``reopen``, ``unlabel``, ``reply``), or GitHub's word for an event.
    ``ours``: the migrator did it, by its ledger.
    """

    at: datetime
    kind: str
    who: str = ""
    person: bool = True
    body: str = ""
    shortened: bool = False
    detail: str = ""
    url: str = ""
    ours: bool = False
    deciding: bool = False


class EntryView(Frozen, frozen=True, kw_only=True):
    """A ledger entry with its attempts as ``(when, act, phase, what was noted)``."""

    id: str
    decision: str
    generation: int
    run_id: str
    plan_hash: str
    created_at: datetime
    outcome: str
    code: str
    message: str
    notice_url: str
    can_be_undone: bool
    attempts: tuple[tuple[datetime, str, str, str], ...]


class LandingView(Frozen, frozen=True, kw_only=True):
    """The item's successor in a target repository; ``how`` it names the old one."""

    key: str
    url: str
    how: str


class ItemView(Frozen, frozen=True, kw_only=True):
    """Everything about one item: ``planned`` by the newest plan, ``decided`` from verdicts and
    answers as they are now, ``now`` what has become of it. ``offers`` are the answers that settle
    it, ``choices`` the decisions among them that can be made outright. ``former_names`` are those
    that it had before its repository was renamed or its thread transferred."""

    item: Item
    now: ItemOutcome
    ownership: OwnershipVerdict | None
    activity: ActivityVerdict | None
    decided: Decided | None
    planned: PlanItem | None
    plan_hash: str
    timeline: tuple[TimelineEntry, ...]
    entries: tuple[EntryView, ...]
    answers: tuple[ReviewAnswer, ...]
    landings: tuple[LandingView, ...]
    offers: tuple[AnswerOffer, ...]
    choices: tuple[Decision, ...]
    former_names: tuple[str, ...] = ()

    @property
    def can_be_undone(self) -> bool:
        """Whether a notice of ours stands that was not undone."""
        return any(entry.can_be_undone for entry in self.entries)


def item_view(context: Context, repository: str, number: int) -> ItemView:
    """One item, by the name that it has or had. Raises :class:`UsageError` if no scan has seen
    it."""
    named = ItemRef(repository, number)
    names = tuple(alias.ref for alias in context.store.items.names_of(named))
    item = context.store.snapshots.get(repository, number) or next(
        (found for ref in reversed(names) if (found := context.store.snapshots.get(*ref))), None
    )
    if item is None:
        raise UsageError(
            f"no scan has seen {repository}#{number}", cure="scan again, or look at its number"
        )
    answers = tuple(context.store.queue.answers_to(item.key))
    plan = newest_plan(context)
    recorded = context.store.ledger.of_item(item.key)
    subject, file = subject_of(item), context.migration.file
    former = tuple(dict.fromkeys(ref for ref in names if ref != item.ref))
    planned = _planned(context, plan.hash, (item.ref, *reversed(former))) if plan else None
    asked = question_about(context, item)
    return ItemView(
        item=item,
        now=item_outcome(context, item, recorded, planned),
        ownership=asked.ownership if asked else None,
        activity=asked.activity if asked else None,
        decided=asked.decided() if asked else None,
        planned=planned,
        plan_hash=plan.hash if plan else "",
        timeline=_timeline(context, item, asked.activity.deciding if asked else None, recorded),
        entries=tuple(_entry(each, recorded) for each in recorded),
        answers=answers,
        landings=tuple(
            LandingView(key=each.new_key, url=each.new_url, how=each.how)
            for each in context.store.landings.of_old(item.key)
        ),
        offers=asked.offers() if asked else (),
        choices=asked.choices() if asked else fitting(subject, file),
        former_names=tuple(map(str, former)),
    )


def _planned(context: Context, plan_hash: str, names: Sequence[ItemRef]) -> PlanItem | None:
    """What a plan says of an item: it knows it by the name of the time when it was made."""
    found = (context.store.plans.item(plan_hash, *ref) for ref in names)
    return next((item for item in found if item is not None), None)


def _timeline(
    context: Context, item: Item, deciding: Evidence | None, recorded: Sequence[Recorded]
) -> tuple[TimelineEntry, ...]:
    people, own = People(context.migration.file.migration), own_account(context)
    acts = tuple(_from_ledger(context, recorded))
    shown = [*_from_github(_without_our_acts(item, acts, recorded, own), people), *acts]
    return tuple(_marked(sorted(shown, key=lambda each: each.at), deciding))


_EVENTS = {
    EventKind.CLOSED: ("close",),
    EventKind.REOPENED: ("reopen",),
    EventKind.LABELED: ("close", "label"),
    EventKind.UNLABELED: ("reopen", "unlabel"),
}
"""Event of our account -> the act of ours that leaves it."""


def _without_our_acts(
    item: Item, acts: Sequence[TimelineEntry], recorded: Sequence[Recorded], own: BotIdentity
) -> Item:
    """The item without what the ledger tells already: our notices, and the events of our acts.

    The same account may also be used by hand, so each act accounts for one event of a kind.
    """
    told = {one.state.comment_id for one in recorded} - {""}
    free = {kind: [act.at for act in acts if act.kind in words] for kind, words in _EVENTS.items()}
    events = []
    for event in item.events:
        left = free.get(event.kind, [])
        if left and own.is_account(event.actor):
            left.remove(min(left, key=lambda at: abs(at - event.at)))
        else:
            events.append(event)
    comments = tuple(each for each in item.comments if each.id not in told)
    return replace(item, comments=comments, events=tuple(events))


def _from_github(item: Item, people: People) -> Iterator[TimelineEntry]:
    body, author = item.body, login_of(item.author)
    yield TimelineEntry(
        at=item.created_at,
        kind="opened",
        who=author,
        person=people.is_person(item.author),
        body=body[: EXCERPT * 4],
        shortened=len(body) > EXCERPT * 4,
        url=item.url,
    )
    for comment in item.comments:
        yield TimelineEntry(
            at=comment.created_at,
            kind="comment",
            who=login_of(comment.author),
            person=people.is_person(comment.author),
            body=comment.body[:EXCERPT],
            shortened=len(comment.body) > EXCERPT,
            url=comment.url,
            detail="hidden on GitHub" if comment.minimized else "",
        )
    for event in item.events:
        about = event.reference
        named = (
            f"{about.repository}#{about.number} {about.title}"
            if about
            else event.label or event.detail
        )
        yield TimelineEntry(
            at=event.at,
            kind=event.kind.value,
            who=login_of(event.actor),
            person=people.is_person(event.actor),
            detail=named[:300],
            url=about.url if about else event.url,
        )


def _from_ledger(context: Context, recorded: Sequence[Recorded]) -> Iterator[TimelineEntry]:
    """Our confirmed acts, each once."""
    for one in recorded:
        reply = one.entry.kind is EntryKind.REPLY
        closes = closes_item(context, one)
        for attempt in confirmed(one):
            kind = attempt.act.value
            if attempt.act is ActKind.CLOSE and not closes:
                kind = "label"
            if attempt.act is ActKind.REOPEN and not closes:
                kind = "unlabel"
            yield TimelineEntry(
                at=attempt.at,
                kind="reply" if reply and attempt.act is ActKind.NOTICE else kind,
                detail="" if reply else one.entry.decision.replace("undo-", "undo of "),
                ours=True,
                person=False,
                url=(attempt.line.url or "") if isinstance(attempt.line, Done) else "",
            )


def _marked(moments: list[TimelineEntry], deciding: Evidence | None) -> Iterator[TimelineEntry]:
    """The same with the event marked on which the activity verdict rests: by its URL, else
    by its time and person."""
    found = None
    if deciding is not None and deciding.at is not None:
        same = [each for each in moments if each.at == deciding.at and not each.ours]
        found = next(
            (each for each in same if each.who == deciding.actor), same[0] if same else None
        )
    for each in moments:
        yield replace(each, deciding=True) if each is found else each


def _entry(one: Recorded, beside: Sequence[Recorded]) -> EntryView:
    state, entry = one.state, one.entry
    undone = any(
        other.entry.decision == undo_decision(entry.decision)
        and other.entry.generation >= entry.generation
        and other.state.outcome
        for other in beside
    )
    notice = state.act(ActKind.NOTICE)
    return EntryView(
        id=entry.id,
        decision=entry.decision,
        generation=entry.generation,
        run_id=entry.run_id,
        plan_hash=entry.plan_hash,
        created_at=entry.created_at,
        outcome=outcome_of(one, beside) if state.outcome or reverted_by(one, beside) else "",
        code=state.code,
        message=state.message,
        notice_url=notice.url if notice else "",
        can_be_undone=can_be_undone(state) and entry.kind is not EntryKind.UNDO and not undone,
        attempts=tuple(
            (each.at, each.act.value, each.phase.value, _noted(line_data(each.line)))
            for each in one.attempts
        ),
    )


def _noted(data: dict[str, object]) -> str:
    """What an attempt's line holds, short."""
    shown = {
        key: value
        for key, value in data.items()
        if value not in ("", None, {}, []) and key not in ("before", "url")
    }
    return ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in shown.items())[:300]
