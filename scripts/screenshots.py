"""Writes pictures of every page of the dashboard to docs/images/, from a rehearsal of 400 items.

    python scripts/screenshots.py [FOLDER]

Needs Chromium (`apt-get install chromium`, or its path in CHROMIUM).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDE, NARROW = 1440, 380
LOOKS = [("light", WIDE), ("dark", WIDE), ("light", NARROW)]


def main() -> None:
    """Rehearse, serve, look, write."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    target.mkdir(parents=True, exist_ok=True)
    chromium = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not chromium:
        raise SystemExit("no Chromium: apt-get install chromium, or set CHROMIUM")
    with (
        tempfile.TemporaryDirectory(prefix="migrator-pictures-") as scratch,
        served(Path(scratch) / "demo") as link,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        count = sum(1 for _ in pictures(browser, link, target))
        browser.close()
    print(f"{count} pictures in {target}")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A rehearsal's dashboard; gives the link that opens it once."""
    run = [sys.executable, "-m", "migrator"]
    subprocess.run(
        [
            *run,
            "rehearse",
            "--preset",
            "keras",
            "--items",
            "400",
            "--seed",
            "7",
            "--react",
            "--dir",
            str(folder),
            "--json",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    command = [*run, "serve", "--dir", str(folder), "--port", "0", "--no-worker"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        found = (re.search(r"http://\S+/login/once\S+", line) for line in process.stdout)
        yield next(match[0] for match in found if match)
    finally:
        process.terminate()
        process.wait(60)


def pictures(browser: Browser, link: str, target: Path) -> Iterator[Path]:
    """Every page in every look."""
    address = link.partition("/login")[0]
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    item = page.request.get(f"{address}/api/runs").json()[0]
    plan = page.request.get(
        f"{address}/api/plans/{item['plan_hash']}/items?decision=retire"
    ).json()["lines"][0]
    pages = {
        "overview": "/",
        "plan": "/plan",
        "what-if": "/what-if?stale_after=60",
        "review": "/review",
        "item": f"/item/{plan['repository']}/{plan['number']}",
        "run": f"/runs/{item['id']}",
        "runs": "/runs",
        "deliveries": "/deliveries",
        "people": "/people",
    }
    state = context.storage_state()
    for scheme, width in LOOKS:
        window = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            storage_state=state,
        )
        looking = window.new_page()
        for name, path in pages.items():
            looking.goto(address + path)
            file = target / f"{name}-{scheme}-{width}.png"
            looking.screenshot(path=file)
            yield file
        window.close()


if __name__ == "__main__":
    main()
