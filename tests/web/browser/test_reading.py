"""Reading and finding: lists by keyboard, times of the reader, one screen for the whole, what is
printed, and what a page says when its server is gone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.conftest import Running
from tests.web.browser.test_every_page import place

pytestmark = pytest.mark.browser
TALLEST = 2200
"""Pixels of the overview at 1440 wide: two screens and a half."""


def test_an_item_is_found_and_a_list_sorted_by_keyboard_alone(
    browser: Browser, running: Running
) -> None:
    """Search, filter, sort, open: no pointer is needed."""
    context, page = running.enter(browser, "rita")
    page.goto(running.address)
    page.keyboard.press("/")
    page.keyboard.type("keras")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/plan/[0-9a-f]{16}\?q=keras"))
    tab_to(page, "Title")
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort]")).to_contain_text("Title ↑")
    assert "q=keras" in page.url
    titles = page.locator("table.items tbody th bdi").all_inner_texts()
    assert titles
    tab_to(page, titles[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/item/"))
    context.close()


def tab_to(page: Page, words: str) -> None:
    """Press Tab until a link with these words has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if words in str(page.evaluate("document.activeElement.closest('a')?.innerText ?? ''")):
            return
    raise AssertionError(f"no way to {words} by keyboard")


@pytest.mark.parametrize("migration", ["running", "acting"])
def test_the_overview_fits_two_screens_and_a_half(
    browser: Browser, request: pytest.FixtureRequest, migration: str
) -> None:
    """Before and after a run: one card for one thing."""
    found: Running = request.getfixturevalue(migration)
    context, page = found.enter(browser, "ada", viewport={"width": 1440, "height": 900})
    page.goto(found.address)
    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST
    headings = page.locator("main h2").all_inner_texts()
    assert len(headings) == len(set(headings))
    context.close()


def test_a_time_is_given_in_the_readers_zone_on_hover(browser: Browser, running: Running) -> None:
    """The page itself is the same for all."""
    titles = []
    for zone in ("America/New_York", "Asia/Tokyo"):
        context, page = running.enter(browser, "ada", timezone_id=zone, locale="en-US")
        page.goto(f"{running.address}/runs")
        titles.append(page.locator("#main time").first.get_attribute("title") or "")
        context.close()
    assert re.search("E[DS]T|GMT-[45]", titles[0])
    assert "GMT+9" in titles[1]


def test_a_page_whose_server_is_gone_says_so(browser: Browser, running: Running) -> None:
    """And takes it back once it answers again."""
    context, page = running.enter(browser, "ada")
    page.route("**/live", lambda route: route.abort())
    page.goto(f"{running.address}/runs")
    assert not page.locator("#lost").is_visible()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text(re.compile(r"Not connected.* known at \d"))
    page.unroute("**/live")
    expect(page.locator("#lost")).to_be_hidden()
    context.close()


def test_paper_shows_what_is_known_and_nothing_to_press(browser: Browser, running: Running) -> None:
    """No navigation, no forms; dark screens print on white."""
    context, page = running.enter(browser, "ada", color_scheme="dark")
    page.goto(place(running, "run"))
    page.emulate_media(media="print")
    assert page.locator("header nav").is_hidden()
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    assert page.locator("#waves table").is_visible()
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    context.close()


def test_a_list_inside_of_a_text_has_no_dots_of_the_timeline(
    browser: Browser, running: Running
) -> None:
    """They mark events, and a bullet is none."""
    context, page = running.enter(browser, "ada")
    page.goto(place(running, "item"))
    dots = page.evaluate(
        """() => {
          const body = document.querySelector(".timeline .body");
          body.insertAdjacentHTML("beforeend", "<ul><li id='bullet'>one</li></ul>");
          const dot = (each) => getComputedStyle(each, "::before").content;
          return [dot(body.closest("li")), dot(document.getElementById("bullet"))];
        }"""
    )
    assert dots == ['""', "none"]
    context.close()
