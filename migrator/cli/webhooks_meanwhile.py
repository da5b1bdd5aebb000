"""Takes a sandbox's webhooks in for a while, over HTTP and signed, as ``serve`` does; who works on them comes later."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from migrator.cli.listening import address_of, listen
from migrator.cli.sandbox_process import Sandbox
from migrator.store.deliveries import Deliveries
from migrator.web.app import Tools, create_app
from migrator.web.webhooks import PATH
from migrator.workflows.context import Context

LONGEST: Final = 20.0
"""Seconds until everything has surely arrived; what has not is found by the sweep."""
PAUSE: Final = 0.02


@contextmanager
def taking_webhooks(context: Context, sandbox: Sandbox) -> Iterator[None]:
    """What happens in the sandbox during the block is delivered to us and stored by its end."""
    secret = secrets.token_hex(20)
    tools = Tools(store=Deliveries(context.store.engine).accept, secrets=(secret.encode(),), clock=context.clock)
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(tools), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listening],), name="webhooks")
        thread.start()
        try:
            sandbox.post("hook", {"url": f"{address_of(listening)}{PATH}", "secret": secret})
            yield
            _wait_for_the_last(sandbox)
        finally:
            sandbox.post("hook/clear", {})
            server.should_exit = True
            thread.join()


def _wait_for_the_last(sandbox: Sandbox) -> None:
    until = time.monotonic() + LONGEST
    while sandbox.stats()["deliveries_under_way"] and time.monotonic() < until:
        time.sleep(PAUSE)
