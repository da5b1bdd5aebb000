"""Runs: how far, how fast, how long still; pause, resume, cancel, take back. And the record of
who did what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from migrator.services.audited_actions import Principal
from migrator.services.roles import Role
from migrator.store.jobs import QueuedJob
from migrator.store.plan_items import PlanItemOrder
from migrator.views.burn_down import burn_chart, run_burn_down
from migrator.views.overview import outlook
from migrator.views.plan import find_plan, open_plans, plan_list, wanted
from migrator.views.plan_summary import shape_of
from migrator.views.run import run_view, run_views, run_waves, trouble_causes, troubles
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import RunQuery
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    _all_runs(routes, dashboard, templates)
    _one_run(routes, dashboard, templates)
    _steering(routes, dashboard, templates)
    return routes


def _all_runs(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context, audited = dashboard.context, dashboard.audited
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/runs")
    def show_all(request: Request, person: User = see) -> Response:
        """Every run, what went wrong, and who did what."""
        count, latest = troubles(context)
        return templates.page(
            request,
            "runs.html.j2",
            person,
            runs=run_views(context),
            trouble_count=count,
            troubles=latest,
            causes=trouble_causes(context),
            open_plans=[
                plan
                for plan in open_plans(context)
                if plan.approval or person.role >= dashboard.private
            ],
            deeds=audited.newest(limit=60),
        )


def _one_run(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context, audited = dashboard.context, dashboard.audited
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/runs/{run_id}")
    def show(
        request: Request,
        run_id: str,
        asked: Annotated[RunQuery, Query()],
        person: User = see,
    ) -> Response:
        """One run with its waves and its items."""
        run = run_view(context, run_id)
        burned = run_burn_down(context, run.id)
        plan = find_plan(context, run.plan_hash)
        filtered = wanted(
            plan,
            outcome=asked.outcome,
            wave=asked.wave,
            acting=True,
            order=PlanItemOrder(asked.order),
        )
        return templates.page(
            request,
            "run.html.j2",
            person,
            run=run,
            asked=asked,
            query_now=asked.as_query(),
            waves=shape_of(context, plan).waves,
            progress=run_waves(context, run.id, page=asked.waves),
            items=plan_list(context, plan, filtered, page=asked.page),
            burn=burn_chart(burned) if burned else None,
            outlook=outlook(context),
            budget=context.migration.file.budget,
            deeds=audited.newest(subject=run_id),
        )


def _steering(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context, audited = dashboard.context, dashboard.audited
    steer = Depends(dashboard.require_role(Role.STEER))

    def steering(verb: str, act: Callable[[Principal, str], QueuedJob | None]) -> None:
        @routes.post(f"/runs/{{run_id}}/{verb}", name=f"{verb} a run")
        def steered(run_id: str, person: User = steer) -> Response:
            job = act(person.principal, run_id)
            where = f"/jobs/{job.id}" if job else f"/runs/{run_id}"
            return RedirectResponse(where, status_code=303)

    steering("pause", audited.pause)
    steering("resume", audited.resume)
    steering("cancel", audited.cancel)

    @routes.get("/runs/{run_id}/cancel")
    def ask(request: Request, run_id: str, person: User = steer) -> Response:
        """Ask once more, for browsers without scripts."""
        run = run_view(context, run_id)
        return templates.page(
            request, "confirm.html.j2", person, act="cancel", subject=run.id, run=run
        )

    @routes.post("/runs/{run_id}/retry")
    def retry(
        run_id: str, code: Annotated[str, Form(max_length=100)] = "", person: User = steer
    ) -> Response:
        """Plan what failed once more, for any reason or for one; that plan is approved like any
        other."""
        plan = audited.retry_run(person.principal, run_id, code=code)
        return RedirectResponse(f"/plan/{plan.hash[:16]}", status_code=303)

    @routes.post("/runs/{run_id}/undo")
    def undo(
        run_id: str, wave: Annotated[str, Form(pattern="^[0-9]{0,6}$")] = "", person: User = steer
    ) -> Response:
        """Plan to take it back, or one wave of it; that plan is approved like any other."""
        plan = audited.undo_run(person.principal, run_id, wave=int(wave) if wave else None)
        return RedirectResponse(f"/plan/{plan.hash[:16]}", status_code=303)
