"""Every page's view as JSON: the migration, its plans, items, runs and the review queue."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.services.roles import Role
from migrator.views.item import ItemView, item_view
from migrator.views.jobs import JobsView, JobView, job_view, jobs_view
from migrator.views.overview import Overview, PlanCard, overview
from migrator.views.plan import (
    Changes,
    PlanList,
    PlanPage,
    changes,
    find_plan,
    plan_cards,
    plan_list,
    plan_page,
    wanted,
)
from migrator.views.review import Next, next_item
from migrator.views.run import RunView, RunWaves, run_view, run_views, run_waves
from migrator.views.what_if import Dials, WhatIfPage, what_if_page
from migrator.web.api.openapi import RecordRoutes
from migrator.web.auth.dependencies import HEADER_TOKEN, User
from migrator.web.filters import ListQuery, Number


class Me(Frozen, frozen=True, kw_only=True):
    """Who is signed in, and what they may do: 1 look, 2 review, 3 steer. Writes need ``token``
    in the header ``token_header``."""

    login: str
    door: str
    role: int
    role_in_words: str
    token: str
    token_header: str = HEADER_TOKEN


Prefix = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{8,64}$",
        description="The plan's hash, or the first eight digits of it or more.",
    ),
]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Part of `owner/name`.")]
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The run's id.")]
JobId = Annotated[str, Path(pattern=r"^job-[0-9a-z]{1,40}$", description="The job's id.")]
WavePage = Annotated[
    int,
    Query(ge=0, le=1_000_000, description="Page from 1, of 12 waves; 0 has the wave at work."),
]
After = Annotated[
    str,
    Query(max_length=200, description="Key of the item looked at last, `owner/name#number`."),
]


def add(routes: RecordRoutes) -> None:
    """Add the routes that show what the pages show."""
    _add_migration(routes)
    _add_plans(routes)
    _add_runs(routes)


def _add_migration(routes: RecordRoutes) -> None:
    dashboard, context = routes.dashboard, routes.dashboard.context

    @routes.get("/me")
    def me(user: User) -> Me:
        """Who is signed in, what they may do, and the token that writes need."""
        role = user.role
        return Me(
            login=user.login,
            door=user.auth_method,
            role=int(role),
            role_in_words=role.word,
            token=user.token,
        )

    @routes.get("/overview")
    def at_a_glance(user: User) -> Overview:
        """What was planned, how far it is, what it costs, how right it was, and what needs a
        maintainer now."""
        found = overview(context)
        if user.role >= dashboard.private:
            return found
        published = found.newer if found.newer and found.newer.approval else None
        return replace(found, deeds=(), newer=published)

    @routes.get("/items/{owner}/{name}/{number}", missing=True)
    def item(owner: Name, name: Name, number: Number) -> ItemView:
        """One item: both verdicts with every signal's value and bar, its timeline, the ledger,
        answers, landings."""
        return item_view(context, f"{owner}/{name}", number)

    @routes.get("/what-if")
    def other_rules(asked: Annotated[Dials, Query()], user: User) -> WhatIfPage:
        """What other terms and bars would change, from what the last scan stored. Nothing is
        kept. One question at a time: the next one ends the one before (409)."""
        return what_if_page(context, asked, user.login)


def _add_plans(routes: RecordRoutes) -> None:
    dashboard, context = routes.dashboard, routes.dashboard.context

    @routes.get("/plans")
    def plans(user: User) -> list[PlanCard]:
        """The latest twenty plans. A plan is named by its hash and never changes."""
        return [
            card
            for card in plan_cards(context)
            if user.role >= dashboard.private or context.store.plans.approval(card.hash)
        ]

    @routes.get("/plans/{prefix}", missing=True)
    def plan(prefix: Prefix, user: User) -> PlanPage:
        """A plan with its waves, the reasons it gives, and how its run stands."""
        found = find_plan(context, prefix)
        dashboard.check_published(user, found.hash)
        return plan_page(context, found)

    @routes.get("/plans/{prefix}/items", missing=True)
    def items(prefix: Prefix, asked: Annotated[ListQuery, Query()], user: User) -> PlanList:
        """A page of a plan's items, filtered and sorted as on the plan's page."""
        found = find_plan(context, prefix)
        dashboard.check_published(user, found.hash)
        filtered = wanted(found, **asked.filters(context, found))
        return plan_list(context, found, filtered, page=asked.page)

    @routes.get("/plans/{prefix}/changes/{since}", missing=True)
    def differences(prefix: Prefix, since: Prefix, user: User) -> Changes:
        """How a plan differs from an earlier one (``since``)."""
        before, after = find_plan(context, since), find_plan(context, prefix)
        for plan in (before, after):
            dashboard.check_published(user, plan.hash)
        return changes(context, before, after)


def _add_runs(routes: RecordRoutes) -> None:
    context = routes.dashboard.context

    @routes.get("/runs")
    def runs() -> list[RunView]:
        """The latest twenty runs with their progress."""
        return run_views(context)

    @routes.get("/runs/{run_id}", missing=True)
    def run(run_id: RunId) -> RunView:
        """One run: how far, how fast, how long still, and why it stopped if it did."""
        return run_view(context, run_id)

    @routes.get("/runs/{run_id}/waves", missing=True)
    def waves(run_id: RunId, page: WavePage = 0) -> RunWaves:
        """The waves of a run, twelve at a time, each with where its items stand now."""
        return run_waves(context, run_id, page=page)

    @routes.get("/jobs")
    def jobs() -> JobsView:
        """The latest twenty scans, classifications and plans that somebody asked for here."""
        return jobs_view(context)

    @routes.get("/jobs/{job_id}", missing=True)
    def job(job_id: JobId) -> JobView:
        """One job: how far it is, what it came to, or why it failed and what to do."""
        return job_view(context, job_id)

    @routes.get("/review", role=Role.REVIEW)
    def next_review(user: User, after: After = "") -> Next:
        """The next item that waits for a maintainer, held for you for five minutes, with its
        evidence and the answers so far."""
        return next_item(context, user.login, after=after)
