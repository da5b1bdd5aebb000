"""A whole migration behind the dashboard: a sandbox full of items, some hostile, all carried
through but for what waits.

Everything is the real thing: the sandbox is asked over HTTP, the rules are the shipped ones, the
database is a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.testclient import TestClient

from migrator import bootstrap
from migrator.config.settings import Settings
from migrator.execution.context import Context
from migrator.execution.own_account import bot_identity
from migrator.execution.run import run_step
from migrator.rehearsal.sandbox import ACCOUNT
from migrator.sandbox.worlds import generate
from migrator.services import rehearse, runs
from migrator.services.plan import make_plan
from migrator.store.deliveries import Arrived, Deliveries
from migrator.store.plans import StoredPlan
from migrator.store.runs import RunOptions
from migrator.web.app import AppDependencies, create_app
from migrator.web.auth.dependencies import HEADER_TOKEN, Dashboard
from migrator.web.auth.sessions import Session
from migrator.web.build import add_dashboard, open_dashboard
from tests.support import sandbox_server
from tests.support.hostile_texts import CORPUS

SOURCE, TARGET = "tensorflow/tensorflow", "keras-team/keras"
PEOPLE = {"rita": "read", "tria": "triage", "wally": "write", "mia": "maintain", "ada": "admin"}
"""Login -> permission on both repositories."""
NOBODY = 999_999_999
"""The number of an account that is not in the world."""
ADDRESS = "http://127.0.0.1"
UNPACED = RunOptions(paced=False, concurrency=1, considerate=False)


def world(
    items: int = 90, *, hostile: bool = True, share: float | None = None
) -> list[dict[str, Any]]:
    """Records of a generated world with our people in it, and hostile texts in every third item.
    ``share`` of the source's items are about what moves."""
    records = list(generate(items=items, seed=11, share=share))
    for login, permission in PEOPLE.items():
        records.append(
            {
                "record": "account",
                "login": login,
                "permissions": {SOURCE: permission, TARGET: permission},
            }
        )
    records.append(
        {"record": "account", "login": "halfway", "permissions": {SOURCE: "admin", TARGET: "read"}}
    )
    if hostile:
        _spoil([record for record in records if record["record"] == "item"])
    return records


def _spoil(items: list[dict[str, Any]]) -> None:
    for place, item in enumerate(items):
        payload = CORPUS[place % len(CORPUS)]
        if place % 3 == 0:
            item["title"] = payload[:200]
        if place % 3 != 1:
            item["body"] = f"{item.get('body', '')}\n\n{payload}"
            item["labels"] = [*item.get("labels", ()), payload[:50]]
        for comment in item.get("comments", ()):
            comment["body"] = f"{comment['body']}\n\n{payload}"


@dataclass
class Hall:
    """The dashboard of one migration and what a test asks of it."""

    context: Context
    dashboard: Dashboard
    sandbox: sandbox_server.Local
    enqueued: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @cached_property
    def app(self) -> FastAPI:
        """The application. To build it costs more than most of what tests ask of it."""
        app = create_app(
            AppDependencies(
                store=Deliveries(self.context.store.engine).accept,
                secrets=(),
                clock=self.context.clock,
            )
        )
        add_dashboard(app, self.dashboard)
        return app

    def client(self, login: str = "", *, door: str = "github") -> TestClient:
        """A browser; signed in as that account, if one is named."""
        client = TestClient(self.app, base_url=ADDRESS, follow_redirects=False)
        if login:
            session = self.session(login, door=door)
            client.cookies.set(self.dashboard.cookie, self.dashboard.sessions.cookie(session))
            client.headers[HEADER_TOKEN] = self.dashboard.sessions.form_token(session)
        return client

    def session(self, login: str, *, door: str = "github") -> Session:
        """A session of that account, with the token that the sandbox takes for it; whoever is not
        in the world has the token of somebody else."""
        if self.sandbox.world.account(login) is None and door == "github":
            return self.dashboard.sessions.new(login, door, NOBODY, "sandbox-ada")
        token = f"sandbox-{login}" if door == "github" else ""
        return self.dashboard.sessions.new(login, door, token=token)

    @property
    def plan(self) -> StoredPlan:
        """The newest plan."""
        return self.context.store.plans.newest(1)[0]

    def path(self, decision: str) -> str:
        """The page of an item with that decision in the newest plan that has one."""
        for plan in self.context.store.plans.newest(5):
            for item in self.context.store.plans.items(plan.hash):
                if item.decision.value == decision:
                    return f"/item/{item.repository}/{item.number}"
        raise LookupError(decision)

    def work(self, run_id: str) -> runs.RunProgress:
        """Work on a run in this thread until nothing more happens by itself."""

        async def until_rest() -> None:
            while not (result := await run_step(self.context, run_id)).ended:
                await asyncio.sleep(result.sleep)

        asyncio.run(until_rest())
        return runs.progress(self.context, run_id)


@contextmanager
def hall(
    folder: Path,
    *,
    items: int = 90,
    share: float | None = None,
    signs_in: bool = False,
    applies: bool = True,
    address: str = ADDRESS,
    migration: str = "keras",
) -> Iterator[Hall]:
    """A hall; with ``applies`` the plan is approved and its first stage is done, else it only
    waits for approval."""
    with sandbox_server.serving(sandbox_server.build(world(items, share=share))) as sandbox:
        keys: dict[str, Any] = {}
        if signs_in:
            keys = {
                "oauth_client_id": sandbox.app.client_id,
                "oauth_client_secret": sandbox.app.client_secret,
            }
        settings = Settings.model_validate(
            {
                "database_url": f"sqlite:///{folder / 'migrator.sqlite'}",
                "github_url": sandbox.url,
                "github_token": f"sandbox-{ACCOUNT}",
                "cut_off_seconds": 0.4,
                "read_lag_seconds": 0.2,
                **keys,
            }
        )
        context = bootstrap.build(migration, settings=settings, require_revision=False)
        enqueued: list[str] = []
        links: list[str] = []
        dashboard = open_dashboard(
            context, address=address, enqueue=enqueued.append, tell=links.append
        )
        steps = rehearse.Rehearsal(
            context,
            as_of=context.clock(),
            advance=lambda _: None,
            options=UNPACED,
            report=lambda *_: None,
        )
        steps.prepare()
        found = Hall(context, dashboard, sandbox, enqueued, links)
        plan = steps.approved_plan() if applies else planned(context)
        if applies:
            found.work(runs.start(context, plan.hash, options=UNPACED).id)
        _deliver(context)
        yield found
        context.store.engine.dispose()


def planned(context: Context, *, later: timedelta = timedelta()) -> StoredPlan:
    """A fresh plan that nobody has approved."""
    as_of = context.clock() + later
    return make_plan(
        context,
        as_of=as_of,
        own=bot_identity(context),
        commands_served=False,
        progress=lambda *_: None,
    )


def scan_again(context: Context) -> None:
    """Scan and classify what changed on GitHub."""
    rehearse.Rehearsal(
        context,
        as_of=context.clock(),
        advance=lambda _: None,
        options=UNPACED,
        report=lambda *_: None,
    ).prepare()


def _deliver(context: Context) -> None:
    """Some webhooks, one of them hostile."""
    body = msgspec.json.encode({"action": "opened", "issue": {"title": CORPUS[0]}})
    arrived = [
        Arrived(
            id=f"delivery-{number}",
            event="issues",
            action="opened",
            received_at=context.clock(),
            payload=body,
        )
        for number in range(3)
    ]
    source = context.migration.file.migration.source
    told = msgspec.json.encode(
        {"action": "opened", "issue": {"number": 1}, "repository": {"full_name": source}}
    )
    arrived.append(
        Arrived(
            id="told", event="issues", action="opened", received_at=context.clock(), payload=told
        )
    )
    arrived.append(
        Arrived(
            id="large",
            event="issues",
            action="opened",
            received_at=context.clock(),
            payload=told + b" " * 300_000,
        )
    )
    Deliveries(context.store.engine).accept(arrived)
