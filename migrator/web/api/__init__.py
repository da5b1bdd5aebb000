"""The HTTP API: what the pages show and do, as JSON under ``/api/``, described by OpenAPI."""

from __future__ import annotations

from fastapi import FastAPI

from migrator.web.api import actions, audit, queries
from migrator.web.api.openapi import RecordRoutes, describe
from migrator.web.auth.dependencies import Dashboard

SAYS = """\
Everything that the dashboard shows and does, as JSON.

**How to come in.** Log in with a browser; the session cookie is the key. `GET /api/me` says who you are, what you may do,
and the token that every write needs in the `X-Form-Token` header.

**How things are named.** A plan by its hash, a run by its id, an item by `owner/name/number`. A plan never changes, so what
you read of it stays true.

**The way of a change.** `POST /api/plans/{hash}/approve`, then `.../start`, then watch `GET /api/runs/{id}`. An undo is
a plan, too: `POST /api/undo/...` makes it, and it is approved and started like any other.

**What is left out** of a document has its default value (empty, zero, false or null). Times are in UTC.
"""
TAGS = [
    {"name": "look", "description": "Views. Anyone who can read the repositories may look."},
    {
        "name": "act",
        "description": "Actions. Reviewing needs triage rights, all others maintain rights, on every repository.",
    },
]


def api_routes(dashboard: Dashboard) -> RecordRoutes:
    """Every route of the API."""
    routes = RecordRoutes(dashboard)
    for add in (queries.add, audit.add, actions.add):
        add(routes)
    return routes


def add_api(app: FastAPI, dashboard: Dashboard) -> None:
    """Add the API to an application, and its description at ``/api/openapi.json``."""
    routes = api_routes(dashboard)
    app.include_router(routes.router)
    describe(app, routes.kinds, title="Migrator", says=SAYS, tags=TAGS)
