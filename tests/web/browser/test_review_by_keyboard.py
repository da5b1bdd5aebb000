"""All that the review queue holds, answered by keyboard, ends with nothing that waits: in the page,
on the command line and in the next plan."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
NEXT = """([before]) => {
  const item = document.querySelector("#answer input[name=item]")?.value;
  return document.readyState === "complete" && item !== before;
}"""


@contextmanager
def dashboard(folder: Path) -> Iterator[str]:
    """The demo's dashboard in a process of its own; gives the link that signs in once."""
    command = [sys.executable, "-m", "migrator", "serve", "--dir", str(folder), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--no-worker"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        found = (re.search(r"http://\S+/login/once\S+", line) for line in process.stdout)
        yield next(match[0] for match in found if match)
    finally:
        process.terminate()
        process.wait(60)


def migrator(folder: Path, *words: str) -> Any:
    """What a command says as JSON."""
    environment = os.environ | {
        "MIGRATOR_DATABASE_URL": f"sqlite:///{folder / 'migrator.sqlite'}",
        "MIGRATOR_MIGRATION": "keras",
    }
    done = subprocess.run(
        [sys.executable, "-m", "migrator", *words, "--json"],
        env=environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "items", [120, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
def test_the_whole_queue_is_answered_by_keyboard(
    browser: Browser, tmp_path: Path, items: int
) -> None:
    """The first answer that an item offers, by its key; nothing is clicked."""
    rehearse = [sys.executable, "-m", "migrator", "rehearse", "--preset", "keras", "--seed", "7"]
    folder = tmp_path / "demo"
    subprocess.run(
        [*rehearse, "--items", str(items), "--dir", str(folder), "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    waiting = len(migrator(folder, "review")["waiting"])
    assert waiting > 0
    with dashboard(folder) as link:
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        page.goto(f"{link.partition('/login')[0]}/review")
        answered = 0
        while page.locator("#answer").count():
            item = page.locator("#answer input[name=item]").input_value()
            key = page.locator("#answer [data-key]").first.get_attribute("data-key")
            page.keyboard.press(str(key))
            page.wait_for_function(NEXT, arg=[item])
            answered += 1
            assert answered <= waiting
        assert answered == waiting
        expect(page.locator("h1")).to_have_text("Nothing waits")
        context.close()
    assert migrator(folder, "review")["waiting"] == []
    plan = migrator(folder, "plan")
    assert plan["totals"]["decisions"].get("review", 0) == 0
