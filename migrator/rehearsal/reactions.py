"""What people do after a rehearsal, so that one can see a migration that lives: they refile, fix,
thank, and ask to reopen.

Everybody acts through the sandbox with rights of their own, GitHub's webhooks tell of it, and the
listener works on them.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from typing import Final

import uvicorn

from migrator.domain.decisions import AnswerKey, Decision
from migrator.domain.items import ItemKind
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.execution.context import Context
from migrator.rehearsal.sandbox import Sandbox
from migrator.services.audited_actions import Principal
from migrator.services.follow import follow_once
from migrator.services.mail_forecast import mail_forecast
from migrator.services.review_answers import answer_by_key
from migrator.views.review import next_item
from migrator.web.app import AppDependencies, create_app
from migrator.web.sockets import address_of, listen
from migrator.web.webhooks import PATH

LONGEST: Final = 20.0
"""Seconds until everything has surely arrived; what has not is found by the sweep."""
PAUSE: Final = 0.02


@contextmanager
def taking_webhooks(context: Context, sandbox: Sandbox) -> Iterator[None]:
    """What happens in the sandbox during the block is delivered to us and stored by its end."""
    secret = secrets.token_hex(20)
    tools = AppDependencies(
        store=context.store.deliveries.accept,
        secrets=(secret.encode(),),
        clock=context.clock,
    )
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(
            uvicorn.Config(create_app(tools), log_config=None, access_log=False)
        )
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


REFILED, FIXED, THANKED, REOPENED, ANSWERED, ARRIVED = 7, 4, 9, 1, 5, 3
"""How many open their item anew, get a fix, like the notice, and ask to reopen; how many reviews
are answered; how many new issues come to the old repository."""
ANSWERS: Final = 10
"""How many of those who are asked answer at most: every second one, the others are silent."""
FOLLOWED: Final = 200
"""Plans of the listener that are looked through: far more than it makes in a rehearsal."""
LATER: Final = timedelta(hours=20)


def answer_questions(
    context: Context, sandbox: Sandbox, advance: Callable[[timedelta], None], plan_hash: str
) -> dict[str, int]:
    """Let some of the authors of a run answer who were asked whether they still need their issue,
    while its graces last, and look after it. Returns how many did what. Raises the typed errors of
    the client."""
    answering, _ = _asked(context, plan_hash)
    if not answering:
        return {}
    asyncio.run(follow_once(context))  # commands from now on are the listener's
    advance(LATER)
    done, needed, spoke, closed = (answering[place::4] for place in range(4))
    with taking_webhooks(context, sandbox):
        answers = {
            "answered done": _say(sandbox, done, "It works now.\n\n/done"),
            "answered still here": _say(sandbox, needed, "/still-here"),
            "answered in words": _say(sandbox, spoke, "I still see it."),
            "closed themselves": sum(_close(sandbox, item) for item in closed),
        }
    asyncio.run(follow_once(context))
    return answers


def _asked(context: Context, plan_hash: str) -> tuple[list[PlanItem], list[PlanItem]]:
    """The items of a plan whose authors are asked: those who answer, and those who do not."""
    items = context.store.plans.items(plan_hash, acting=True)
    asked = [item for item in items if item.author and item.decision is Decision.ASK]
    answering = asked[: 2 * ANSWERS : 2]
    return answering, [item for item in asked if item not in answering]


def _close(sandbox: Sandbox, item: PlanItem) -> bool:
    return sandbox.act(item.author, do="close", repository=item.repository, number=item.number)


def let_people_react(
    context: Context, sandbox: Sandbox, advance: Callable[[timedelta], None], plan_hash: str
) -> dict[str, int]:
    """Let some of the people of a finished run react, then look after it. Returns how many did
    what.

    Raises the typed errors of the client.
    """
    asyncio.run(follow_once(context))  # what happens from now on is the listener's
    advance(LATER)
    notified = [item for item in context.store.plans.items(plan_hash, acting=True) if item.author]
    retired = [item for item in notified if item.decision is Decision.RETIRE]
    stale = [*retired, *_asked(context, plan_hash)[1]]
    active = [item for item in notified if item.decision is Decision.REDIRECT]
    team = _team(context, plan_hash)
    with taking_webhooks(context, sandbox):
        done = {
            "refiled": sum(_refile(sandbox, context, item) for item in stale[1 : 1 + REFILED]),
            "fixed": sum(_fix(sandbox, context, item, team) for item in active[:FIXED]),
            "thanked": sum(_thank(sandbox, item) for item in active[FIXED : FIXED + THANKED]),
            "asked to reopen": _say(
                sandbox,
                stale[1 + REFILED : 1 + REFILED + REOPENED],
                "This still matters to us, we hit it every week.\n\n/reopen",
            ),
            "answered": _answer(context, team),
        }
    done["arrived"] = _arrive(
        sandbox, context, notified, team
    )  # no webhook tells of these: the sweep finds them
    advance(LATER)
    asyncio.run(follow_once(context))
    return done | {"landed": context.store.landings.count(), "welcomed": _welcomed(context)}


def _team(context: Context, plan_hash: str) -> list[str]:
    """People with triage rights who take part somewhere."""
    return [person.login for person in mail_forecast(context, plan_hash).maintainers]


def _refile(sandbox: Sandbox, context: Context, item: PlanItem) -> bool:
    """The author opens it anew where the notice sent them."""
    return sandbox.act(
        item.author,
        do="open_issue",
        repository=context.migration.file.part(item.part).target,
        title=item.title,
        body=f"It still happens with the current version. Moved here from {item.url}",
    )


def _fix(sandbox: Sandbox, context: Context, item: PlanItem, team: Sequence[str]) -> bool:
    """A maintainer's pull request in the new repository fixes it."""
    return bool(team) and sandbox.act(
        team[item.number % len(team)],
        do="open_pull",
        repository=context.migration.file.part(item.part).target,
        title=f"Fix: {item.title}"[:200],
        body=f"Fixes {item.key}",
    )


def _arrive(
    sandbox: Sandbox, context: Context, notified: Sequence[PlanItem], team: Sequence[str]
) -> int:
    """People of the team, who may set labels, report again in the old repository what is surely
    about what moves."""
    source, ours = (
        context.migration.file.migration.source,
        context.migration.file.ownership.labels.ours,
    )
    about = [item for item in notified if item.repository == source and item.kind is ItemKind.ISSUE]
    chosen = {
        item.number: item
        for item in sorted(about, key=lambda item: (-item.probability, item.number))[:ARRIVED]
    }
    texts = {
        record["number"]: str(record.get("body", ""))
        for record in sandbox.world()
        if record["record"] == "item"
        and record["repository"] == source
        and record["number"] in chosen
    }
    return sum(
        sandbox.act(
            login,
            do="open_issue",
            repository=source,
            title=item.title,
            body=texts.get(number, ""),
            labels=[label for label in item.before.get("labels", ()) if label in ours],
        )
        for (number, item), login in zip(chosen.items(), cycle(team), strict=False)
    )


def _welcomed(context: Context) -> int:
    """How many new issues got a notice on arrival: each is a plan of its own."""
    plans = context.store.plans.newest(FOLLOWED, kinds=(PlanKind.FOLLOW,))
    return sum(plan.totals.decisions.get(Decision.WELCOME.value, 0) for plan in plans)


def _thank(sandbox: Sandbox, item: PlanItem) -> bool:
    return sandbox.act(
        item.author,
        do="react",
        repository=item.repository,
        number=item.number,
        comment=None,
        content="THUMBS_UP",
    )


def _say(sandbox: Sandbox, items: Iterable[PlanItem], body: str) -> int:
    """Have the authors comment; returns how many did."""
    return sum(
        sandbox.act(
            item.author, do="comment", repository=item.repository, number=item.number, body=body
        )
        for item in items
    )


def _answer(context: Context, team: Sequence[str]) -> int:
    """The team answers some of what we asked; each takes the next item of the queue."""
    count = 0
    for place, login in enumerate((*team, *team)[:ANSWERED]):
        found = next_item(context, login)
        if found.view is None:
            break
        wanted = AnswerKey.NOT_OURS if place % 3 == 2 else AnswerKey.OURS
        offered = [each.key for each in found.view.offers]
        if not offered:
            break
        key = wanted if wanted in offered else offered[0]
        who = Principal(login=login, auth_method="rehearsal")
        answer_by_key(context, who, found.view.item.key, key, seen=found.seen)
        count += 1
    return count
