"""Jobs: scan again, classify, plan again. The page only asks for them; a worker does them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from migrator.services.roles import Role
from migrator.store.jobs import JobKind, JobOptions
from migrator.views.jobs import job_view, jobs_view
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    context, audited = dashboard.context, dashboard.audited
    see, steer = (
        Depends(dashboard.require_role(Role.SEE)),
        Depends(dashboard.require_role(Role.STEER)),
    )

    @routes.get("/jobs")
    def show_all(request: Request, person: User = see) -> Response:
        """What can be asked for, what is at work, and how the latest jobs ended."""
        return templates.page(request, "jobs.html.j2", person, jobs=jobs_view(context))

    @routes.get("/jobs/{job_id}")
    def show(request: Request, job_id: str, person: User = see) -> Response:
        """One job: how far it is, and what it came to."""
        return templates.page(
            request,
            "job.html.j2",
            person,
            view=job_view(context, job_id),
            deeds=audited.newest(subject=job_id),
        )

    @routes.post("/jobs")
    def ask(
        kind: Annotated[Literal["scan", "classify", "plan", "refresh"], Form()],
        full: Annotated[str, Form(max_length=1)] = "",
        commands_served: Annotated[str, Form(max_length=1)] = "",
        person: User = steer,
    ) -> Response:
        """Ask for one. Pressed twice, it is the same job."""
        options = JobOptions(full=bool(full), commands_served=bool(commands_served))
        job = audited.request_job(person.principal, JobKind(kind), options)
        return RedirectResponse(f"/jobs/{job.id}", status_code=303)

    @routes.post("/jobs/{job_id}/cancel")
    def cancel(job_id: str, person: User = steer) -> Response:
        """End one that waits or is at work. Another one can be asked for at any time."""
        audited.cancel_job(person.principal, job_id)
        return RedirectResponse(f"/jobs/{job_id}", status_code=303)

    return routes
