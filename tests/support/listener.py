"""A small GitHub, a listener beside it, and people who act: everything over real HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from migrator import bootstrap
from migrator.bootstrap import ShiftedClock
from migrator.config.migration_file import LoadedMigration, digest_of, parse
from migrator.config.settings import Settings
from migrator.domain.webhooks.triggers import Trigger
from migrator.execution.context import Context
from migrator.execution.run import run_step
from migrator.execution.scan import scan
from migrator.listener.dispatcher import Dispatcher
from migrator.listener.item_handler import ItemHandler
from migrator.store import revisions
from migrator.store.deliveries import Deliveries
from migrator.web.app import AppDependencies, create_app
from tests.support.killing_proxy import KillingProxy, killing_proxy
from tests.support.sandbox_server import SOURCE, TARGET, Local, build
from tests.support.sandbox_server import serving as serving_sandbox
from tests.support.small_world import SMALL
from tests.support.webhook_sender import serving

SECRET = "correct horse battery staple"
ACCOUNT = "mover"
NOW = "2024-01-10T12:00:00Z"

RULES = f"""
[migration]
name = "widget"
title = "Widget leaves the monorepo"
source = "{SOURCE}"
cutover = 2023-06-01T00:00:00Z

[[parts]]
name = "widget"
title = "Widget"
target = "{TARGET}"
old_address = "https://github.com/{SOURCE}/tree/main/widget"
new_address = "https://github.com/{TARGET}"

  [[parts.paths]]
  old = "widget"
  new = ""

[ownership.labels]
not_ours = ["other"]

  [ownership.labels.ours]
  "comp:widget" = "widget"

[ownership.topics.widgets]
owner = "ours"
prior = 4.0
words = ["widget", "widgets"]

[ownership.topics.gears]
owner = "not_ours"
prior = 4.0
words = ["gear", "gears"]

[budget]
seconds_between_writes = 0.0
"""


def world() -> list[dict[str, Any]]:
    """The small world with us in it: an account with triage rights in both repositories, and the
    labels that we look for."""
    labels = [{"name": name} for name in ("comp:widget", "other", "migrated", "bug")]
    records = [dict(record) for record in SMALL]
    for record in records:
        if record["record"] == "repository":
            record["labels"] = labels
    records = [record for record in records if record["record"] != "item"]
    return [
        *records,
        {
            "record": "account",
            "login": ACCOUNT,
            "permissions": {SOURCE: "triage", TARGET: "triage"},
        },
    ]


def loaded(rules: str = RULES) -> LoadedMigration:
    """A migration from its text."""
    file = parse(rules)
    return LoadedMigration(file=file, text=rules, digest=digest_of(file), path="widget.toml")


@dataclass
class House:
    """What a test sees: the sandbox, the migration's context, and how many deliveries came."""

    github: Local
    context: Context
    clock: ShiftedClock
    deliveries: Deliveries
    address: str = ""
    proxy: KillingProxy | None = None
    follower: ItemHandler = field(init=False)

    def __post_init__(self) -> None:
        self.follower = ItemHandler(self.context)

    def open(
        self,
        title: str = "The widget breaks",
        body: str = "The widget breaks when the widget is turned.",
        *,
        by: str = "amy",
        labels: tuple[str, ...] = (),
        **more: Any,
    ) -> int:
        """Somebody opens an issue (or with ``do="open_pull"`` a pull request); with labels by
        somebody who may."""
        act = {"do": "open_issue", "repository": SOURCE, "title": title, "body": body, **more}
        opened = self.github.control("POST", "act", json={"as": by, **act})
        number = int(opened["item"]["number"])
        if labels:
            self.github.act("root", "label", number, act["repository"], labels=list(labels))
        return number

    def say(self, number: int, body: str, *, by: str = "amy", repository: str = SOURCE) -> None:
        """Somebody comments."""
        self.github.act(by, "comment", number, repository, body=body)

    def comments(self, number: int, repository: str = SOURCE) -> list[str]:
        """Our comments on an item."""
        return [
            each["body"]
            for each in self.github.item(number, repository)["comments"]
            if each["author"] == ACCOUNT
        ]

    def reactions(self, number: int, repository: str = SOURCE) -> list[str]:
        """Our reactions to comments, in the order of the comments."""
        comments = self.github.item(number, repository)["comments"]
        return [
            one["content"]
            for each in comments
            for one in each.get("reactions", ())
            if one["user"] == ACCOUNT
        ]

    def is_open(self, number: int, repository: str = SOURCE) -> bool:
        """Whether an item is open."""
        return bool(self.github.item(number, repository).get("state", "open") == "open")

    def pass_time(self, **delta: float) -> None:
        """Let time pass, at GitHub and for us."""
        by = timedelta(**delta)
        self.github.control("POST", "clock", json={"advance_seconds": by.total_seconds()})
        self.clock.advance(by)

    def until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until something holds; fails the test if it does not within ``seconds``."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.02)

    def settle(self) -> None:
        """Wait until every delivery that GitHub sent was worked on."""
        self.until(
            lambda: (
                not self.github.server.webhooks._tasks and self.deliveries.backlog().unfinished == 0
            )
        )

    def handle(self, number: int, *triggers: Trigger, repository: str = SOURCE) -> str:
        """Look after an item without a webhook; the words of what came of it."""
        result = asyncio.run(
            self.follower.handle(repository, number, frozenset(triggers or Trigger))
        )
        return str(result)

    def apply_due(self) -> None:
        """Work on every run whose grace has ended."""

        async def go() -> None:
            for run_id in self.context.store.progress.due_runs(self.context.clock()):
                while not (await run_step(self.context, run_id)).ended:
                    pass

        asyncio.run(go())

    def results(self) -> list[str]:
        """How the deliveries ended, newest first."""
        return [each.result for each in self.deliveries.newest(500)]


def settings_in(folder: Path, url: str, *, account: str = ACCOUNT, database: str = "") -> Settings:
    """Settings of a process that works in a house in that folder, with GitHub at ``url``."""
    return Settings.model_validate(
        {
            "database_url": database or f"sqlite:///{folder / 'migrator.sqlite'}",
            "github_url": url,
            "github_token": f"sandbox-{account}",
            "cut_off_seconds": 0.3,
            "read_lag_seconds": 0.1,
            "webhook_secret": SECRET,
            "clock_scale": 30,
        }
    )


@contextmanager
def house(
    folder: Path,
    rules: str = RULES,
    *,
    account: str = ACCOUNT,
    proxied: bool = False,
    database: str = "",
    items: Sequence[dict[str, Any]] = (),
) -> Iterator[House]:
    """A sandbox and a scanned migration on it, carried out by ``account``; nobody listens yet.

    ``items`` are records of items that are there from the beginning.

    ``proxied``: things can happen at our requests. Its database is SQLite, or the one at the
    address ``database``.
    """
    with serving_sandbox(build([*world(), *items], now=NOW)) as github, ExitStack() as stack:
        proxy = stack.enter_context(killing_proxy(github.url)) if proxied else None
        clock = ShiftedClock(datetime.fromisoformat(github.control("GET", "health")["now"]))
        url = proxy.url if proxy else github.url
        settings = settings_in(folder, url, account=account, database=database)
        context = bootstrap.build(
            loaded(rules), settings=settings, clock=clock, require_revision=False
        )
        revisions.upgrade(context.store.engine)
        asyncio.run(scan(context, lambda *_: None))
        yield House(
            github=github,
            context=context,
            clock=clock,
            deliveries=Deliveries(context.store.engine),
            proxy=proxy,
        )
        context.store.engine.dispose()


async def _hurry(seconds: float) -> None:
    """Wait as long as a GitHub asks for that recovers quickly."""
    await asyncio.sleep(min(seconds, 0.1))


@contextmanager
def listening(house: House) -> Iterator[Dispatcher]:
    """A web server that GitHub delivers to, and somebody who works on what it stores."""
    dispatcher = Dispatcher(house.deliveries, house.follower, house.context.clock, sleep=_hurry)
    tools = AppDependencies(
        store=house.deliveries.accept,
        secrets=(SECRET.encode(),),
        clock=house.context.clock,
        stored=dispatcher.wake,
    )
    worker = threading.Thread(target=lambda: asyncio.run(dispatcher.run()))
    with serving(create_app(tools)) as address:
        house.address = address
        hook = house.github.control(
            "POST", "hook", json={"url": f"{address}/webhooks", "secret": SECRET}
        )
        worker.start()
        try:
            yield dispatcher
        finally:
            house.github.control("POST", "hook/clear")
            dispatcher.stop()
            worker.join()
            assert hook


def deliver(house: House, event: str, payload: dict[str, Any], delivery: str) -> int:
    """Send one webhook by hand; returns the status."""
    from migrator.github.signatures import signature

    body = msgspec.json.encode(payload)
    request = urllib.request.Request(f"{house.address}/webhooks", data=body, method="POST")
    for name, value in {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": delivery,
        "x-hub-signature-256": signature(SECRET.encode(), body),
    }.items():
        request.add_header(name, value)
    with urllib.request.urlopen(request) as reply:
        return int(reply.status)
