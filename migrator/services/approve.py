"""``approve``: records who approved which plan. Against a real address the repository's name has
to be typed."""

from __future__ import annotations

from migrator.domain.calibration import described
from migrator.domain.planning.plan import PlanKind
from migrator.errors import PlanRefused
from migrator.execution.context import Context
from migrator.execution.migration_state import MigrationState
from migrator.services.clear_sample import clear_sample
from migrator.services.probe import require_probe
from migrator.store.audit import AuditEvent
from migrator.store.plans import Approval, StoredPlan


async def approve(
    context: Context, prefix: str, *, by: str, how: str, typed: str = "", comment: str = ""
) -> StoredPlan:
    """Approve the plan whose hash begins so, note who did and their comment, and return it.

    ``typed`` is the source repository's name as the person typed it. Only a sandbox needs neither
    it nor a recent probe. Raises :class:`PlanRefused` if it does not match, GitHub was not probed
    of late, the plan has expired or was made under other rules, or somebody else has to approve.
    """
    plan = context.store.plans.find(prefix)
    refuse_outdated(context, plan)
    _refuse_same_person(context, plan, by)
    if not await context.clients.is_sandbox():
        _refuse_unsure(context, plan, typed)
    approval = Approval(
        approved_by=by, how=how, approved_at=context.clock(), comment=comment.strip()
    )
    context.store.plans.approve(plan.hash, approval)
    aside = f", {plan.header.set_aside} items set aside" if plan.header.set_aside else ""
    sums = f"{plan.totals.notices} notices, {plan.totals.closes} closes{aside}"
    said = f"comment: {approval.comment}" if approval.comment else ""
    detail = ". ".join(filter(None, (sums + _listed(context, plan), expectation(plan), said)))
    context.store.audit.record(
        AuditEvent(
            at=approval.approved_at,
            who=by,
            door=how,
            verb="approve",
            subject=plan.hash,
            detail=detail,
        )
    )
    return plan


def approvers_needed(records: MigrationState, plan: StoredPlan) -> int:
    """How many different people must approve a plan: as the migration file says, but one for an
    undo, which must not wait."""
    return 1 if plan.header.kind is PlanKind.UNDO else records.migration.file.plan.approvers


def approvals_missing(records: MigrationState, plan: StoredPlan) -> int:
    """How many more people must approve a plan before it may begin. Logins are compared without
    case, as GitHub does."""
    given = {each.approved_by.casefold() for each in records.store.plans.approvals(plan.hash)}
    return max(0, approvers_needed(records, plan) - len(given))


def _refuse_same_person(context: Context, plan: StoredPlan, by: str) -> None:
    """Where a second person is needed, the first one cannot be both."""
    given = {each.approved_by.casefold() for each in context.store.plans.approvals(plan.hash)}
    if by.casefold() in given and approvals_missing(context, plan):
        raise PlanRefused(
            f"{by} has approved this plan already, and it needs "
            f"{approvers_needed(context, plan)} people",
            cure="ask another maintainer to approve it",
        )


def _listed(context: Context, plan: StoredPlan) -> str:
    """The items to be cleared that the approval showed, as far as the audit log has room for
    them."""
    sample = clear_sample(context, plan)
    return (
        f", {sample.count} of them cleared, listed: {', '.join(item.key for item in sample.items)}"
        if sample.items
        else ""
    )


def expectation(plan: StoredPlan) -> str:
    """What is known of how many automatic verdicts are right, for who approves and for the audit
    log; empty for an undo."""
    return described(plan.header.calibration) if plan.header.kind is not PlanKind.UNDO else ""


def _refuse_unsure(context: Context, plan: StoredPlan, typed: str) -> None:
    """What a real repository asks for: its name, typed, and a GitHub that behaves as we assume
    it does."""
    if typed != plan.header.source:
        raise PlanRefused(
            f"approving a plan for the real {plan.header.source} needs its name",
            cure=f"repeat with --repository {plan.header.source}",
        )
    require_probe(context)


def refuse_outdated(context: Context, plan: StoredPlan) -> None:
    """Raise :class:`PlanRefused` if the plan is :func:`outdated`."""
    if refused := outdated(context, plan):
        raise refused


def outdated(context: Context, plan: StoredPlan) -> PlanRefused | None:
    """Why a plan may not be applied any more: its time is over, or the migration file has changed
    since it was made; ``None`` if it may."""
    if context.clock() >= plan.header.expires_at:
        return PlanRefused(
            f"the plan expired at {plan.header.expires_at:%Y-%m-%d %H:%M} UTC",
            cure="scan and plan again",
        )
    if plan.header.rules_digest != context.migration.digest:
        return PlanRefused(
            "the migration file has changed since the plan was made",
            cure="run `migrator plan` again",
        )
    return None
