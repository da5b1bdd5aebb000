"""What-if on pages is answered by another process, one question at a time for each person."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from migrator.config.migration_file import load, parse
from migrator.execution.compute_pool import Task, asking_pool
from migrator.services import runs
from migrator.services.what_if import has_unpaced_run, what_if
from migrator.store.plans import Approval
from migrator.store.runs import RunOptions
from tests.support.dashboard import Hall, hall, planned


@pytest.fixture
def busy() -> Iterator[Task[None]]:
    """The pool has something else to do for a while, so that questions wait in it."""
    asking_pool().submit(60, os.getpid).result()
    task = asking_pool().submit(600, time.sleep, 600.0)
    while not task.future.running():
        threading.Event().wait(0.01)
    yield task
    asking_pool().close()


def test_the_page_says_what_the_command_says(seen: Hall) -> None:
    """The same numbers, whichever process worked them out."""
    here = what_if(seen.context, ("activity.stale_after=33d",), told_too=True)
    there = seen.client("rita").get("/api/what-if?stale_after=33").json()["answer"]
    assert there["changes"] == here.changes
    assert there["notices"] == here.notices
    assert [each["key"] for each in there["changed"]] == [each.key for each in here.changed]
    assert asking_pool().started


def test_a_question_rests_only_beside_a_run_without_a_pace_that_is_at_work(tmp_path: Path) -> None:
    """With rests it has the same answer."""
    with hall(tmp_path, items=25, applies=False) as made:
        context, settings = made.context, ("activity.stale_after=33d",)
        assert what_if(context, settings, rests=0.1) == what_if(context, settings)
        assert not has_unpaced_run(context)
        for paced in (True, False):
            approved = planned(context, later=timedelta(seconds=1 + paced))
            now = context.clock()
            approval = Approval(approved_by="ada", how="test", approved_at=now)
            context.store.plans.approve(approved.hash, approval)
            run = runs.start(context, approved.hash, options=RunOptions(paced=paced))
            assert has_unpaced_run(context) is not paced
            runs.pause(context, run.id, by="ada")
            assert not has_unpaced_run(context)
            runs.cancel(context, run.id, by="ada")


def test_the_next_question_of_a_person_ends_the_one_before(seen: Hall, busy: Task[None]) -> None:
    """As when a slider moves on; other people's questions are answered, and so is the last one."""
    asked = [("rita", 41), ("mia", 42), ("rita", 43)]
    with ThreadPoolExecutor(3) as threads:
        replies: list[Future[int]] = []
        for login, days in asked:
            client = seen.client(login)
            path = f"/what-if?stale_after={days}"
            replies.append(threads.submit(lambda c=client, p=path: c.get(p).status_code))  # type: ignore[misc]
            waiting = len(replies) + 1
            while asking_pool().waiting < waiting - (days == 43):
                threading.Event().wait(0.01)
        assert replies[0].result() == 409
        assert not replies[1].done()
        busy.kill()
        assert [reply.result() for reply in replies] == [409, 200, 200]


def test_a_page_answers_while_a_question_is_worked_on(seen: Hall, busy: Task[None]) -> None:
    """No page waits for another one's answer."""
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(seen.client("rita").get, "/what-if?stale_after=51")
        while asking_pool().waiting < 2:
            threading.Event().wait(0.01)
        assert seen.client("mia").get("/plan").status_code in (200, 303, 307)
        assert not asked.done()
        busy.kill()
        assert asked.result().status_code == 200


def test_a_value_that_does_not_fit_the_others_is_found_by_the_pool(
    seen: Hall, busy: Task[None]
) -> None:
    """The rules are read and checked there, not beside a run; the page says what is wrong."""
    with ThreadPoolExecutor(1) as threads:
        path = "/what-if?ours_at=0.5&not_ours_at=0.5"
        asked = threads.submit(seen.client("rita").get, path)
        while asking_pool().waiting < 2:
            assert not asked.done()
            threading.Event().wait(0.01)
        busy.kill()
        reply = asked.result()
    assert reply.status_code == 422
    assert "not_ours_at" in reply.text


def test_the_same_question_is_worked_out_once(seen: Hall) -> None:
    """On the same data; whoever asks."""
    first = seen.client("rita").get("/what-if?stale_after=61").text
    asking_pool().close()
    assert "61" in first
    assert seen.client("rita").get("/what-if?stale_after=61").status_code == 200
    assert not asking_pool().started


def test_the_rules_of_the_dials_can_be_downloaded(seen: Hall) -> None:
    """Of a preset as a whole file, which says exactly what was asked; nothing changes by itself."""
    client, before = seen.client("rita"), seen.context.migration.digest
    page = client.get("/what-if?stale_after=40&votes=7").text
    assert "/what-if/patch?stale_after=40&amp;votes=7" in page
    assert "migrator check --migration keras.toml" in page
    reply = client.get("/what-if/patch?stale_after=40&votes=7")
    assert 'filename="keras.toml"' in reply.headers["content-disposition"]
    rules = parse(reply.text)
    assert (rules.activity.stale_after.days, rules.activity.protect.votes) == (40, 7)
    assert seen.context.migration.digest == before
    assert client.get("/what-if/patch").status_code == 404
    assert "/what-if/patch" not in client.get("/what-if").text


def test_a_file_of_ones_own_gets_a_patch(tmp_path: Path) -> None:
    """With the command that applies it."""
    rules = tmp_path / "moved.toml"
    rules.write_text(load("keras").text)
    with hall(tmp_path, items=15, applies=False, migration=str(rules)) as made:
        client = made.client("rita")
        assert f"patch {rules} what-if.patch" in client.get("/what-if?stale_after=40").text
        reply = client.get("/what-if/patch?stale_after=40")
        assert 'filename="what-if.patch"' in reply.headers["content-disposition"]
        changed = [line for line in reply.text.splitlines() if line[:1] in "+-"][2:]
        assert [line[0] for line in changed] in (["-", "+"], ["+"])
        assert 'stale_after = "40d"' in changed[-1]
