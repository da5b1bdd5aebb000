"""What holds a run back: reviewed items that are missing, bounds that were passed, quiet hours, and
how much mail a person gets.

Looked at before each portion of a real run; what GitHub itself answers, before each item. A
rehearsal that is not meant to take days runs without (``considerate`` off).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from migrator.domain.decisions import Decision
from migrator.domain.items import Comment, EventKind, Frozen, Item, State
from migrator.domain.people import BotIdentity, People
from migrator.domain.planning.mail_forecast import MAILS, MailForecast
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.causes import HoldCause, StopReason
from migrator.domain.protocol.circuit_breaker import Counts, tripped
from migrator.domain.protocol.ledger import ActKind
from migrator.domain.protocol.send_window import (
    Sending,
    daily_limit,
    day_of,
    is_quiet,
    sendable,
    wave_may_begin,
)
from migrator.domain.rules.sending import SendingRules
from migrator.domain.webhooks.commands import vocabulary
from migrator.execution.context import Context
from migrator.execution.objections import Objections, Objectors, count
from migrator.execution.own_account import bot_identity
from migrator.execution.review_accuracy import measure
from migrator.store.ledger import Recorded
from migrator.store.runs import Run

LOOKED_AT = 300
"""Latest entries of a run whose items are read for what people think of them: three requests a
portion."""
HOUR = timedelta(hours=1)


class GateResult(Frozen, frozen=True, kw_only=True):
    """What the gates say: ``go`` may be worked on now, the rest from ``until`` on; ``stop`` is why
    the run must end here.

    ``why`` tells a person what the rest waits for; ``cause`` is one word for why it waits or stops.
    """

    go: tuple[PlanItem, ...] = ()
    until: datetime | None = None
    why: str = ""
    stop: str = ""
    cause: HoldCause = HoldCause.NONE


async def check(context: Context, run: Run, items: Sequence[PlanItem]) -> GateResult:
    """Hold the next items of a run against every gate."""
    if not enforces_limits(run):
        return GateResult(go=tuple(items))
    stop = (
        _not_reviewed(context)
        or tripped_by_github(context, run)
        or await _tripped_by_people(context, run)
    )
    if stop is not None:
        return GateResult(stop=stop.words, cause=stop.cause)
    return _sendable(context, run, items)


def enforces_limits(run: Run) -> bool:
    """Whether the gates hold for a run at all: never for one that takes back."""
    options = run.options
    considerate = options.paced if options.considerate is None else options.considerate
    return run.kind != PlanKind.UNDO.value and considerate


def _not_reviewed(context: Context) -> StopReason | None:
    """Why the migration file's demand for reviewed items is not met; ``None`` if it is."""
    if context.migration.file.review.needs_reviewed == 0:
        return None
    found = measure(context).gate
    words = f"the migration file demands reviewed items: {found.reason}"
    return None if found.open else StopReason(HoldCause.NOT_REVIEWED, words)


def _sendable(context: Context, run: Run, items: Sequence[PlanItem]) -> GateResult:
    """Quiet hours, waves a day, notices per person a day."""
    file, now = context.migration.file, context.clock()
    begins, _ = day_of(now, file.sending)
    begun = context.store.progress.waves_since(run.id, begins)
    new = {item.wave for item in items} - begun
    opens = wave_may_begin(len(begun), file.sending, now=now) if new else now
    if opens > now:
        quiet = is_quiet(now, file.sending)
        why = (
            "nothing is sent in quiet hours"
            if quiet
            else f"today's {file.sending.waves_per_day} waves have gone out"
        )
        cause = HoldCause.QUIET_HOURS if quiet else HoldCause.WAVES_PER_DAY
        return GateResult(until=opens, why=why, cause=cause)
    sent = context.store.progress.sent_since(begins)
    mails = context.store.facts.get(run.plan_hash, MAILS, MailForecast) or MailForecast()
    found = sendable(
        items,
        file.sending,
        now=now,
        sent_today=sent,
        exempt=_notified_in_total(context, mails),
        planned={person.login: person.mails for person in mails.busiest},
    )
    going = set(found.now)
    return GateResult(
        go=tuple(item for item in items if item.key in going),
        until=found.next_at,
        why=_mail_limit_reason(found, file.sending, mails),
        cause=(HoldCause.NOTICES_PER_PERSON if any(found.held.values()) else HoldCause.QUIET_HOURS),
    )


def _notified_in_total(context: Context, mails: MailForecast) -> set[str]:
    """Logins of people with triage rights: those that the migration file names, and those that
    the plan's forecast knows."""
    return {
        *context.migration.file.migration.triagers,
        *(person.login for person in mails.maintainers),
    }


def _mail_limit_reason(found: Sending, rules: SendingRules, mails: MailForecast) -> str:
    """Who got enough today, in words."""
    people = sorted({login for login in found.held.values() if login})
    if not people:
        return "nothing is sent in quiet hours"
    others = f" and {len(people) - 1} more" if len(people) > 1 else ""
    theirs = next((one.mails for one in mails.busiest if one.login.casefold() == people[0]), 0)
    most = daily_limit(theirs, rules)
    return (
        f"{len(found.held)} notices to {people[0]}{others} wait, as no one gets more than {most} "
        "a day"
    )


def tripped_by_github(context: Context, run: Run) -> StopReason | None:
    """Why GitHub's own answers stop the run; ``None`` if they do not. Asks only our own database,
    so it can precede every item."""
    rules, tempo = context.migration.file.breaker, context.store.progress
    counts = Counts(
        refused_in_a_row=tempo.refused_in_a_row(run.id, rules.refused_in_a_row, run.judged_at),
        limit_errors=tempo.limit_errors(max(run.judged_at, context.clock() - HOUR)),
        repeated_acts=tempo.repeated_acts(run.id, run.judged_at),
    )
    return tripped(counts, rules)


async def _tripped_by_people(context: Context, run: Run) -> StopReason | None:
    """Why what people say of the latest notices stops the run; ``None`` if it does not. Each share
    is one of what was looked at."""
    latest = context.store.ledger.latest_noticed(run.id, LOOKED_AT)
    seen = await _seen(context, latest, run.judged_at)
    counts = Counts(
        notices=len(latest),
        closes=sum(each.state.is_done(ActKind.CLOSE) for each in latest),
        reopens=sum(reopened for reopened, _, _ in seen),
        appeals=count(appeals for _, appeals, _ in seen),
        thumbs_down=count(dislikes for _, _, dislikes in seen),
    )
    return tripped(counts, context.migration.file.breaker)


async def _seen(
    context: Context, entries: Sequence[Recorded], judged_at: datetime
) -> list[tuple[bool, Objections, Objections]]:
    """For each entry whose item is still there: was it reopened, what was commanded against it,
    who dislikes it, since the run was last judged?"""
    found: list[tuple[bool, Objections, Objections]] = []
    own = bot_identity(context)
    people = People(context.migration.file.migration)
    objectors = Objectors(people, own, vocabulary(context.migration.file))
    for places in context.clients.by_account(_repository(each) for each in entries).values():
        theirs = [each for each in entries if _repository(each) in places]
        async with context.open_github(places[0]) as github:
            items = await github.items([each.entry.node_id for each in theirs])
            for each, item in zip(theirs, items, strict=True):
                if isinstance(item, Item):
                    since = _since(each, judged_at)
                    asked = each.entry.decision == Decision.ASK
                    appeals = await objectors.appeals(github, item, since, asked=asked)
                    notice = _ours(each, item)
                    dislikes = (
                        await objectors.dislikes(github, item, notice, since)
                        if notice is not None
                        else Objections()
                    )
                    found.append((_reopened(each, item, own, since), appeals, dislikes))
    return found


def _repository(recorded: Recorded) -> str:
    return recorded.entry.ref.repository


def _since(recorded: Recorded, judged_at: datetime) -> datetime:
    """From when on objections to a notice count. GitHub counts whole seconds."""
    return max(recorded.entry.created_at.replace(microsecond=0), judged_at.replace(microsecond=0))


def _reopened(recorded: Recorded, item: Item, own: BotIdentity, since: datetime) -> bool:
    """Whether somebody else opened again what we closed."""
    opened = any(
        e.kind is EventKind.REOPENED and e.at >= since and not own.is_account(e.actor)
        for e in item.events
    )
    return recorded.state.is_done(ActKind.CLOSE) and item.state is State.OPEN and opened


def _ours(recorded: Recorded, item: Item) -> Comment | None:
    return next((one for one in item.comments if one.id == recorded.state.comment_id), None)
