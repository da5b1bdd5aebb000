"""Stale issues whose people are asked first: each answers in another way, and what nobody answers is
closed when its grace is over."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
from collections.abc import Iterator
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import asdict, replace

from migrator import bootstrap
from migrator.domain.planning.plan import PlanKind
from migrator.domain.protocol.ledger import EntryKind
from migrator.domain.webhooks.triggers import Trigger
from migrator.execution import gates
from migrator.execution.own_account import bot_identity
from migrator.execution.run import run_step
from migrator.execution.verify import verify
from migrator.listener.item_handler import ItemHandler
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.classify import classify
from migrator.services.follow import follow_once
from migrator.services.plan import make_plan
from migrator.services.undo import make_undo_plan
from migrator.store.plans import StoredPlan
from migrator.views.outcomes import run_outcomes
from migrator.views.report import report_page
from migrator.web.build import open_dashboard
from tests.support.dashboard import ADDRESS, Hall
from tests.support.html import Page
from tests.support.killing_proxy import When
from tests.support.listener import RULES, House, house, listening, loaded, settings_in
from tests.support.runner import CHILDREN
from tests.support.sandbox_server import SOURCE

GRACE = 14
ASKING = f"""{RULES}
[decisions.stale]
act = "ask"

[decisions.retire]
grace_days = {GRACE}

[sending]
notices_per_person_per_day = 0
"""


def stale(number: int) -> dict[str, Any]:
    """An issue of amy's that was answered, and that nobody has touched for years."""
    return {
        "record": "item",
        "repository": SOURCE,
        "number": number,
        "title": "The widget breaks",
        "body": "The widget breaks when the widget is turned.",
        "author": "amy",
        "created_at": "2020-01-01T10:00:00Z",
        "labels": ["comp:widget"],
        "comments": [
            {
                "author": "tria",
                "body": "Could you please share a small program that shows it?",
                "created_at": "2020-01-03T00:00:00Z",
            }
        ],
    }


ITEMS = [stale(number) for number in range(1, 8)]


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[House]:
    """Seven stale issues were asked about, and nobody listens."""
    with house(tmp_path, ASKING, items=ITEMS) as built:
        ask(built)
        yield built


@pytest.fixture
def asked(quiet: House) -> Iterator[House]:
    """The listener runs."""
    with listening(quiet):
        yield quiet


def planned(home: House) -> StoredPlan:
    """Classified and planned, now."""
    now, own = home.context.clock(), bot_identity(home.context)
    classify(home.context, as_of=now, own=own, progress=lambda *_: None)
    return make_plan(
        home.context, as_of=now, own=own, commands_served=True, progress=lambda *_: None
    )


def apply(home: House, plan: StoredPlan) -> str:
    """Approve a plan, and apply it as far as it goes now; the run's id."""
    asyncio.run(approve(home.context, plan.hash, by="root", how="test"))
    run = runs.start(home.context, plan.hash, options=runs.options(paced=False))

    async def go() -> None:
        while not (result := await run_step(home.context, run.id)).ended:
            if result.sleep > 60:  # only graces are left
                return
            await asyncio.sleep(min(result.sleep, 0.1))

    asyncio.run(go())
    return run.id


def ask(home: House) -> str:
    """Plan, and post the questions."""
    plan = planned(home)
    assert plan.totals.decisions == {"ask": len(ITEMS)}
    run_id = apply(home, plan)
    home.pass_time(minutes=1)
    return run_id


def sweep(home: House) -> None:
    """What a scheduler does now and then."""
    asyncio.run(follow_once(home.context))


def outcomes(home: House) -> dict[int, tuple[str, str]]:
    """How each issue's entry ended, with its code."""
    return {
        each.entry.ref.number: (str(each.state.outcome), each.state.code)
        for each in home.context.store.ledger.stream()
        if each.entry.kind is EntryKind.NOTICE
    }


def faults(home: House) -> list[str]:
    """What is not as the ledger says."""
    found = asyncio.run(verify(home.context, run_id=None, progress=lambda _: None))
    return [f"{each.item_key}: {each.code}" for each in found.findings if each.fault]


def reason(home: House, number: int) -> str:
    """Why an issue is closed, as GitHub has it."""
    return str(home.github.item(number).get("state_reason") or "").casefold()


def labels(home: House, number: int) -> list[str]:
    """The labels of an issue."""
    return list(home.github.item(number)["labels"])


def counted(home: House) -> dict[str, int]:
    """The answers, by the read model that everything takes them from; only those that there are."""
    run = home.context.store.runs.newest(1, kinds=(PlanKind.MIGRATE,))[0]
    found = run_outcomes(home.context, run, home.context.store.plans.find(run.plan_hash))
    assert found.questions is not None
    return {name: count for name, count in asdict(found.questions).items() if count}


def client_of(home: House) -> TestClient:
    """The dashboard, as an administrator has it."""
    dashboard = open_dashboard(
        home.context, address=ADDRESS, enqueue=lambda _: None, tell=lambda _: None
    )
    return Hall(home.context, dashboard, home.github).client("root")


def shown(home: House) -> tuple[dict[str, int], dict[str, int], str]:
    """The answers as the run's page and the API have them, and the report's text."""
    client = client_of(home)
    run = next(each for each in client.get("/api/runs").json() if each["kind"] == "migrate")
    page = client.get(f"/runs/{run['id']}").text
    answers = re.findall(r'data-answer="(\w+)">(\d+)<', page)
    plan = home.context.store.plans.find(run["plan_hash"])
    report = Page(report_page(home.context, plan, made_at=home.context.clock())).text
    api = {name: count for name, count in run["questions"].items() if count and name != "asked"}
    return {name: int(count) for name, count in answers}, api, " ".join(report.split())


def test_each_answer_has_its_consequence_and_silence_closes(quiet: House) -> None:
    """One notice on each, whatever came of it; and the ledger agrees with GitHub."""
    home = quiet
    sweep(home)
    assert "`/done` closes this issue as completed" in home.comments(1)[0]
    assert "closed, but not before that day" in home.comments(1)[0]
    home.say(1, "It works now.\n\n/done")
    home.say(2, "/still-here")
    home.say(3, "I see it too.", by="bob")
    home.github.act("amy", "edit", 4, body="The widget breaks, also in 2.0.")
    home.github.act("amy", "close", 5)
    home.say(6, "/done", by="tria")
    sweep(home)
    assert [home.is_open(each) for each in range(1, 8)] == [False, *[True] * 3, False, False, True]
    assert [reason(home, each) for each in (1, 6)] == ["completed"] * 2
    so_far = {"done": 2, "still_here": 3, "closed_by_person": 1, "waiting": 1}
    assert counted(home) == {"asked": 7, **so_far}
    assert "closed as completed: amy answered on" in home.comments(1)[0]
    assert home.reactions(1) == home.reactions(2) == home.reactions(6) == ["THUMBS_UP"]
    home.pass_time(days=GRACE + 1)
    sweep(home)
    assert [home.is_open(each) for each in range(1, 8)] == [False, *[True] * 3, False, False, False]
    assert (reason(home, 7), labels(home, 7)) == ("not_planned", ["comp:widget", "migrated"])
    assert "asked whether it is still needed, and nobody answered" in home.comments(7)[0]
    assert all("stays open" in home.comments(each)[0] for each in (2, 3, 4))
    assert [len(home.comments(each)) for each in range(1, 8)] == [1] * 7
    assert outcomes(home) == {
        1: ("done", "resolved"),
        2: ("yielded", "command /still-here"),
        3: ("yielded", "person_spoke"),
        4: ("yielded", "person_spoke"),
        5: ("skipped", "closed_after_notice"),
        6: ("done", "resolved"),
        7: ("done", "ask"),
    }
    assert faults(home) == []
    answers = {"still_here": 3, "done": 2, "closed_by_person": 1, "unanswered": 1}
    assert counted(home) == {"asked": 7, **answers}
    page, api, report = shown(home)
    assert page == api == answers
    assert "Asked about 7 issues: is it still needed?" in report
    assert "closed without an answer: 1" in report


def test_a_plan_says_that_its_closes_depend_on_the_answers(tmp_path: Path) -> None:
    """Beside the button and in the report that is sent around."""
    with house(tmp_path, ASKING, items=ITEMS) as home:
        plan = planned(home)
        page = client_of(home).get(f"/plan/{plan.hash[:16]}").text
        assert "7 of them only if nobody answers" in Page(page).text
        report = Page(report_page(home.context, plan, made_at=home.context.clock())).text
        assert "7 of these only if nobody answers" in " ".join(report.split())


def test_what_was_answered_counts_as_active_again(quiet: House) -> None:
    """The next plan rewords the notice: it stays open, and nothing is asked."""
    quiet.say(2, "/still-here")
    sweep(quiet)
    plan = planned(quiet)
    item = quiet.context.store.plans.item(plan.hash, SOURCE, 2)
    assert item is not None
    assert (item.decision, item.closes, bool(item.edits)) == ("redirect", False, True)


def test_done_closes_at_once_and_can_be_taken_back(asked: House) -> None:
    """By its author, whoever listens by webhooks; and `/reopen` opens it again."""
    asked.say(1, "/done")
    asked.until(lambda: asked.reactions(1) == ["THUMBS_UP"])
    asked.settle()
    assert (asked.is_open(1), reason(asked, 1)) == (False, "completed")
    asked.pass_time(minutes=1)
    asked.say(1, "/reopen")
    asked.until(lambda: asked.is_open(1))
    asked.settle()
    assert "stays open" in asked.comments(1)[0]
    asked.pass_time(minutes=1)
    asked.say(1, "/done")
    asked.until(lambda: asked.reactions(1) == ["THUMBS_UP", "THUMBS_UP", "THUMBS_DOWN"])
    assert asked.is_open(1), "what was opened again after our close is not closed again"
    assert faults(asked) == []


def test_done_also_ends_what_was_kept_open(asked: House) -> None:
    """Somebody still needed it, and its author says later that it is done."""
    asked.say(1, "I see it too.", by="bob")
    asked.until(lambda: "stays open" in asked.comments(1)[0])
    asked.settle()
    asked.pass_time(days=1)
    asked.say(1, "/done")
    asked.until(lambda: not asked.is_open(1))
    asked.settle()
    assert outcomes(asked)[1] == ("done", "resolved")
    assert faults(asked) == []


def test_only_the_author_and_the_project_can_say_that_it_is_done(asked: House) -> None:
    """A stranger's word is a comment like any other: it keeps the issue open. Quotations, code and
    folded text say nothing at all."""
    asked.say(1, "/done", by="bob")
    asked.say(2, "> - `/done` closes this issue as completed\n\nWhat is that?")
    asked.say(3, "<details>\n\n/done\n\n</details>")
    asked.until(lambda: all("stays open" in asked.comments(each)[0] for each in (1, 2, 3)))
    asked.settle()
    assert [asked.is_open(each) for each in (1, 2, 3)] == [True] * 3
    assert asked.reactions(1) == ["THUMBS_DOWN"]
    assert asked.reactions(2) == asked.reactions(3) == []


def test_a_later_word_of_another_person_keeps_it_open(quiet: House) -> None:
    """Nobody listened for a while, and somebody wrote after the author's answer."""
    sweep(quiet)
    quiet.say(1, "/done")
    quiet.pass_time(hours=1)
    quiet.say(1, "It is not done for me.", by="bob")
    sweep(quiet)
    assert quiet.is_open(1)
    assert "stays open: bob commented" in quiet.comments(1)[0]
    assert quiet.reactions(1) == ["THUMBS_DOWN"]


def test_done_on_an_issue_that_was_not_asked_about_is_explained(asked: House) -> None:
    """A reaction to its author, words to those who may have them; nothing is closed."""
    number = asked.open(labels=("comp:widget",))
    asked.until(lambda: len(asked.comments(number)) == 1)
    asked.say(number, "/done")
    asked.until(lambda: asked.reactions(number) == ["THUMBS_DOWN"])
    asked.say(number, "/done", by="tria")
    asked.until(lambda: len(asked.comments(number)) == 2)
    assert "did not ask whether this issue is still needed" in asked.comments(number)[1]
    assert asked.is_open(number)


def test_done_closes_nothing_where_nothing_may_be_closed(quiet: House) -> None:
    """Not on a locked issue, not where our notice was taken back, and not with an account that only
    comments by now."""
    sweep(quiet)
    quiet.github.act("root", "lock", 1)
    quiet.say(1, "/done", by="walt")
    quiet.say(2, "/not-widget", by="tria")
    sweep(quiet)
    quiet.pass_time(minutes=1)
    quiet.say(2, "/done")
    sweep(quiet)
    trial = loaded(f"{ASKING}\n[decisions]\ncomment_only = true\n")
    context = bootstrap.build(trial, settings=quiet.context.settings, clock=quiet.clock)
    quiet.say(3, "/done")
    asyncio.run(ItemHandler(context).handle(SOURCE, 3, frozenset({Trigger.COMMANDS})))
    context.store.engine.dispose()
    assert [quiet.is_open(each) for each in (1, 2, 3)] == [True] * 3
    assert quiet.reactions(1) == quiet.reactions(3) == ["THUMBS_DOWN"]
    assert quiet.reactions(2) == ["THUMBS_UP", "THUMBS_DOWN"]


def test_a_question_can_be_undone(quiet: House) -> None:
    """Before and after its answer: everything is open again, and each notice says so."""
    sweep(quiet)
    quiet.say(1, "/done")
    sweep(quiet)
    assert not quiet.is_open(1)
    run_id = next(iter(quiet.context.store.runs.newest(1, kinds=(PlanKind.MIGRATE,)))).id
    undo = make_undo_plan(
        quiet.context, as_of=quiet.context.clock(), run_id=run_id, progress=lambda *_: None
    )
    apply(quiet, undo)
    quiet.pass_time(days=GRACE + 1)
    sweep(quiet)
    assert [quiet.is_open(each) for each in range(1, 8)] == [True] * 7
    assert all("Reverted" in quiet.comments(each)[0] for each in range(1, 8))
    assert faults(quiet) == []
    assert counted(quiet) == {"asked": 7, "other": 7}
    quiet.say(2, "/done")
    sweep(quiet)
    assert quiet.is_open(2), "nothing is asked any more"


def test_an_answer_is_no_appeal_that_stops_the_run(tmp_path: Path) -> None:
    """What was asked may be answered; that the issue is not ours is an appeal here, too."""
    rules = f"{ASKING}\n[breaker]\nleast_notices = 1\nappeals = 0.01\n"
    with house(tmp_path, rules, items=ITEMS) as home:
        run = home.context.store.runs.get(ask(home))
        assert run is not None
        strict = replace(run, options=replace(run.options, considerate=True))
        home.say(1, "/still-here")
        assert asyncio.run(gates.check(home.context, strict, ())).stop == ""
        home.say(2, "/not-widget")
        assert "appealed" in asyncio.run(gates.check(home.context, strict, ())).stop


@pytest.mark.parametrize("reply", ["read", "lost"])
def test_who_speaks_while_an_answer_closes_it_gets_it_opened_again(
    tmp_path: Path, reply: str
) -> None:
    """GitHub has no conditional close: the reply is read, or the item if it is lost."""
    with house(tmp_path, ASKING, proxied=True, items=ITEMS) as home:
        ask(home)
        assert home.proxy is not None
        with listening(home):

            def bob_speaks() -> None:
                home.github.control("POST", "clock", json={"advance_seconds": 2})
                home.say(1, "It is not done for me.", by="bob")

            home.proxy.before["LabelAndClose"] = bob_speaks
            home.proxy.lost |= {"LabelAndClose"} if reply == "lost" else set()
            home.pass_time(minutes=1)
            home.say(1, "/done")
            home.until(lambda: "bob" in home.comments(1)[0])
            home.settle()
        assert home.is_open(1)
        assert faults(home) == []


def _follow(folder: Path, url: str, now: str, go: Connection) -> None:
    """One sweep in a process of its own, once its parent is ready."""
    go.recv()
    settings, clock = settings_in(folder, url), bootstrap.ShiftedClock(datetime.fromisoformat(now))
    context = bootstrap.build(
        loaded(ASKING), settings=settings, clock=clock, require_revision=False
    )
    asyncio.run(follow_once(context))


def dies_in_a_sweep(home: House, folder: Path, operation: str, when: When) -> None:
    """A sweep that is killed at an operation: before GitHub gets it, or before its reply."""
    assert home.proxy is not None
    ours, theirs = CHILDREN.Pipe()
    now = str(home.github.control("GET", "health")["now"])
    child = CHILDREN.Process(target=_follow, args=(folder, home.proxy.url, now, theirs))
    child.start()
    pid = child.pid
    assert pid is not None
    acts = home.proxy.before if when is When.BEFORE else home.proxy.after
    acts[operation] = lambda: os.kill(pid, signal.SIGKILL)
    ours.send("go")
    child.join(60)
    assert child.exitcode == -signal.SIGKILL, f"{operation} was never asked for"


def test_an_answer_is_carried_out_once_whenever_the_process_dies(tmp_path: Path) -> None:
    """Around the close and around the reaction that answers: closed once, one notice, one
    reaction."""
    with house(tmp_path, ASKING, proxied=True, items=ITEMS) as home:
        ask(home)
        sweep(home)
        deaths = itertools.product(("LabelAndClose", "AddReaction"), (When.BEFORE, When.DURING))
        for number, (operation, when) in enumerate(deaths, start=1):
            home.say(number, "/done")
            dies_in_a_sweep(home, tmp_path, operation, when)
            home.pass_time(minutes=5)
        sweep(home)
        answered = range(1, 5)
        assert {reason(home, number) for number in answered} == {"completed"}
        assert all(len(home.comments(number)) == 1 for number in answered)
        assert all(home.reactions(number) == ["THUMBS_UP"] for number in answered)
        assert {outcomes(home)[number] for number in answered} == {("done", "resolved")}
        assert faults(home) == []
