"""What holds a run back: reviewed items that are missing, bounds that were passed, quiet hours, and how much mail a person gets.

Looked at before each round of a real run. A rehearsal that is not meant to take days runs without (``considerate`` off).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from migrator.domain.breaker import Counts, tripped
from migrator.domain.commands import Verb, find, vocabulary
from migrator.domain.items import Comment, EventKind, Frozen, Item, State
from migrator.domain.ledger import ActKind
from migrator.domain.people import OwnActs, People
from migrator.domain.planning import PlanItem
from migrator.domain.reviewing import error_rate, gate
from migrator.domain.rules import MigrationFile
from migrator.domain.sending import day_of, sendable, wave_may_begin
from migrator.store.ledger import Recorded
from migrator.store.runs import Run
from migrator.workflows.context import Context
from migrator.workflows.own import own_acts
from migrator.workflows.reviewed import reviewed

LOOKED_AT = 300
"""Latest entries of a run whose items are read for what people think of them: three requests a round."""
APPEALS = frozenset({Verb.REOPEN, Verb.STILL_HERE, Verb.NOT_OURS})
DISLIKE = "THUMBS_DOWN"


class Held(Frozen, frozen=True, kw_only=True):
    """What the brakes say: ``go`` may be worked on now, the rest from ``until`` on; ``stop`` is why the run must end here."""

    go: tuple[PlanItem, ...] = ()
    until: datetime | None = None
    stop: str = ""


async def look(context: Context, run: Run, items: Sequence[PlanItem]) -> Held:
    """Hold the next items of a run against every brake."""
    paced = run.options.get("paced", True)
    if not run.options.get("considerate", paced) or any(item.undoes for item in items):
        return Held(go=tuple(items))
    stop = _not_reviewed(context) or await _tripped(context, run)
    return Held(stop=stop) if stop else _sendable(context, run, items)


def _not_reviewed(context: Context) -> str:
    """Why the migration file's demand for reviewed items is not met; empty if it is."""
    rules = context.migration.file.review
    if rules.needs_reviewed == 0:
        return ""
    found = gate(error_rate(reviewed(context), confidence=rules.confidence), rules)
    return "" if found.open else f"the migration file demands reviewed items: {found.reason}"


def _sendable(context: Context, run: Run, items: Sequence[PlanItem]) -> Held:
    """Quiet hours, waves a day, notices per person a day."""
    file, now = context.migration.file, context.clock()
    begins, _ = day_of(now, file.sending)
    begun = context.store.tempo.waves_since(run.id, begins)
    new = {item.wave for item in items} - begun
    opens = wave_may_begin(len(begun), file.sending, now=now) if new else now
    if opens > now:
        return Held(until=opens)
    sent = context.store.tempo.sent_since(begins)
    found = sendable(items, file.sending, now=now, sent_today=sent, exempt=file.migration.triagers)
    going = set(found.now)
    return Held(go=tuple(item for item in items if item.key in going), until=found.next_at)


async def _tripped(context: Context, run: Run) -> str:
    """Why the circuit breaker stops the run; empty if it does not."""
    rules = context.migration.file.breaker
    entries = [each for each in context.store.ledger.stream(run_id=run.id) if each.state.is_done(ActKind.NOTICE)]
    seen = await _seen(context, entries[-LOOKED_AT:])
    counts = Counts(
        notices=len(entries),
        closes=sum(each.state.is_done(ActKind.CLOSE) for each in entries),
        reopens=sum(reopened for reopened, _, _ in seen),
        appeals=sum(appealed for _, appealed, _ in seen),
        thumbs_down=sum(disliked for _, _, disliked in seen),
        refused_in_a_row=context.store.tempo.refused_in_a_row(run.id, rules.refused_in_a_row),
        repeated_acts=context.store.tempo.repeated_acts(run.id),
    )
    return tripped(counts, rules) or ""


async def _seen(context: Context, entries: Sequence[Recorded]) -> list[tuple[bool, bool, bool]]:
    """For each entry whose item is still there: was it reopened, appealed against, disliked?"""
    found: list[tuple[bool, bool, bool]] = []
    own = own_acts(context)
    people = People(context.migration.file.migration)
    for places in context.clients.by_account(_repository(each) for each in entries).values():
        theirs = [each for each in entries if _repository(each) in places]
        async with context.open_github(places[0]) as github:
            items = await github.items([each.entry.node_id for each in theirs])
        pairs = zip(theirs, items, strict=True)
        found += [_reactions_to(each, item, own, people, context.migration.file) for each, item in pairs if item is not None]
    return found


def _repository(recorded: Recorded) -> str:
    return recorded.entry.item_key.rpartition("#")[0]


def _reactions_to(recorded: Recorded, item: Item, own: OwnActs, people: People, file: MigrationFile) -> tuple[bool, bool, bool]:
    """Whether people reopened the item, appealed by a command, or gave our notice a thumbs-down."""
    since = recorded.entry.created_at.replace(microsecond=0)  # GitHub counts whole seconds
    opened = any(e.kind is EventKind.REOPENED and e.at >= since and not own.is_account(e.actor) for e in item.events)
    reopened = recorded.state.is_done(ActKind.CLOSE) and item.state is State.OPEN and opened
    words = vocabulary(file)
    later = (comment for comment in item.comments if comment.created_at >= since and people.is_person(comment.author))
    appealed = any(command.verb in APPEALS for comment in later for command in find(comment.body, words))
    return reopened, appealed, any(_disliked(comment, people) for comment in _ours(recorded, item))


def _ours(recorded: Recorded, item: Item) -> Iterator[Comment]:
    return (comment for comment in item.comments if comment.id == recorded.state.comment_id)


def _disliked(comment: Comment, people: People) -> bool:
    return any(one.content == DISLIKE and people.is_person(one.author) for one in comment.reactions)
