"""Every page in a real browser: quiet, narrow or wide, light or dark, for everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from migrator.domain.planning.plan import STEERED
from tests.support.dashboard import planned
from tests.web.browser.conftest import Running

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/plan",
    "/what-if?stale_after=40",
    "/review",
    "/runs",
    "/deliveries",
    "/deliveries/delivery-1",
    "/people",
    "/docs/activity",
    "item",
    "run",
    "plan that waits",
    "discard",
    "cancel",
)
SCHEMES: Final[dict[Literal["light", "dark"], tuple[str, tuple[str, ...]]]] = {
    "light": ("rgb(251, 250, 247)", ()),
    "dark": ("rgb(20, 22, 27)", ("color-contrast", "link-in-text-block")),
}
"""Colour scheme -> the colour of the paper, and the rules of axe that look at colours; all others
see the same page in both."""
WIDTHS = (1440, 380)


def place(running: Running, page: str) -> str:
    """The address of a page."""
    if page == "item":
        return running.address + running.hall.path("retire")
    if page == "run":
        return f"{running.address}/runs/{running.hall.context.store.runs.newest(1)[0].id}"
    if page in ("plan that waits", "discard"):
        prefix = f"{running.address}/plan/{waiting(running)}"
        return prefix if page == "plan that waits" else f"{prefix}/discard"
    if page == "cancel":
        return f"{running.address}/runs/{running.hall.context.store.runs.newest(1)[0].id}/cancel"
    return running.address + page


def waiting(running: Running) -> str:
    """The hash of a plan that nobody has approved, made when it is first asked for."""
    found = running.hall.context.store.plans.not_begun(STEERED)
    if not found:
        with ThreadPoolExecutor(1) as thread:
            later = timedelta(seconds=9)
            found = [thread.submit(planned, running.hall.context, later=later).result()]
    return found[0].hash


@pytest.mark.parametrize("page", PAGES)
def test_neither_the_browser_nor_axe_has_something_to_complain_about(
    browser: Browser, running: Running, node_package: Callable[[str], Path], page: str
) -> None:
    """No error, no violation of the policy, no request to another host, no sideways scrolling, no
    harm done by strangers; a slash leads to the search.

    Then contrast, names, roles and order by axe (https://github.com/dequelabs/axe-core), and
    contrast once more in the dark.
    """
    context, opened = running.enter(browser, "ada", viewport={"width": WIDTHS[0], "height": 900})
    running.complaints.clear()
    reply = opened.goto(place(running, page))
    assert reply is not None
    assert reply.ok
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in WIDTHS:
        opened.set_viewport_size({"width": width, "height": 900})
        assert opened.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (
            width
        )
    assert opened.evaluate("window.harmed") is None
    assert running.complaints == []
    axe = node_package("axe-core") / "axe.min.js"
    for scheme, (paper, rules) in SCHEMES.items():
        opened.emulate_media(color_scheme=scheme)
        assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == paper
        assert serious(opened, axe, rules) == [], scheme
    slash_leads_to_the_search(opened)
    context.close()


def slash_leads_to_the_search(page: Page) -> None:
    """It is not typed into the field; in a field it is a slash; who switched letters off has it
    off."""
    page.keyboard.press("/")
    assert focused(page) == "find"
    page.keyboard.type("a/b")
    expect(page.locator("#find")).to_have_value("a/b")
    page.evaluate("document.activeElement.blur(); localStorage.setItem('letters', 'off')")
    page.keyboard.press("/")
    assert focused(page) != "find"


def focused(page: Page) -> str:
    """The id of the element that has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def serious(opened: Page, axe: Path, rules: Sequence[str] = ()) -> list[tuple[str, str, str]]:
    """What axe calls serious on a page, by all its rules or by these: rule, element, and what to
    do."""
    opened.set_viewport_size({"width": WIDTHS[0], "height": 900})
    opened.evaluate(axe.read_text() + "; undefined")
    options = {"runOnly": list(rules)} if rules else {}
    return [
        (
            each["id"],
            each["nodes"][0]["html"][:160],
            each["nodes"][0].get("failureSummary", "")[:200],
        )
        for each in opened.evaluate("options => axe.run(options)", options)["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    "page",
    ["/", "/plan", "/review", "item", "/what-if?stale_after=40", "/runs", "run", "plan that waits"],
)
def test_a_page_is_readable_without_scripts(browser: Browser, running: Running, page: str) -> None:
    """Everything is in the page as it comes."""
    context, opened = running.enter(browser, "ada", java_script_enabled=False)
    opened.goto(place(running, page))
    assert opened.locator("h1").is_visible()
    assert opened.locator("main section").count() > 1
    context.close()
