"""A plan: its items by any filter, its waves, how it differs from the one before, and its
approval by hash."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from migrator.errors import UsageError
from migrator.services.roles import Role
from migrator.views.jobs import jobs_view
from migrator.views.plan import (
    changes,
    filtered_items,
    find_plan,
    open_plans,
    plan_cards,
    plan_list,
    plan_page,
    wanted,
)
from migrator.views.plan_csv import csv_lines
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import ListQuery
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    _looking(routes, dashboard, templates)
    _comparing(routes, dashboard, templates)
    _steering(routes, dashboard)
    _discarding(routes, dashboard, templates)
    return routes


def _looking(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context, see = dashboard.context, Depends(dashboard.require_role(Role.SEE))

    @routes.get("/plan")
    def newest(request: Request, person: User = see) -> Response:
        """The newest plan that the person may see."""
        plan = dashboard.newest_plan(person)
        if plan is None:
            return templates.page(request, "plan_none.html.j2", person, jobs=jobs_view(context))
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/plan/{plan.hash[:16]}{query}", status_code=303)

    @routes.get("/plan/{prefix}")
    def show(
        request: Request, prefix: str, asked: Annotated[ListQuery, Query()], person: User = see
    ) -> Response:
        """The plan and a page of its items."""
        plan = find_plan(context, prefix)
        dashboard.check_published(person, plan.hash)
        return templates.page(
            request,
            "plan.html.j2",
            person,
            view=plan_page(context, plan),
            items=plan_list(
                context, plan, wanted(plan, **asked.filters(context, plan)), page=asked.page
            ),
            asked=asked,
            query_now=asked.as_query(),
            plans=plan_cards(context, 10),
            open_plans=open_plans(context),
            sandbox=context.settings.on_loopback,
            jobs=jobs_view(context),
        )


def _comparing(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context, see = dashboard.context, Depends(dashboard.require_role(Role.SEE))

    @routes.get("/plan/{prefix}/changes")
    def differences(request: Request, prefix: str, since: str = "", person: User = see) -> Response:
        """How it differs from an earlier plan, by default the one before."""
        plan = find_plan(context, prefix)
        dashboard.check_published(person, plan.hash)
        before = since or plan_page(context, plan).previous
        if not before:
            raise UsageError("there is no plan before this one", cure="open the plan itself")
        earlier = find_plan(context, before)
        dashboard.check_published(person, earlier.hash)
        found = changes(context, earlier, plan)
        return templates.page(request, "changes.html.j2", person, view=found, plan=plan)

    @routes.get("/plan/{prefix}/items.csv")
    def download(prefix: str, asked: Annotated[ListQuery, Query()], person: User = see) -> Response:
        """The items that the filter shows as CSV, with the exact text."""
        plan = find_plan(context, prefix)
        dashboard.check_published(person, plan.hash)
        headers = {"content-disposition": f'attachment; filename="plan-{plan.hash[:12]}.csv"'}
        filtered = wanted(plan, **asked.filters(context, plan))
        rows = csv_lines(filtered_items(context, plan, filtered))
        return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _steering(routes: APIRouter, dashboard: Dashboard) -> None:
    steer = Depends(dashboard.require_role(Role.STEER))

    @routes.post("/plan/{plan_hash}/approve")
    def approve(
        plan_hash: str,
        typed: Annotated[str, Form(max_length=200)] = "",
        comment: Annotated[str, Form(max_length=1000)] = "",
        person: User = steer,
    ) -> Response:
        """Approve it, by its whole hash."""
        if len(plan_hash) != 64:
            raise UsageError(
                "a plan is approved by its whole hash", cure="open the plan and approve it there"
            )
        approving = dashboard.audited.approve(
            person.principal, plan_hash, typed=typed, comment=comment
        )
        plan = asyncio.run(approving)
        return RedirectResponse(f"/plan/{plan.hash[:16]}#approval", status_code=303)

    @routes.post("/plan/{plan_hash}/start")
    def start(
        plan_hash: str,
        fast: Annotated[str, Form()] = "",
        first_wave: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
        person: User = steer,
    ) -> Response:
        """Have it done: the canary, then the wave that was chosen, then the others."""
        run = dashboard.audited.start(
            person.principal, plan_hash, fast=bool(fast), first_wave=first_wave
        )
        return RedirectResponse(f"/runs/{run.id}", status_code=303)


def _discarding(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context, steer = dashboard.context, Depends(dashboard.require_role(Role.STEER))

    @routes.get("/plan/{plan_hash}/discard")
    def ask(request: Request, plan_hash: str, person: User = steer) -> Response:
        """Ask once more, for browsers without scripts."""
        plan = find_plan(context, plan_hash)
        return templates.page(
            request, "confirm.html.j2", person, act="discard", subject=plan.hash, plan=plan
        )

    @routes.post("/plan/{plan_hash}/discard")
    def discard(plan_hash: str, person: User = steer) -> Response:
        """Remove a plan that was never begun, by its whole hash."""
        if len(plan_hash) != 64:
            raise UsageError(
                "a plan is discarded by its whole hash", cure="open the plan and discard it there"
            )
        dashboard.audited.discard(person.principal, plan_hash)
        return RedirectResponse("/runs#open-plans", status_code=303)
