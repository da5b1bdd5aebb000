"""All that the review queue holds, answered by keyboard, ends with nothing that waits: in the page,
on the command line and in the next plan."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.dashboard import Hall, hall
from tests.support.forked import run_forked
from tests.web.browser.conftest import Running, elsewhere, served

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
