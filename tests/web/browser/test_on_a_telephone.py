"""A screen of 380 pixels: lists are cards, the answer stands beside the dial, and what cannot be
undone is asked once more."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.support.dashboard import hall, planned
from tests.web.browser.conftest import Running, elsewhere, served

pytestmark = pytest.mark.browser

PHONE = {"width": 380, "height": 800}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A plan of few items that was carried through."""
    with elsewhere(hall(tmp_path_factory.mktemp("small"), items=38)) as found:
        yield from served(found)


def test_34_items_fit_in_4000_pixels_with_decision_reason_and_state(
    browser: Browser, small: Running
) -> None:
    """The whole page of the plan, not only its list."""
    context, page = small.enter(browser, "mia", viewport=PHONE)
    page.goto(f"{small.address}/plan/{small.hall.plan.hash[:16]}")
    rows = page.locator("#items tr[data-item]")
    assert rows.count() >= 34
    for place in range(rows.count()):
        row = rows.nth(place)
        assert row.locator(".decision").is_visible()
        assert row.locator(".why").is_visible()
        if row.locator(".stands .outcome").count():
            assert row.locator(".stands .outcome").is_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < 4000
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def test_the_answer_stands_beside_the_dial_that_moved(browser: Browser, small: Running) -> None:
    """On the screen, without scrolling; without scripts below the dial that was turned."""
    context, page = small.enter(browser, "rita", viewport=PHONE)
    page.goto(f"{small.address}/what-if")
    dial = page.locator("#stale_after")
    dial.focus()
    for _ in range(4):
        page.keyboard.press("PageDown")
    beside = page.locator(".dial:has(#stale_after) .beside")
    expect(beside).to_contain_text("side")
    expect(beside).to_be_in_viewport()
    turned = page.url
    context.close()
    context, page = small.enter(browser, "rita", viewport=PHONE, java_script_enabled=False)
    page.goto(turned)
    expect(page.locator(".dial:has(#stale_after) .beside")).to_contain_text("side")
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_cannot_be_undone_is_asked_once_more(
    browser: Browser, small: Running, scripts: bool
) -> None:
    """By keyboard in a dialog that Escape leaves, or on a page of its own without scripts."""
    with ThreadPoolExecutor(1) as thread:
        later = timedelta(seconds=5 + scripts)
        plan = thread.submit(planned, small.hall.context, later=later).result()
    context, page = small.enter(browser, "mia", viewport=PHONE, java_script_enabled=scripts)
    page.goto(f"{small.address}/plan/{plan.hash[:16]}")
    opens = page.get_by_role("link", name="Discard…")
    if scripts:
        opens.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
    else:
        opens.click()
        page.wait_for_url("**/discard")
    page.get_by_role("button", name="Discard it").click()
    page.wait_for_url("**/runs**")
    assert plan.hash not in {each.hash for each in small.hall.context.store.plans.newest(50)}
    context.close()
