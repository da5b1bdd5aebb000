"""What if the rules were others: terms and bars by slider, with the answer beside them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from migrator.operations.charts import probability_columns, silence_columns
from migrator.operations.rights import Role
from migrator.operations.what_if_page import Dials, what_if_page
from migrator.web.desk import Desk, Person
from migrator.web.templating import Templates


def router(desk: Desk, templates: Templates) -> APIRouter:
    """The page's route."""
    routes = APIRouter(include_in_schema=False)
    see = Depends(desk.seated(Role.SEE))

    @routes.get("/what-if")
    def show(request: Request, asked: Annotated[Dials, Query()], person: Person = see) -> Response:
        """Dials, and what would change with them."""
        view = what_if_page(desk.context, asked)
        turned = {dial.name: dial.value for dial in view.dials}
        return templates.page(
            request,
            "what_if.html.j2",
            person,
            view=view,
            turned=turned,
            silence=silence_columns(view.silence, turned["stale_after"]),
            probability=probability_columns(view.probability, turned["not_ours_at"], turned["ours_at"]),
        )

    return routes
