"""The work beside the web: whether it still goes on can be seen from outside."""

from __future__ import annotations

from pathlib import Path

import httpx

from migrator.services.worker import Worker
from migrator.store.deliveries import Arrived
from migrator.web.health import probed, router
from migrator.web.metrics import Metrics
from migrator.web.sockets import address_of, listen
from tests.support.listener import house


class Unforeseen(Exception):
    """An error of a kind that nothing is prepared for."""


def test_work_that_an_unforeseen_error_ended_is_not_called_alive(tmp_path: Path) -> None:
    """`/healthz` answers 503 from then on, so that whoever watches starts it anew; it can still
    be stopped in order."""

    def breaks(_outcome: str, _lag: float) -> None:
        raise Unforeseen

    with house(tmp_path) as home:
        worker = Worker(home.context, ended=breaks)
        routes = router(Metrics(), tuple, alive=lambda: worker.alive)
        worker.start()
        with listen("127.0.0.1", 0) as listening, probed(routes, listening):
            health = f"{address_of(listening)}/healthz"
            assert httpx.get(health).status_code == 200
            now = home.context.clock()
            home.deliveries.accept(
                [Arrived(id="1", event="ping", action="", received_at=now, payload=b"{}")]
            )
            home.until(lambda: not worker.alive)
            assert httpx.get(health).status_code == 503
        worker.stop()
