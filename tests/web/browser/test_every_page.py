"""Every page in a real browser: quiet, narrow or wide, light or dark, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

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
    "item",
    "run",
)
LOOKS = {
    f"{scheme}, {width}": (scheme, width) for scheme in ("light", "dark") for width in (1440, 380)
}


def place(running: Running, page: str) -> str:
    """The address of a page."""
    if page == "item":
        return running.address + running.hall.path("retire")
    if page == "run":
        return f"{running.address}/runs/{running.hall.context.store.runs.newest(1)[0].id}"
    return running.address + page


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_the_browser_has_nothing_to_complain_about(
    browser: Browser, running: Running, page: str, look: str
) -> None:
    """No error, no violation of the policy, no request to another host, no sideways scrolling,
    no harm done by strangers."""
    scheme, width = LOOKS[look]
    context, opened = running.enter(
        browser, "ada", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    running.complaints.clear()
    reply = opened.goto(place(running, page))
    assert reply is not None
    assert reply.ok
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert opened.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert opened.evaluate("window.harmed") is None
    paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 22, 27)" if scheme == "dark" else "rgb(251, 250, 247)")
    assert running.complaints == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_serious(
    browser: Browser, running: Running, node_package: Callable[[str], Path], page: str, scheme: str
) -> None:
    """Contrast, names, roles, order (https://github.com/dequelabs/axe-core)."""
    context, opened = running.enter(browser, "ada", color_scheme=scheme)
    opened.goto(place(running, page))
    opened.evaluate((node_package("axe-core") / "axe.min.js").read_text() + "; undefined")
    result = opened.evaluate("axe.run()")
    serious = [
        (
            each["id"],
            each["nodes"][0]["html"][:160],
            each["nodes"][0].get("failureSummary", "")[:200],
        )
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
    context.close()


@pytest.mark.parametrize("page", ["/", "/plan", "/review", "item", "/what-if?stale_after=40"])
def test_a_page_is_readable_without_scripts(browser: Browser, running: Running, page: str) -> None:
    """Everything is in the page as it comes."""
    context, opened = running.enter(browser, "ada", java_script_enabled=False)
    opened.goto(place(running, page))
    assert opened.locator("h1").is_visible()
    assert opened.locator("main section").count() > 1
    context.close()
