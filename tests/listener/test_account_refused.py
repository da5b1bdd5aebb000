"""GitHub refuses the account: the run holds, says so in GitHub's words, charges no item, and goes on
by the same command."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.webhooks.triggers import Trigger
from migrator.errors import AccountRefused, PermissionDenied
from migrator.execution.own_account import bot_identity
from migrator.execution.run import run_step
from migrator.execution.scan import scan
from migrator.github.refusals import concerns_account
from migrator.listener.reconciler import reconcile
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState
from migrator.store.set_aside import LISTEN
from tests.listener.conftest import CLOSING
from tests.support.listener import ACCOUNT, House, house, listening
from tests.support.sandbox_server import SOURCE

OWNER = SOURCE.partition("/")[0]
ACTS = {
    "archived": {"do": "archive_repository", "repository": SOURCE},
    "ip_allow_list": {"do": "allow_list", "owner": OWNER},
    "single_sign_on": {"do": "single_sign_on", "owner": OWNER},
    "blocked": {"do": "block", "owner": OWNER, "login": ACCOUNT},
    "credentials": {"do": "expire_token", "login": ACCOUNT},
}
ITEMS = 3


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Three issues that are ours, scanned."""
    with house(tmp_path) as built:
        for _ in range(ITEMS):
            built.open(labels=("comp:widget",))
        asyncio.run(scan(built.context, lambda *_: None))
        yield built


def approved(home: House) -> StoredPlan:
    """Classified, planned and approved."""
    now, own = home.context.clock(), bot_identity(home.context)
    classify(home.context, as_of=now, own=own, progress=lambda *_: None)
    plan = make_plan(
        home.context, as_of=now, own=own, commands_served=False, progress=lambda *_: None
    )
    asyncio.run(approve(home.context, plan.hash, by="root", how="test"))
    return plan


def applied(home: House, plan: StoredPlan) -> Run:
    """Apply as far as it goes; the run as it stands then."""
    run = runs.start(home.context, plan.hash, options=runs.options(paced=False))

    async def go() -> None:
        while not (result := await run_step(home.context, run.id)).ended:
            await asyncio.sleep(min(result.sleep, 0.1))

    asyncio.run(go())
    found = home.context.store.runs.get(run.id)
    assert found is not None
    return found


def notices(home: House) -> list[int]:
    """How many comments of ours each item has."""
    return [len(home.comments(number)) for number in range(1, ITEMS + 1)]


@pytest.mark.parametrize("why", ACTS)
def test_a_run_holds_and_goes_on_by_the_same_command(home: House, why: str) -> None:
    """No item is failed by it, and each gets its one notice in the end."""
    plan, act = approved(home), ACTS[why]
    home.github.control("POST", "act", json=act)
    held = applied(home, plan)
    assert (held.state, held.options.refused) == (RunState.STOPPED, why)
    assert f"migrator apply {plan.hash[:12]}" in held.reason
    assert home.context.store.progress.outcomes(held.id, by=("outcome", "code")) == {}
    home.github.control("POST", "act", json={**act, "on": False})
    assert notices(home) == [0] * ITEMS
    done = applied(home, plan)
    assert (done.id, done.state, done.options.refused) == (held.id, RunState.FINISHED, "")
    assert notices(home) == [1] * ITEMS


def test_an_author_who_blocks_us_holds_no_run(home: House) -> None:
    """GitHub's words are the same as for a block by the owner, and nobody may comment on what the
    author opened: their items fail, the others get their notices, and the run ends."""
    theirs = [home.open("The widget bites", labels=("comp:widget",), by="bob") for _ in range(6)]
    asyncio.run(scan(home.context, lambda *_: None))
    plan = approved(home)
    home.github.control("POST", "act", json={"do": "block", "by": "bob", "login": ACCOUNT})
    done = applied(home, plan)
    assert (done.state, done.options.refused) == (RunState.FINISHED, "")
    assert notices(home) == [1] * ITEMS
    assert [home.comments(number) for number in theirs] == [[]] * 6
    ended = home.context.store.progress.outcomes(done.id, by=("outcome", "code"))
    assert {name: sum(codes.values()) for name, codes in ended.items()} == {
        "done": ITEMS,
        "failed": len(theirs),
    }
    assert home.context.store.progress.refused_in_a_row(done.id, 5, done.judged_at) == 0


def test_people_who_block_us_do_not_hold_the_listener(home: House) -> None:
    """Neither the author of a new item, nor somebody who comments a command: the next delivery is
    worked on."""
    home.github.control("POST", "act", json={"do": "block", "by": "bob", "login": ACCOUNT})
    with listening(home):
        home.open("The widget bites", labels=("comp:widget",), by="bob")
        home.say(1, "/reopen", by="bob")
        other = home.open("The widget squeaks", labels=("comp:widget",))
        home.until(lambda: len(home.comments(other)) == 1)
        home.settle()
    assert home.reactions(1) == []


def test_a_role_that_was_lost_holds_the_run(home: House) -> None:
    """A close needs triage: without it nothing is closed, and nothing is failed."""
    plan = approved(home)
    role: dict[str, Any] = {"do": "set_role", "repository": SOURCE, "login": ACCOUNT}
    home.github.control("POST", "act", json={**role, "role": "read"})
    held = applied(home, plan)
    outcomes = home.context.store.progress.outcomes(held.id, by=("outcome", "code"))
    assert "failed" not in outcomes
    home.github.control("POST", "act", json={**role, "role": "triage"})
    assert applied(home, plan).state is RunState.FINISHED
    assert notices(home) == [1] * ITEMS


def test_a_label_that_may_not_be_created_is_no_items_fault(tmp_path: Path) -> None:
    """What arrives meanwhile is refused as the account's: the listener holds on that and keeps
    the delivery."""
    with house(tmp_path, CLOSING.replace('"migrated"', '"nobody created it"')) as home:
        number = home.open()
        with pytest.raises(AccountRefused) as refused:
            home.handle(number, Trigger.ARRIVAL)
        assert refused.value.why == "role"
        assert home.comments(number) == []


@pytest.mark.trouble("log event `deliveries are held`")
def test_a_read_that_the_account_may_not_make_charges_no_item_and_no_delivery(home: House) -> None:
    """The right is missing for every item alike: the sweep ends with GitHub's words and sets
    nothing aside, and a webhook stays for later without a failed attempt."""
    words = "Resource not accessible by integration"
    error = {"type": "FORBIDDEN", "path": ["repository"], "message": words}
    body = {"data": {"repository": None}, "errors": [error]}
    rule = {"operation": "ItemByNumber", "status": 200, "body": body, "done": False}
    home.say(1, "/not-widget", by="root")
    home.github.control("POST", "rules", json=[rule])
    with pytest.raises(AccountRefused, match=words) as refused:
        asyncio.run(reconcile(home.context, home.follower))
    assert refused.value.why == "role"
    assert home.context.store.set_aside.all((LISTEN,)) == []
    with listening(home):
        home.say(2, "/not-widget", by="root")
        home.until(lambda: struck(home) >= 3)
        (waiting,) = home.deliveries.unfinished(10)
        assert waiting.attempts == 0
        home.github.control("POST", "rules", json=[])
        home.settle()


def struck(home: House) -> int:
    """How often GitHub refused the read."""
    return int(home.github.control("GET", "rules")["rules"][0]["struck"])


def test_one_forbidden_item_among_others_is_that_items() -> None:
    """GraphQL may refuse a single item; over REST, and in these words, a right is missing."""
    assert concerns_account(PermissionDenied("Must have admin rights", status=403))
    assert concerns_account(PermissionDenied("Resource not accessible by integration", status=200))
    assert not concerns_account(PermissionDenied("That one is not for you", status=200))


def test_a_limit_told_by_a_page_in_html_refuses_no_maintainer(home: House) -> None:
    """GitHub's limit comes as a page, when a maintainer's role is asked for: it is waited for, and
    the command followed."""
    page = "<html><h1>Whoa there!</h1>You have exceeded a secondary rate limit.</html>"
    rule = {"path": "/repos/*/collaborators/*", "nth": [1], "status": 403, "done": False}
    home.github.control("POST", "rules", json=[{**rule, "body": page}])
    with listening(home):
        home.say(1, "/not-widget", by="tria")
        home.settle()
    assert struck(home) == 1
    assert home.reactions(1) == ["THUMBS_UP"]
