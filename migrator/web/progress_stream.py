"""Live progress by server-sent events
(https://html.spec.whatwg.org/multipage/server-sent-events.html).

An event says only *that* something changed; the page then fetches itself anew. So nothing is
rendered twice, and what is seen live is what is seen after a reload.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from migrator.services.roles import Role
from migrator.store.database import OUTAGES
from migrator.views.run import change_stamp
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User

EVERY: Final = 1.0
"""Seconds between two looks at the database, for all listeners together."""
LONGEST: Final = 300
"""Looks after which a stream ends; the browser opens the next one by itself, with its session
checked anew."""


class ProgressWatch:
    """Looks for changes once a second while somebody listens, however many do."""

    def __init__(self, dashboard: Dashboard) -> None:
        self._desk = dashboard
        self._stamp = ""
        self._looked = 0.0
        self._lock = asyncio.Lock()

    async def stamp(self) -> str:
        """The present stamp, at most a second old."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._looked >= EVERY:
                with suppress(
                    *OUTAGES
                ):  # while the database is away nothing changes that could be shown
                    self._stamp = await asyncio.to_thread(change_stamp, self._desk.context)
                self._looked = now
            return self._stamp


def router(dashboard: Dashboard) -> APIRouter:
    """The route of the stream."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    watch = ProgressWatch(dashboard)
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/live")
    async def live(request: Request, person: User = see) -> StreamingResponse:
        """An event whenever a run or a job has come further."""
        del person
        return StreamingResponse(_events(dashboard, watch, request), media_type="text/event-stream")

    return routes


async def _events(
    dashboard: Dashboard, watch: ProgressWatch, request: Request
) -> AsyncIterator[str]:
    told = await watch.stamp()
    yield "retry: 2000\nevent: ready\ndata: {}\n\n"
    for _ in range(LONGEST):
        await asyncio.sleep(EVERY)
        if dashboard.stopping() or await request.is_disconnected():
            return
        stamp = await watch.stamp()
        if stamp != told:
            told = stamp
            yield "event: changed\ndata: {}\n\n"
        else:
            yield ": nothing new\n\n"
