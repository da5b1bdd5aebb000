"""``approve``: records who approved which plan. Against a real address the repository's name has
to be typed."""

from __future__ import annotations

from migrator.domain.calibration import described
from migrator.domain.planning.plan import PlanKind
from migrator.errors import PlanRefused
from migrator.execution.context import Context
from migrator.services.clear_sample import clear_sample
from migrator.services.probe import require_probe
from migrator.store.audit import AuditEvent
from migrator.store.plans import Approval, StoredPlan


async def approve(
    context: Context, prefix: str, *, by: str, how: str, typed: str = ""
) -> StoredPlan:
    """Approve the plan whose hash begins so, note who did, and return it.

    ``typed`` is the source repository's name as the person typed it. Only a sandbox needs neither
    it nor a recent probe. Raises :class:`PlanRefused` if it does not match, GitHub was not probed
    of late, or the plan has expired or was made under other rules.
    """
    plan = context.store.plans.find(prefix)
    refuse_outdated(context, plan)
    if not await context.clients.is_sandbox():
        _refuse_unsure(context, plan, typed)
    approval = Approval(approved_by=by, how=how, approved_at=context.clock())
    context.store.plans.approve(plan.hash, approval)
    aside = f", {plan.header.set_aside} items set aside" if plan.header.set_aside else ""
    sums = f"{plan.totals.notices} notices, {plan.totals.closes} closes{aside}"
    detail = ". ".join(filter(None, (sums + _listed(context, plan), expectation(plan))))
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
