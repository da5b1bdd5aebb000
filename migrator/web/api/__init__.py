"""The programming interface: the pages' views and acts as JSON under ``/api/``, with a
description that teaches."""

from __future__ import annotations

from fastapi import FastAPI

from migrator.domain.decisions import ReviewAnswer
from migrator.web.api import actions, audit, plans, queries
from migrator.web.api.openapi import describe
from migrator.web.auth.dependencies import Dashboard

SAYS = """\
Everything that the dashboard shows and does, for programs.

**How to come in.** Log in with a browser; the session cookie is the key. `GET /api/me` says who you are, what you may do,
and the token that every write needs in the `X-Form-Token` header.

**How things are named.** A plan by its hash, a run by its id, an item by `owner/name/number`. A plan never changes, so what
you read of it stays true.

**The way of a change.** `POST /api/plans/{hash}/approve`, then `.../start`, then watch `GET /api/runs/{id}`. Taking back is
a plan, too: `POST /api/undo/...` makes it, and it is approved and started like any other.

**What is left out** of a document has its default value (empty, zero, false or null). Times are in UTC.
"""
TAGS = [
    {"name": "look", "description": "Views. Anybody who can read the repositories may look."},
    {
        "name": "act",
        "description": "Acts. Reviewing needs triage, steering maintain rights, on every repository.",
    },
]

ROUTERS = (queries.router, plans.router, audit.router, actions.router)


def add_api(app: FastAPI, dashboard: Dashboard) -> None:
    """Add the programming interface and its description at ``/api/openapi.json``."""
    for router in ROUTERS:
        app.include_router(router(dashboard))
    describe(
        app,
        (*queries.KINDS, *plans.KINDS, *audit.KINDS, ReviewAnswer),
        title="Migrator",
        says=SAYS,
        tags=TAGS,
    )
