"""A real Chromium before a running dashboard."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.support.dashboard import Hall, hall
from tests.support.webhook_sender import serving

expect.set_options(timeout=30_000)
"""Milliseconds: a process that answers on need may have to start first, on a busy machine."""
CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file: its driver runs an event loop, which tests after them
    must not find.

    Where none can be had, tests are skipped; under CI that is a failure.
    """
    if not CHROMIUM:
        reason = "no Chromium: apt-get install chromium, or set CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@dataclass
class Running:
    """A dashboard on a socket."""

    hall: Hall
    address: str
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> Page:
        """Note everything that the browser complains about, and every request to another host."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._request)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.complaints.append(f"request to {request.url}")

    def enter(self, browser: Browser, login: str, **options: Any) -> tuple[BrowserContext, Page]:
        """A browser window of somebody who is signed in."""
        context = browser.new_context(**options)
        session = self.hall.session(login)
        cookie = {
            "name": self.hall.dashboard.cookie,
            "value": self.hall.dashboard.sessions.cookie(session),
            "url": self.address,
        }
        context.add_cookies([cookie])  # type: ignore[list-item]
        return context, self.watch(context.new_page())

    def work_off(self, run_id: str) -> threading.Thread:
        """Work on a run beside the browser."""
        thread = threading.Thread(target=self.hall.work, args=(run_id,))
        thread.start()
        return thread


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A migration that was carried through."""
    with elsewhere(hall(tmp_path_factory.mktemp("running"))) as found:
        yield from served(found)


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A migration whose plan waits for approval."""
    with elsewhere(hall(tmp_path_factory.mktemp("acting"), items=60, applies=False)) as found:
        yield from served(found)


@pytest.fixture
def with_github(tmp_path: Path) -> Iterator[Running]:
    """A dashboard whose door is GitHub: the sandbox sends people back to the very address at
    which it is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with elsewhere(
        hall(tmp_path, items=25, signs_in=True, applies=False, address=address)
    ) as found:
        app: Any = found.app
        with serving(app, listening) as served:
            yield Running(found, served)


@contextmanager
def elsewhere(made: AbstractContextManager[Hall]) -> Iterator[Hall]:
    """The same, made in a thread of its own: the browser's driver keeps an event loop in this
    one."""
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(made.__enter__).result()
        try:
            yield found
        finally:
            thread.submit(made.__exit__, None, None, None).result()


def served(found: Hall) -> Iterator[Running]:
    """That dashboard on a socket."""
    app: Any = found.app
    assert isinstance(app, FastAPI)
    with serving(app) as address:
        yield Running(found, address)
