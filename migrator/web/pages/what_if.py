"""What if the rules were others: terms and bars by slider, with the answer beside them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from migrator.errors import UsageError
from migrator.services.roles import Role
from migrator.views.charts import probability_columns, silence_columns
from migrator.views.what_if import Dials, rules_patch, what_if_page
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's route."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/what-if")
    def show(request: Request, asked: Annotated[Dials, Query()], person: User = see) -> Response:
        """Dials, and what would change with them."""
        view = what_if_page(dashboard.context, asked, person.login)
        if dashboard.tour is not None and view.answer is not None:
            dashboard.tour.turned()
        turned = {dial.name: dial.value for dial in view.dials}
        return templates.page(
            request,
            "what_if.html.j2",
            person,
            view=view,
            turned=turned,
            query_now=asked.model_dump(exclude_none=True),
            silence=silence_columns(view.silence, turned["stale_after"]),
            probability=probability_columns(
                view.probability, turned["not_ours_at"], turned["ours_at"]
            ),
        )

    @routes.get("/what-if/patch")
    def download(asked: Annotated[Dials, Query()], person: User = see) -> Response:
        """What changes the migration file as the dials stand."""
        del person
        patch = rules_patch(dashboard.context, asked)
        if patch is None:
            raise UsageError(
                "there is no patch for these dials",
                cure="turn a dial, or write the lines that the page shows into the migration file",
            )
        headers = {"content-disposition": f'attachment; filename="{patch.name}"'}
        return Response(patch.text, media_type="text/plain; charset=utf-8", headers=headers)

    return routes
