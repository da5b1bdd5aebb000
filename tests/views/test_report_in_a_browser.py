"""The report in a real browser: nothing refused by its own policy, nothing loaded, no sideways
scrolling, keys work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from migrator.domain.decisions import Decision
from migrator.domain.planning.mail_forecast import forecast_mails
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals
from migrator.domain.rules import BudgetRules
from migrator.views.report import render_report
from migrator.views.report_data import ReportData, ReportKind, RunSummary, collect

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium"),
]

NOW = datetime(2021, 7, 1, tzinfo=UTC)
LONG = "tf.keras.layers." + "VeryLongNameWithoutAnySpaceInIt" * 6


def items() -> list[PlanItem]:
    """Thirty items of every decision, some with titles that would push a page apart."""
    return [
        PlanItem(
            key=f"a/old#{number}",
            repository="a/old",
            number=number,
            url=f"https://github.com/a/old/issues/{number}",
            title=LONG if number % 5 == 0 else "<script>alert(1)</script>",
            decision=list(Decision)[number % len(Decision)],
            reason="A reason.",
            clock=NOW - timedelta(days=number * 40),
            text=f"**Notice** {LONG}\n\n```sh\n{LONG}\n```\n" if number % 3 else "",
            closes=number % 3 == 0,
            recipients=("ann", f"person{number}"),
        )
        for number in range(1, 31)
    ]


def report() -> str:
    """A page with every section."""
    plan = items()
    data = ReportData(
        kind=ReportKind.REHEARSAL,
        title="A rehearsal",
        made_at=NOW,
        header=PlanHeader(
            migration="m",
            source="a/old",
            targets=("a/new",),
            as_of=NOW,
            expires_at=NOW,
            rules_digest="d" * 64,
        ),
        plan_hash="f" * 64,
        totals=Totals(items=30, decisions={"retire": 30}, notices=15, closes=5),
        collected=collect(plan, as_of=NOW),
        mails=forecast_mails(plan, BudgetRules(), watchers={"a/old": 8000}),
        run=RunSummary(
            outcomes={"done": 15}, requests={"query": 4, "mutation": 20}, verified=True, seconds=1.0
        ),
    )
    return render_report(data)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=[("light", 1440), ("dark", 380)], ids=["light and wide", "dark and narrow"])
def page(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path
) -> Iterator[tuple[Page, list[str]]]:
    """The report, opened from disk, and everything that the browser complained about or asked
    for."""
    scheme, width = request.param
    path = tmp_path / "report.html"
    path.write_text(report(), encoding="utf-8")
    opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    noticed: list[str] = []
    opened.on("console", lambda message: noticed.append(message.text))
    opened.on("pageerror", lambda error: noticed.append(str(error)))
    opened.on(
        "request", lambda asked: noticed.append(asked.url) if asked.url != path.as_uri() else None
    )
    opened.goto(path.as_uri())
    yield opened, noticed
    opened.close()


def test_the_browser_has_nothing_to_complain_about(page: tuple[Page, list[str]]) -> None:
    """No violation of the policy, no error, no request beside the page itself."""
    opened, noticed = page
    assert opened.title() == "A rehearsal: rehearsal"
    assert noticed == []


def test_nothing_makes_the_page_scroll_sideways(page: tuple[Page, list[str]]) -> None:
    """Also with everything opened, and on a telephone."""
    opened, _ = page
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert opened.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_the_style_sheet_is_applied(page: tuple[Page, list[str]]) -> None:
    """The policy's hash fits, and the colours follow the reader's choice."""
    opened, _ = page
    dark = opened.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 22, 27)" if dark else "rgb(251, 250, 247)")


def test_an_items_text_opens_by_keyboard(page: tuple[Page, list[str]]) -> None:
    """Enter on a group and on an item, without a mouse and without a script."""
    opened, _ = page
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    opened.locator("#retire > summary").focus()
    opened.keyboard.press("Enter")
    line = opened.locator("#retire details.item").first
    line.locator("summary").focus()
    opened.keyboard.press("Enter")
    assert line.locator("pre").is_visible()
