"""All that the review queue holds, answered by keyboard, ends with nothing that waits: in the page,
on the command line and in the next plan."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.alike import report_again
from tests.support.dashboard import Hall, hall
from tests.support.forked import run_forked
from tests.web.browser.conftest import Running, elsewhere, served
from tests.web.browser.test_every_page import serious

pytestmark = pytest.mark.browser

NEXT = """([before]) => {
  const item = document.querySelector("#answer input[name=item]")?.value ?? "";
  const hears = document.readyState !== "loading" && !document.getElementById("letters")?.hidden;
  return hears && item !== before && [item, document.querySelector("#answer [data-key]")?.dataset.key];
}"""
"""Item and first key of the page behind that of an item, once its script hears keys. It shows the
box for letters then; nothing has to be painted."""


def migrator(found: Hall, folder: Path, *words: str) -> Any:
    """What a command says as JSON."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")}
    settings = {
        "MIGRATOR_DATABASE_URL": f"sqlite:///{folder / 'migrator.sqlite'}",
        "MIGRATOR_MIGRATION": "keras",
        "MIGRATOR_GITHUB_URL": found.sandbox.url,
    }
    code, out, err = run_forked([*words, "--json"], folder, kept | settings)
    assert code == 0, err
    return json.loads(out)


def answer_all(page: Page, most: int) -> int:
    """Press the first key that each item offers, until none is shown; returns how many were."""
    item, key = page.wait_for_function(NEXT, arg=["none"]).json_value()
    answered = 0
    while item:
        page.keyboard.press(key)
        item, key = page.wait_for_function(NEXT, arg=[item]).json_value()
        answered += 1
        assert answered <= most
    return answered


@pytest.mark.parametrize(
    ("items", "share"),
    [
        (120, None),
        pytest.param(4_000, 0.05, marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
def test_the_whole_queue_is_answered_by_keyboard(
    browser: Browser, tmp_path: Path, items: int, share: float | None
) -> None:
    """The first answer that an item offers, by its key; nothing is clicked."""
    with elsewhere(hall(tmp_path, items=items, share=share, applies=False)) as found:
        waiting = len(migrator(found, tmp_path, "review")["waiting"])
        assert waiting > 0
        for running in served(found):
            by_keyboard(browser, running, waiting)
        assert migrator(found, tmp_path, "review")["waiting"] == []
        plan = migrator(found, tmp_path, "plan")
        assert plan["totals"]["decisions"].get("review", 0) == 0


def by_keyboard(browser: Browser, running: Running, waiting: int) -> None:
    """Somebody who may review answers until the page says that nothing waits."""
    context, page = running.enter(browser, "tria")
    page.goto(f"{running.address}/review")
    assert answer_all(page, waiting) == waiting
    expect(page.locator("h1")).to_have_text("Nothing waits")
    assert running.complaints == []
    context.close()


def test_one_key_answers_those_alike_and_one_key_undoes_it(
    browser: Browser, tmp_path: Path, node_package: Callable[[str], Path]
) -> None:
    """`m` chooses the items that are listed, the answer's key answers all of them, and `z` takes it
    back. The list harms neither the width of a telephone nor what axe looks at."""
    with elsewhere(hall(tmp_path, items=60, applies=False)) as found:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(report_again, found, 12).result()
        for running in served(found):
            context, page = running.enter(browser, "tria")
            page.goto(f"{running.address}/review")
            while not page.locator("#alike").count():
                page.keyboard.press("u")
                page.wait_for_load_state()
            keys = [
                str(each.get_attribute("value")) for each in page.locator("input[name=alike]").all()
            ]
            assert len(keys) == page.locator("#alike li").count() > 5
            for width in (380, 1440):
                page.set_viewport_size({"width": width, "height": 900})
                wider = "document.documentElement.scrollWidth - window.innerWidth"
                assert page.evaluate(wider) <= 0, width
            assert serious(page, node_package("axe-core") / "axe.min.js") == []
            queue = found.context.store.queue
            left = queue.left(found.plan.hash)
            page.keyboard.press("m")
            expect(page.locator("input[name=same]")).to_be_checked()
            page.keyboard.press("n")
            expect(page.locator(".recorded")).to_contain_text(f"same for {len(keys)} items alike")
            assert queue.left(found.plan.hash) == left - 1 - len(keys)
            page.keyboard.press("z")
            expect(page.locator(".recorded")).to_contain_text("Your answer was undone")
            assert queue.left(found.plan.hash) == left
            assert [queue.answers_to(key) for key in keys] == [[]] * len(keys)
            assert running.complaints == []
            context.close()
