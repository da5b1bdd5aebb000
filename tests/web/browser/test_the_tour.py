"""`make demo`, then `make serve`: the tour leads from the first answer to the first undo, with
scripts and without, and what it calls done was done."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from migrator.config.migration_file import load
from migrator.rehearsal.folder import KeptFolder
from migrator.rehearsal.runner import Rehearsing
from migrator.rehearsal.sandbox import WorldInput
from migrator.rehearsal.theme import theme_of
from tests.web.browser.test_every_page import SCHEMES, serious

pytestmark = pytest.mark.browser
ITEMS, SEED = 60, 8


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as `rehearse --tour` leaves it, with fewer items."""
    folder, rules = tmp_path_factory.mktemp("tour") / "tour", load("keras")
    repositories = (rules.file.migration.source, rules.file.targets)
    world = WorldInput(
        items=ITEMS,
        seed=SEED,
        file=None,
        thread_seed=7,
        now="",
        repositories=repositories,
        theme=theme_of(rules.file),
        share=None,
    )
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has an event loop in this one
        making = Rehearsing(rules, world)
        thread.submit(making.up_to_the_plan, KeptFolder(folder), lambda *_: None).result()
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`migrator serve` on such a folder; gives the link that opens the dashboard once."""
    process = subprocess.Popen(
        [sys.executable, "-m", "migrator", "serve", "--dir", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        yield next(
            found[1] for line in process.stdout if (found := re.search(r"once with (\S+)", line))
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        process.stdout.close()


class Walk:
    """Somebody who does what the tour says."""

    def __init__(self, page: Page, *, scripts: bool) -> None:
        self.page = page
        self.scripts = scripts

    def go_on(self, step: int) -> None:
        """Follow the link of the step that is marked as the next one."""
        expect(self.page.locator("#tour [aria-current=step]")).to_have_attribute(
            "data-step", str(step)
        )
        self.page.locator(f"#tour [data-step='{step}'] a").click()

    def done(self, step: int) -> None:
        """Wait until a step is called done; without scripts by reloading. With scripts the page
        follows by itself, and is loaded again only where that takes as long as a person waits."""
        found = self.page.locator(f"#tour [data-step='{step}'][data-done]")
        began = time.monotonic()
        while not found.count() and time.monotonic() < began + 90:
            self.page.wait_for_timeout(300 if self.scripts else 1500)
            if not self.scripts or time.monotonic() > began + 20:
                self.page.reload()
        expect(found).to_have_count(1)

    def answer(self) -> None:
        """By its key, or by its button where there are no scripts."""
        button = self.page.locator("[data-key]").first
        if self.scripts:
            self.page.keyboard.press(button.get_attribute("data-key") or "")
        else:
            button.click()

    def turn(self) -> None:
        """By keyboard: arrows move a slider in either case."""
        self.page.locator("#stale_after").focus()
        for _ in range(3):
            self.page.keyboard.press("PageDown")
        if not self.scripts:
            self.page.get_by_role("button", name="Ask").click()

    def approve_and_start(self) -> None:
        """Both buttons; the pace is left as it is offered."""
        self.page.get_by_role("button", name="Approve").click()
        expect(self.page.get_by_label("without GitHub’s pace")).to_be_checked()

    def start(self) -> None:
        """Start what was approved."""
        self.page.get_by_role("button", name="Start, with the canary").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_tour_is_walked_to_its_end(
    browser: Browser, left: Path, tmp_path: Path, scripts: bool
) -> None:
    """Five steps, each done by what it says, in five places; then it can be put away."""
    folder = tmp_path / "tour"
    shutil.copytree(left, folder)
    with served(folder) as link:
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(link)
        walk = Walk(page, scripts=scripts)
        expect(page.locator("#tour h2")).to_contain_text("0 of 5 steps done")
        walk.go_on(1)
        walk.answer()
        walk.done(1)
        walk.go_on(2)
        walk.turn()
        walk.done(2)
        walk.go_on(3)
        walk.approve_and_start()
        walk.done(3)
        walk.go_on(4)
        walk.start()
        walk.done(4)
        walk.go_on(5)
        page.get_by_role("button", name="Undo…").click()
        walk.approve_and_start()
        walk.start()
        walk.done(5)
        expect(page.locator("#tour")).to_contain_text("That is the whole way")
        page.goto(f"{page.url.partition('/runs')[0]}/runs")
        page.get_by_role("button", name="Close the tour").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#tour")).to_have_count(0)
        assert page.url.endswith("/runs")
        page.get_by_role("button", name="Show the tour").click()
        expect(page.locator("#tour")).to_be_visible()
        context.close()


def test_axe_has_nothing_to_say_about_the_tour_and_jobs(
    browser: Browser, left: Path, tmp_path: Path, node_package: Callable[[str], Path]
) -> None:
    """Light and dark; narrow screens do not scroll sideways. A job that is asked for there is done
    by the same process, and its page follows it."""
    folder = tmp_path / "tour"
    shutil.copytree(left, folder)
    axe = node_package("axe-core") / "axe.min.js"
    with served(folder) as link:
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        page.goto(f"{link.partition('/login')[0]}/jobs")
        page.get_by_role("button", name="Scan, classify and plan").click()
        expect(page.locator(".kicker .state")).to_have_text("done", timeout=60_000)
        expect(page.get_by_role("link", name="Look at the plan")).to_be_visible()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for path in ("/", "/jobs", page.url):
                page.goto(path if path.startswith("http") else link.partition("/login")[0] + path)
                assert serious(page, axe, SCHEMES[scheme][1]) == []
                page.set_viewport_size({"width": 380, "height": 900})
                wider = "document.documentElement.scrollWidth - window.innerWidth"
                assert page.evaluate(wider) <= 0
        context.close()
