"""What people do, with mouse and keyboard, from login to undo."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from migrator.domain.protocol.ledger import ActKind
from migrator.web.rendering import item_path
from tests.support.dashboard import planned
from tests.web.browser.conftest import Running

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def quiet(acting: Running) -> Iterator[None]:
    """Whatever is done, the browser has nothing to complain about."""
    acting.complaints.clear()
    yield
    assert acting.complaints == []


def test_review_by_keyboard_alone(browser: Browser, acting: Running) -> None:
    """One key answers, the next item comes; skipping records nothing; a key while typing is a
    letter."""
    context, page = acting.enter(browser, "tria")
    queue, plan = acting.hall.context.store.queue, acting.hall.plan.hash
    page.goto(f"{acting.address}/review")
    left = queue.left(plan)
    first = page.locator("input[name=item]").input_value()
    page.keyboard.press("o")
    page.wait_for_function(
        "before => document.querySelector('input[name=item]')?.value !== before", arg=first
    )
    assert queue.left(plan) == left - 1
    second = page.locator("input[name=item]").input_value()
    page.keyboard.press("u")
    page.wait_for_function(
        "before => document.querySelector('input[name=item]')?.value !== before", arg=second
    )
    assert queue.left(plan) == left - 1
    third = page.locator("input[name=item]").input_value()
    page.locator("input[name=reason]").focus()
    page.keyboard.type("no reason")
    assert page.locator("input[name=item]").input_value() == third
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_function(
        "before => document.querySelector('input[name=item]')?.value !== before", arg=third
    )
    assert [(each.activity, each.reason) for each in queue.answers_to(third)] == [
        ("stale", "no reason")
    ]
    context.close()


def test_a_dial_answers_while_it_is_turned(browser: Browser, acting: Running) -> None:
    """Without pressing anything, and the address can be passed on."""
    context, page = acting.enter(browser, "rita")
    page.goto(f"{acting.address}/what-if")
    dial = page.locator("#stale_after")
    expect(page.locator("#result svg").first).to_contain_text("stale after 180 days")
    dial.focus()
    for _ in range(5):
        page.keyboard.press("PageDown")
    expect(page.locator("#result h2").first).to_contain_text("side")
    expect(page.locator("#result svg.chart").first).to_contain_text(
        f"stale after {dial.input_value()} days"
    )
    expect(page.locator("#result pre")).to_contain_text("stale_after =")
    assert "stale_after=" in page.url
    context.close()


def test_approve_start_watch_to_the_end_and_take_back(browser: Browser, acting: Running) -> None:
    """The plan is approved by its hash; progress shows without reloading; undoing makes a plan
    that is approved anew."""
    with ThreadPoolExecutor(1) as thread:
        plan = thread.submit(planned, acting.hall.context, later=timedelta(seconds=3)).result()
    context, page = acting.enter(browser, "mia")
    page.goto(f"{acting.address}/plan/{plan.hash[:16]}")
    expect(page.locator(".hash")).to_have_text(plan.hash)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#approval")).to_contain_text("mia approved it")
    page.get_by_label("without GitHub’s pace").check()
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".state").first).to_have_text("running")
    page.evaluate("window.stayed = true")
    worker = acting.work_off(acting.hall.enqueued[-1])
    graced = sum(
        1
        for item in acting.hall.context.store.plans.items(plan.hash, acting=True)
        if item.grace_days
    )
    expect(page.locator("[data-ended]")).to_have_attribute(
        "data-ended", str(plan.totals.notices - graced), timeout=60_000
    )
    worker.join()
    assert page.evaluate("window.stayed"), "the page was reloaded"
    page.locator("select[name=wave]").select_option("1")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tag").first).to_have_text("Undo plan")
    expect(page.locator("h1")).to_contain_text("1 correction, ")
    page.get_by_role("button", name="Approve 1 correction").click()
    page.get_by_label("without GitHub’s pace").check()
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".tag").first).to_have_text("Undo run")
    undoing = acting.work_off(acting.hall.enqueued[-1])
    expect(page.locator("h1")).to_have_text("1 of 1 item", timeout=60_000)
    expect(page.locator(".state").first).to_have_text("finished", timeout=60_000)
    undoing.join()
    context.close()


def test_taking_one_item_back_begins_on_its_page(browser: Browser, acting: Running) -> None:
    """What was done to an item stands in its ledger, and one button makes the plan that takes it
    back."""
    key = next(
        entry.entry.item_key
        for entry in acting.hall.context.store.ledger.stream()
        if entry.state.is_done(ActKind.NOTICE)
    )
    context, page = acting.enter(browser, "mia")
    page.goto(f"{acting.address}{item_path(key)}")
    expect(page.locator("#ledger")).to_contain_text("done")
    page.get_by_role("button", name="Undo…").click()
    expect(page.locator(".tag").first).to_have_text("Undo plan")
    expect(page.locator("h1")).to_contain_text("1 correction, ")
    context.close()


def test_login_through_github(browser: Browser, with_github: Running) -> None:
    """Off to GitHub's page and back to the one that was wanted; nothing else is asked of another
    host; logging out ends it."""
    context = browser.new_context()
    page = with_github.watch(context.new_page())
    page.goto(f"{with_github.address}/people")
    expect(page.locator("h1")).to_have_text("Log in")
    page.get_by_role("link", name="Log in with GitHub").click()
    page.wait_for_url("**/people")
    expect(page.locator(".who .login b")).to_have_text("repository-owner")
    assert [each.partition("?")[0] for each in with_github.complaints] == [
        f"request to {with_github.hall.sandbox.url}/login/oauth/authorize"
    ]
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto(f"{with_github.address}/people")
    expect(page.locator("h1")).to_have_text("Log in")
    context.close()


def test_what_was_typed_outlives_a_session_that_ended(
    browser: Browser, with_github: Running
) -> None:
    """The session ends between the first letter and the button: after signing in again the same
    form has the same words, and nothing was sent twice."""
    context, page = with_github.enter(browser, "mia")
    page.goto(f"{with_github.address}/plan/{with_github.hall.plan.hash}")
    page.locator("#comment").fill("read by two of us")
    cookies = context.cookies()
    context.clear_cookies()
    with page.expect_navigation(url="**/login?**"):
        page.get_by_role("button", name="Approve").first.click()
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{with_github.address}/plan/{with_github.hall.plan.hash}")
    expect(page.locator("#comment")).to_have_value("read by two of us")
    assert not with_github.hall.context.store.plans.approvals(with_github.hall.plan.hash)
    context.close()


def test_the_list_works_by_keyboard(browser: Browser, acting: Running) -> None:
    """The skip link comes first and leads to the content; fields and links can be reached."""
    context, page = acting.enter(browser, "rita")
    page.goto(f"{acting.address}/plan")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("main input[name=q]").focus()
    page.keyboard.type("keras")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=keras**")
    context.close()


def test_login_by_a_one_time_link(browser: Browser, acting: Running) -> None:
    """The link opens the overview; used again it says so."""
    links = acting.hall.dashboard.links
    assert links is not None
    link = acting.address + links.offer().partition("127.0.0.1")[2]
    context = browser.new_context()
    page = acting.watch(context.new_page())
    page.goto(link)
    expect(page.locator("h1")).to_be_visible()
    assert page.url == f"{acting.address}/"
    context.close()
