"""What an approval costs, beside its button: emails, hours, closes, what is left out, what changed
since the plan before, and the gates that hold."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen
from migrator.domain.planning.mail_forecast import MailForecast
from migrator.domain.planning.plan import PlanKind
from migrator.domain.protocol.send_window import MOST_DAYS
from migrator.domain.rules import BreakerRules, MigrationFile, SendingRules
from migrator.execution.context import Context
from migrator.execution.review_accuracy import measure
from migrator.services.approve import approvals_missing, approvers_needed
from migrator.store.plans import StoredPlan


class ApprovalCost(Frozen, frozen=True, kw_only=True):
    """What follows from approving a plan.

    ``posted`` notices are new, ``corrected`` ones get another text, which notifies no one;
    ``closes`` items are closed, ``asks`` of them only if nobody answers, or reopened by an undo
    (``reopens``). ``people`` get ``mails``
    because they take part, the busiest ``most`` of them; ``hours`` is the time for the writes,
    ``days`` that until everyone may have got theirs. These are ``None`` while a large plan is being
    added up. ``gates`` says what holds the run back, one sentence each.
    """

    posted: int
    corrected: int
    closes: int
    reopens: int
    set_aside: int
    approvers: int
    missing: int
    gates: tuple[str, ...]
    asks: int = 0
    people: int | None = None
    mails: int | None = None
    most: int | None = None
    hours: float | None = None
    days: int | None = None


def approval_cost(context: Context, plan: StoredPlan, mails: MailForecast | None) -> ApprovalCost:
    """The cost of a plan, with its forecast of emails if that is known yet."""
    totals, undo = plan.totals, plan.header.kind is PlanKind.UNDO
    return ApprovalCost(
        posted=0 if undo else totals.notices - totals.edited,
        corrected=totals.notices if undo else totals.edited,
        closes=0 if undo else totals.closes,
        asks=0 if undo else totals.decisions.get(Decision.ASK.value, 0),
        reopens=totals.closes if undo else 0,
        set_aside=plan.header.set_aside,
        approvers=approvers_needed(context, plan),
        missing=approvals_missing(context, plan),
        gates=tuple(_gates(context, plan)),
        people=mails.people if mails else None,
        mails=mails.mails if mails else None,
        most=mails.most if mails else None,
        hours=mails.hours if mails else None,
        days=mails.days if mails else None,
    )


def _gates(context: Context, plan: StoredPlan) -> Iterator[str]:
    """What ``execution.gates`` will look at, and how a run begins, in words."""
    file = context.migration.file
    if plan.header.kind is PlanKind.UNDO:
        yield "No gate holds an undo back: it goes out at GitHub's pace, in the same waves."
        return
    yield "The canary, one item, goes first; each item is read again right before its turn."
    if file.review.needs_reviewed:
        reason = measure(context).gate.reason
        yield (
            f"At least {file.review.needs_reviewed} automatic verdicts must be checked, and at "
            f"most {file.review.max_error_rate:.1%} of them may be wrong. {reason}"
        )
    if plan.header.kind is PlanKind.MIGRATE:
        yield (
            f"It does not begin if more than {file.plan.max_set_aside:.1%} of the items are set "
            "aside."
        )
    yield from _sending(file.sending)
    yield from _breaker(file)


def _sending(rules: SendingRules) -> Iterator[str]:
    if rules.notices_per_person_per_day:
        yield (
            f"Nobody gets more than {rules.notices_per_person_per_day} notices a day, or a "
            f"{MOST_DAYS}th of theirs where that is more."
        )
    if rules.waves_per_day:
        yield f"At most {rules.waves_per_day} waves begin on one day."
    for each in rules.quiet_hours:
        yield f"Nothing is sent from {each.start:%H:%M} to {each.end:%H:%M} ({rules.zone})."
    if rules.quiet_weekdays:
        days = ", ".join(day.capitalize() for day in rules.quiet_weekdays)
        yield f"Nothing is sent on {days} ({rules.zone})."


def _breaker(file: MigrationFile) -> Iterator[str]:
    rules = file.breaker
    shares = ", ".join(_shares(rules))
    if shares:
        yield f"It stops by itself, from {rules.least_notices} notices on, at {shares}."
    if rules.refused_in_a_row:
        yield f"It stops when GitHub refuses {rules.refused_in_a_row} writes of a kind in a row."
    if rules.limit_errors:
        yield f"It stops at {rules.limit_errors} limit errors within an hour."
    yield "It stops if one act was done twice on an item."


def _shares(rules: BreakerRules) -> Iterator[str]:
    if rules.reopens:
        yield f"{rules.reopens:.0%} of the closed items opened again"
    if rules.appeals:
        yield f"{rules.appeals:.0%} of the notices appealed against"
    if rules.thumbs_down:
        yield f"{rules.thumbs_down:.0%} of the notices with a thumbs-down"
