"""The actions of the pages as JSON requests. Each needs the session's token in the
``X-Form-Token`` header."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field

from migrator.domain.decisions import AnswerKey, Decision, ReviewAnswer
from migrator.domain.items import Frozen, ItemRef
from migrator.services.audited_actions import AuditEvent
from migrator.services.review_alike import MOST_ALIKE
from migrator.services.review_answers import (
    answer_by_key,
    copy_in_name_of,
    decide_by_hand,
    withdraw_answer,
)
from migrator.services.roles import Role
from migrator.store.jobs import JobKind, JobOptions
from migrator.views.jobs import JobView, job_view
from migrator.views.overview import PlanCard, card
from migrator.views.run import RunView, run_view
from migrator.web.api.audit import DeliveryId
from migrator.web.api.openapi import RecordRoutes
from migrator.web.api.queries import JobId, Name, RunId
from migrator.web.auth.dependencies import User
from migrator.web.filters import LARGEST, Number

WholeHash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The plan's whole hash.")]
FailureCode = Annotated[
    str,
    Query(
        max_length=100,
        description="Only what failed for this reason; everything if it is left out.",
    ),
]
RunVerb = Annotated[Literal["pause", "resume", "cancel"], Path(description="What to do with it.")]


class Approving(BaseModel):
    """What an approval needs."""

    typed: str = Field(
        "", max_length=200, description="The source repository's name; only a sandbox needs none."
    )
    comment: str = Field("", max_length=1000, description="Recorded with the approval.")


class Starting(BaseModel):
    """How a run is to go."""

    fast: bool = Field(False, description="Leave GitHub's pace; on a sandbox only.")
    first_wave: int = Field(
        0, ge=0, le=1_000_000, description="Wave that follows the canary; 0 keeps the plan's order."
    )


class Requesting(BaseModel):
    """What a worker is asked to do."""

    kind: Literal["scan", "classify", "plan", "refresh"] = Field(
        description="`scan`, `classify`, `plan`, or `refresh` for all three, in this order."
    )
    full: bool = Field(False, description="Scan everything again, not only what changed.")
    commands_served: bool = Field(
        False, description="A listener answers the commands that the plan's notices offer."
    )


class Undoing(BaseModel):
    """What is to be undone."""

    wave: int | None = Field(
        None, ge=1, le=1_000_000, description="Only this wave; the whole run if it is left out."
    )


class Answering(BaseModel):
    """An answer of a reviewer, by key or as a decision."""

    key: AnswerKey | None = Field(
        None,
        description="One of the item's `offers`: `o` ours, `n` not ours, `a` ours and active, "
        "`s` ours and stale, `l` leave alone, `r` notify and keep open, `c` notify and close.",
    )
    decision: Decision | None = Field(None, description="What to do outright; needs a reason.")
    reason: str = Field("", max_length=1000)
    seen: int = Field(
        0,
        ge=0,
        le=LARGEST,
        description="How many answers about this item were known when this one was given.",
    )


class AnsweringAlike(Answering):
    """An answer that is to hold for other items, too."""

    alike: list[Annotated[str, Field(max_length=200)]] = Field(
        max_length=MOST_ALIKE, description="Keys of `alike` of the item, as they were shown."
    )


class AnsweredAlike(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """An answer, and the keys of the items that got a copy of it."""

    answer: ReviewAnswer
    copied: tuple[str, ...] = ()


def add(routes: RecordRoutes) -> None:
    """Add the routes that change something."""
    _add_answers(routes)
    _add_plans(routes)
    _add_runs(routes)
    _add_undo(routes)
    _add_jobs(routes)


def _add_answers(routes: RecordRoutes) -> None:
    context = routes.dashboard.context

    @routes.post("/items/{owner}/{name}/{number}/answer", role=Role.REVIEW)
    def answer(
        owner: Name, name: Name, number: Number, given: Answering, user: User
    ) -> ReviewAnswer:
        """Answer for an item: whose it is, whether it is active, or what to do. No one else's
        newer answer is overwritten."""
        key, seen, reason = f"{owner}/{name}#{number}", given.seen, given.reason
        who = user.principal
        if given.decision is not None:
            return decide_by_hand(context, who, key, given.decision, seen=seen, reason=reason)
        pressed = given.key or AnswerKey.OURS
        return answer_by_key(context, who, key, pressed, seen=seen, reason=reason)

    @routes.post("/items/{owner}/{name}/{number}/answer/alike", role=Role.REVIEW)
    def answer_alike(
        owner: Name, name: Name, number: Number, given: AnsweringAlike, user: User
    ) -> AnsweredAlike:
        """Answer for an item, and copy the answer to items that wait on the same grounds. Left out
        is what is not alike, what someone else answered or opened in the meantime, and what it
        would decide otherwise."""
        answered = answer(owner, name, number, given, user)
        ref = ItemRef(f"{owner}/{name}", number)
        done = copy_in_name_of(context, user.principal, ref, answered, given.alike)
        return AnsweredAlike(answer=answered, copied=done)

    @routes.post("/items/{owner}/{name}/{number}/answer/withdraw", role=Role.REVIEW)
    def withdraw(owner: Name, name: Name, number: Number, user: User) -> ReviewAnswer:
        """Undo your own newest answer about an item, and the copies of it. The audit log keeps both
        acts."""
        return withdraw_answer(context, user.principal, f"{owner}/{name}#{number}")


def _add_plans(routes: RecordRoutes) -> None:
    context, audited = routes.dashboard.context, routes.dashboard.audited

    @routes.post("/plans/{plan_hash}/approve", refusals=(502,))
    def approve(plan_hash: WholeHash, given: Approving, user: User) -> PlanCard:
        """Approve a plan by its whole hash. Against a real repository its name has to be
        typed. `missing` of the reply says how many more people must approve it."""
        approving = audited.approve(
            user.principal, plan_hash, typed=given.typed, comment=given.comment
        )
        return card(context, asyncio.run(approving))

    @routes.post("/plans/{plan_hash}/discard")
    def discard(plan_hash: WholeHash, user: User) -> AuditEvent:
        """Remove a plan that was never begun, for good. One with a run stays on record."""
        audited.discard(user.principal, plan_hash)
        return audited.newest(subject=plan_hash, limit=1)[0]

    @routes.post("/plans/{plan_hash}/start")
    def start(plan_hash: WholeHash, given: Starting, user: User) -> RunView:
        """Start an approved plan, or go on with its unfinished run."""
        run = audited.start(user.principal, plan_hash, fast=given.fast, first_wave=given.first_wave)
        return run_view(context, run.id)


def _add_runs(routes: RecordRoutes) -> None:
    context, audited = routes.dashboard.context, routes.dashboard.audited

    @routes.post("/runs/{run_id}/{verb}")
    def steered(run_id: RunId, verb: RunVerb, user: User) -> RunView:
        """Hold a run, let it go on, or end it for good. Of one that has not stopped, `resume` asks
        for a job that looks again at what is in doubt."""
        {"pause": audited.pause, "resume": audited.resume, "cancel": audited.cancel}[verb](
            user.principal, run_id
        )
        return run_view(context, run_id)

    @routes.post("/retry/runs/{run_id}")
    def retry_run(run_id: RunId, user: User, code: FailureCode = "") -> PlanCard:
        """Plan once more what failed in a run without leaving a notice. That plan is approved
        and started like any other."""
        return card(context, audited.retry_run(user.principal, run_id, code=code))

    @routes.post("/deliveries/{delivery_id}/replay")
    def replayed(delivery_id: DeliveryId, user: User) -> AuditEvent:
        """Have a webhook worked on once more. What it led to before is not done twice."""
        audited.replay(user.principal, delivery_id)
        return audited.newest(subject=delivery_id, limit=1)[0]


def _add_undo(routes: RecordRoutes) -> None:
    context, audited = routes.dashboard.context, routes.dashboard.audited

    @routes.post("/undo/runs/{run_id}")
    def undo_run(run_id: RunId, given: Undoing, user: User) -> PlanCard:
        """Plan to undo a run, or one wave of it. Nothing happens until that plan is approved and
        started."""
        return card(context, audited.undo_run(user.principal, run_id, wave=given.wave))

    @routes.post("/undo/items/{owner}/{name}/{number}")
    def undo_item(owner: Name, name: Name, number: Number, user: User) -> PlanCard:
        """Plan to undo what was done to one item."""
        return card(context, audited.undo_item(user.principal, f"{owner}/{name}", number))


def _add_jobs(routes: RecordRoutes) -> None:
    context, audited = routes.dashboard.context, routes.dashboard.audited

    @routes.post("/jobs")
    def ask(given: Requesting, user: User) -> JobView:
        """Ask a worker to scan, classify or plan. Of a migration one job is unfinished at a time:
        the same request again gives that one, and another request is a conflict."""
        options = JobOptions(full=given.full, commands_served=given.commands_served)
        return job_view(
            context, audited.request_job(user.principal, JobKind(given.kind), options).id
        )

    @routes.post("/jobs/{job_id}/cancel")
    def cancel_job(job_id: JobId, user: User) -> JobView:
        """End a job that waits or is at work."""
        audited.cancel_job(user.principal, job_id)
        return job_view(context, job_id)
