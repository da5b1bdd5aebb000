"""Acting: the same acts as on the pages. Each needs the session's token in the ``X-Form-Token``
header."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from migrator.domain.decisions import AnswerKey, Decision, ReviewAnswer
from migrator.services.audited_actions import AuditEvent
from migrator.services.roles import Role
from migrator.views.overview import PlanCard, card
from migrator.views.review import answer_by_key, decide_by_hand, withdraw_answer
from migrator.views.run import RunView, run_view
from migrator.web.api.audit import DeliveryId
from migrator.web.api.openapi import described, reply
from migrator.web.api.queries import Name, Number, RunId
from migrator.web.auth.dependencies import Dashboard, User

WholeHash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The plan's whole hash.")]


class Approving(BaseModel):
    """What an approval needs."""

    typed: str = Field(
        "", max_length=200, description="The source repository's name; only a sandbox needs none."
    )


class Starting(BaseModel):
    """How a run is to go."""

    fast: bool = Field(False, description="Leave GitHub's pace; on a sandbox only.")
    first_wave: int = Field(
        0, ge=0, le=1_000_000, description="Wave that follows the canary; 0 keeps the plan's order."
    )


class Undoing(BaseModel):
    """What is to be taken back."""

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
        0, ge=0, description="How many answers about this item were known when this one was given."
    )


def router(dashboard: Dashboard) -> APIRouter:
    """Routes that change something."""
    routes = APIRouter(prefix="/api", tags=["act"])
    for add in (_add_answers, _add_plans, _add_runs, _add_ways_back):
        add(routes, dashboard)
    return routes


def _add_answers(routes: APIRouter, dashboard: Dashboard) -> None:
    context, review = dashboard.context, Depends(dashboard.require_role(Role.REVIEW))

    @routes.post(
        "/items/{owner}/{name}/{number}/answer",
        responses=described(ReviewAnswer, "The answer as recorded.", refusals=(404, 409)),
        response_class=Response,
    )
    def answer(
        owner: Name, name: Name, number: Number, given: Answering, person: User = review
    ) -> Response:
        """Answer for an item: whose it is, whether it is alive, or what to do. Nobody else's
        newer answer is overwritten."""
        key = f"{owner}/{name}#{number}"
        who = {"by": person.login, "door": person.door}
        if given.decision is not None:
            kept = decide_by_hand(
                context, key, given.decision, seen=given.seen, reason=given.reason, **who
            )
        else:
            kept = answer_by_key(
                context,
                key,
                given.key or AnswerKey.OURS,
                seen=given.seen,
                reason=given.reason,
                **who,
            )
        return reply(kept)

    @routes.post(
        "/items/{owner}/{name}/{number}/answer/withdraw",
        responses=described(ReviewAnswer, "The answer that was taken back.", refusals=(404, 409)),
        response_class=Response,
    )
    def withdraw(owner: Name, name: Name, number: Number, person: User = review) -> Response:
        """Take back your own newest answer about an item. The audit log keeps both acts."""
        key = f"{owner}/{name}#{number}"
        return reply(withdraw_answer(context, key, by=person.login, door=person.door))


def _add_plans(routes: APIRouter, dashboard: Dashboard) -> None:
    context, deeds, steer = (
        dashboard.context,
        dashboard.deeds,
        Depends(dashboard.require_role(Role.STEER)),
    )

    @routes.post(
        "/plans/{plan_hash}/approve",
        responses=described(PlanCard, "The approved plan.", refusals=(404, 409, 502)),
        response_class=Response,
    )
    def approve(plan_hash: WholeHash, given: Approving, person: User = steer) -> Response:
        """Approve a plan by its whole hash. Against a real address the repository's name has to
        be typed."""
        return reply(
            card(context, asyncio.run(deeds.approve(person.doer, plan_hash, typed=given.typed)))
        )

    @routes.post(
        "/plans/{plan_hash}/start",
        responses=described(RunView, "The run.", refusals=(404, 409)),
        response_class=Response,
    )
    def start(plan_hash: WholeHash, given: Starting, person: User = steer) -> Response:
        """Start an approved plan, or go on with its unfinished run."""
        return reply(
            run_view(
                context,
                deeds.start(
                    person.doer, plan_hash, fast=given.fast, first_wave=given.first_wave
                ).id,
            )
        )


def _add_runs(routes: APIRouter, dashboard: Dashboard) -> None:
    context, deeds, steer = (
        dashboard.context,
        dashboard.deeds,
        Depends(dashboard.require_role(Role.STEER)),
    )

    @routes.post(
        "/runs/{run_id}/{verb}",
        responses=described(RunView, "The run as it stands.", refusals=(404, 409)),
        response_class=Response,
    )
    def steered(
        run_id: RunId,
        verb: Annotated[
            Literal["pause", "resume", "cancel"], Path(description="What to do with it.")
        ],
        person: User = steer,
    ) -> Response:
        """Hold a run, let it go on, or end it for good."""
        {"pause": deeds.pause, "resume": deeds.resume, "cancel": deeds.cancel}[verb](
            person.doer, run_id
        )
        return reply(run_view(context, run_id))

    @routes.post(
        "/retry/runs/{run_id}",
        responses=described(
            PlanCard, "The plan of a second try, to be approved.", refusals=(404, 409)
        ),
        response_class=Response,
    )
    def retry_run(run_id: RunId, person: User = steer) -> Response:
        """Plan once more what failed in a run without leaving a notice. That plan is approved
        and started like any other."""
        return reply(card(context, deeds.retry_run(person.doer, run_id)))

    @routes.post(
        "/deliveries/{delivery_id}/replay",
        responses=described(AuditEvent, "The deed as it was noted.", refusals=(404, 409)),
        response_class=Response,
    )
    def replayed(delivery_id: DeliveryId, person: User = steer) -> Response:
        """Have a webhook worked on once more. What it led to before is not done twice."""
        deeds.replay(person.doer, delivery_id)
        return reply(deeds.newest(subject=delivery_id, limit=1)[0])


def _add_ways_back(routes: APIRouter, dashboard: Dashboard) -> None:
    context, deeds, steer = (
        dashboard.context,
        dashboard.deeds,
        Depends(dashboard.require_role(Role.STEER)),
    )

    @routes.post(
        "/undo/runs/{run_id}",
        responses=described(
            PlanCard, "The plan that takes it back, to be approved.", refusals=(404, 409)
        ),
        response_class=Response,
    )
    def undo_run(run_id: RunId, given: Undoing, person: User = steer) -> Response:
        """Plan to take a run back, or one wave of it. Nothing happens until that plan is
        approved and started."""
        return reply(card(context, deeds.undo_run(person.doer, run_id, wave=given.wave)))

    @routes.post(
        "/undo/items/{owner}/{name}/{number}",
        responses=described(
            PlanCard, "The plan that takes it back, to be approved.", refusals=(404, 409)
        ),
        response_class=Response,
    )
    def undo_item(owner: Name, name: Name, number: Number, person: User = steer) -> Response:
        """Plan to take back what was done to one item."""
        return reply(card(context, deeds.undo_item(person.doer, f"{owner}/{name}", number)))
