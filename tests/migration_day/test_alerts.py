"""Every alert of `deploy/monitoring/alerts.yaml` fires on the numbers of a live service when its trouble
is on, not before, and ends when the trouble is over.

The rules are those that ship, with shorter times (:mod:`.watch`). promtool tests them with their own
times (`tests/deploy/test_monitoring.py`).

========================== ============================================== =============================
alert                      trouble                                        ends with
========================== ============================================== =============================
MigratorWorkerSilent       both workers are killed                        a new one, after 20 silences
MigratorNoWorker           the same                                       the new one
MigratorListenerDown       the same                                       the new one
MigratorRunStuck           the same, in the middle of a run               the new one
MigratorDeliveriesLate     the same, and someone comments                 the new one
MigratorSweepLate          the same                                       the new one
MigratorDown               the same; the web process is killed            a new process
MigratorGitHubSlow         each answer takes three seconds                by itself
MigratorGitHubFails        GitHub answers 502                             by itself
MigratorPointsLow          most of the hour's points are spent            GitHub fills them up
MigratorOutcomeInDoubt     the reply to a notice is lost, and so are all  `migrator resume`, or a day later
                           look-ups of it
MigratorRunStopped         the token expires; in the other day also the   `migrator resume`
                           clock, reopens, a lost role, archiving
MigratorListenerHeld       the token expires, and someone comments        by itself
MigratorDatabaseUnavailable PostgreSQL stops                              its start
MigratorItemsSetAside      GitHub does not show an item's labels          `migrator scan`
========================== ============================================== =============================
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migrator.rehearsal.sandbox import ACCOUNT
from tests.deploy.test_monitoring import ALERTS
from tests.migration_day.day import Day, Process, migration_day
from tests.migration_day.watch import Watch, watching
from tests.support.nginx import free_port
from tests.support.prometheus import needs_prometheus

pytestmark = [pytest.mark.slow, needs_prometheus]

WITHOUT_A_WORKER = (
    "MigratorDown",
    "MigratorNoWorker",
    "MigratorWorkerSilent",
    "MigratorListenerDown",
    "MigratorRunStuck",
    "MigratorDeliveriesLate",
    "MigratorSweepLate",
)
NO_ANSWER = {"status": 502, "body": "", "by": [ACCOUNT]}


@dataclass
class Service:
    """A web process and two workers that always have the same ports, under watch."""

    day: Day
    ports: tuple[int, int, int]
    watch: Watch
    web: Process
    workers: list[Process]

    def work(self) -> None:
        """Start the two workers."""
        self.workers = [self.day.worker(port) for port in self.ports[1:]]

    def rules(self, *given: dict[str, Any]) -> None:
        """How GitHub answers from now on."""
        self.day.desk.control("rules", list(given))


@contextmanager
def service(day: Day, folder: Path) -> Iterator[Service]:
    """The processes, once they are well."""
    ports = (free_port(), free_port(), free_port())
    with watching(folder, *(f"127.0.0.1:{port}" for port in ports)) as watch:
        web, address = day.web(ports[0])
        day.deliver_to(address)
        built = Service(day, ports, watch, web, [])
        built.work()
        watch.until(
            "sum(up) == 3 and max(migrator_listener_up) == 1 and min(migrator_workers) == 2"
        )
        watch.until("max(migrator_sweep_gap_seconds) < 10")
        watch.ends(*ALERTS)
        yield built
        day.stop()


@pytest.mark.timeout(900)
def test_every_alert_fires_when_its_trouble_is_on_and_not_before(tmp_path: Path) -> None:
    """Trouble after trouble in one migration."""
    with (
        migration_day(tmp_path, items=300, latency=80) as day,
        service(day, tmp_path) as running,
    ):
        plan = day.desk.run("plan", "--json").json["hash"]
        day.desk.run("approve", plan)
        day.wait_for_writes(3)
        seen = {
            *no_worker(running),
            *a_lost_reply(running),
            *an_expired_token(running),
            *a_slow_github(running),
            *a_failing_github(running),
            *few_points(running),
            *a_killed_web(running),
            *no_database(running),
            *an_item_that_is_not_shown(running),
        }
        assert seen == ALERTS.keys()
        day.until_rest()
        running.watch.ends(
            *ALERTS.keys() - {"MigratorSweepLate"}
        )  # each sweep is later than that here


def no_worker(running: Service) -> tuple[str, ...]:
    """Both are killed, and someone comments. New ones go on."""
    with running.watch.fires(*WITHOUT_A_WORKER):
        for worker in running.workers:
            worker.kill()
        running.day.someone_comments()
    running.work()
    running.watch.ends(*(alert for alert in WITHOUT_A_WORKER if alert != "MigratorWorkerSilent"))
    return WITHOUT_A_WORKER


def a_slow_github(running: Service) -> tuple[str, ...]:
    """Every answer comes late."""
    with running.watch.fires("MigratorGitHubSlow"):
        running.day.desk.control("faults", {"rates": {"slow": 1.0}, "slow": 3.0})
        running.day.someone_comments()
    running.day.desk.control("faults", {})
    running.watch.ends("MigratorGitHubSlow")
    return ("MigratorGitHubSlow",)


def a_failing_github(running: Service) -> tuple[str, ...]:
    """No query is answered."""
    with running.watch.fires("MigratorGitHubFails"):
        running.rules({"operation": "*", "done": False, **NO_ANSWER})
        running.day.someone_comments()
    running.rules()
    running.watch.ends("MigratorGitHubFails")
    return ("MigratorGitHubFails",)


def few_points(running: Service) -> tuple[str, ...]:
    """Another program spends the account's points."""
    with running.watch.fires("MigratorPointsLow"):
        running.day.desk.control("limits", {"primary_hour": 150})
        running.day.someone_comments()
    running.day.desk.control("limits", {"primary_hour": 5000})
    running.day.someone_comments()
    running.watch.ends("MigratorPointsLow")
    return ("MigratorPointsLow",)


def a_lost_reply(running: Service) -> tuple[str, ...]:
    """Of one notice, and nobody shows whether it stands."""
    with running.watch.fires("MigratorOutcomeInDoubt"):
        running.rules(
            {"operation": "AddComment", "nth": [1], **NO_ANSWER},
            {"operation": "Comments", "done": False, **NO_ANSWER},
        )
    running.rules()
    return ("MigratorOutcomeInDoubt",)


def an_expired_token(running: Service) -> tuple[str, ...]:
    """The run stops, and the listener is held."""
    alerts = ("MigratorRunStopped", "MigratorListenerHeld")
    act = {"do": "expire_token", "login": ACCOUNT}
    with running.watch.fires(*alerts):
        running.day.desk.control("act", act)
        running.day.someone_comments()
    running.day.desk.control("act", {**act, "on": False})
    running.day.desk.run("resume", running.day.until_stopped().id)
    running.watch.ends("MigratorRunStopped")
    return alerts


def a_killed_web(running: Service) -> tuple[str, ...]:
    """It is started again."""
    with running.watch.fires("MigratorDown"):
        running.web.kill()
    running.web, _ = running.day.web(running.ports[0])
    running.watch.ends("MigratorDown")
    return ("MigratorDown",)


def no_database(running: Service) -> tuple[str, ...]:
    """It is started again."""
    with running.watch.fires("MigratorDatabaseUnavailable"):
        running.day.database("stop")
    running.day.database("start")
    running.watch.ends("MigratorDatabaseUnavailable")
    return ("MigratorDatabaseUnavailable",)


def an_item_that_is_not_shown(running: Service) -> tuple[str, ...]:
    """Until a later scan."""
    hidden = next(iter(running.day.notices()))
    with running.watch.fires("MigratorItemsSetAside"):
        running.rules({"use": "labels_null", "items": [hidden]})
        running.day.desk.run("scan", "--full", code=8)
    running.rules()
    running.day.desk.run("scan")
    running.watch.ends("MigratorItemsSetAside")
    return ("MigratorItemsSetAside",)
