"""The first page: the migration at a glance."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from migrator.operations.burn_chart import burn_chart
from migrator.operations.charts import mail_columns, silence_columns
from migrator.operations.overview import overview
from migrator.operations.rights import Role
from migrator.web.desk import Desk, Person
from migrator.web.templating import Templates


def router(desk: Desk, templates: Templates) -> APIRouter:
    """The page's route."""
    routes = APIRouter(include_in_schema=False)
    see = Depends(desk.seated(Role.SEE))

    @routes.get("/")
    def show(request: Request, person: Person = see) -> Response:
        """What was planned, how far it is, what it costs, how right it was, and what needs a person now."""
        found = overview(desk.context)
        stale_days = desk.context.migration.file.activity.stale_after.days
        return templates.page(
            request,
            "overview.html.j2",
            person,
            view=found,
            budget=desk.context.migration.file.budget,
            daily=desk.context.migration.file.sending.notices_per_person_per_day,
            outlook=found.outlook,
            stale_days=stale_days,
            burn=burn_chart(found.burn_down) if found.burn_down else None,
            silence=silence_columns(found.facts.silence, stale_days) if found.facts else None,
            mails=mail_columns(found.facts.mails) if found.facts else None,
        )

    return routes
