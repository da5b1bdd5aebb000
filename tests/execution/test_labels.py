"""Our label is one label: kept by its id while a run is under way, whatever it is called by then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.execution.scan import scan
from tests.execution.conftest import Stage, staged


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with few items."""
    with staged(tmp_path_factory.mktemp("labels"), items=250) as built:
        yield built


def labels(stage: Stage, item: PlanItem) -> list[str]:
    """Names of the labels of the item's repository."""
    reply = rest(stage, "GET", f"/repos/{item.repository}/labels?per_page=100")
    return [label["name"] for label in reply]


def rest(stage: Stage, method: str, path: str, **options: Any) -> Any:
    """The repository's owner asks GitHub for something."""
    headers = {"authorization": "Bearer sandbox-repository-owner"}
    url = stage.arena.sandbox.url + path
    reply = httpx.request(method, url, headers=headers, **options)
    assert reply.is_success, reply.text
    return reply.json() if reply.content else None


@pytest.mark.parametrize("when", ["AddComment", "LabelAndClose"])
def test_a_label_renamed_in_mid_run_is_not_made_again(stage: Stage, when: str) -> None:
    """The items behind it get the label under its new name."""
    old, new = f"gone to {when}", f"since {when}"
    plan = stage.plan(Decision.RETIRE, Decision.RETIRE, label=old)
    first, second = stage.context.store.plans.items(plan.hash)
    path = f"/repos/{first.repository}/labels/{old}"
    stage.proxy.before[when] = lambda: rest(stage, "PATCH", path, json={"new_name": new})
    stage.apply(plan)
    assert [old in labels(stage, first), new in labels(stage, first)] == [False, True]
    assert new in stage.record(first)["labels"]
    assert new in stage.record(second)["labels"]
    again, third = stage.one(Decision.RETIRE, label=old)
    stage.apply(again)
    assert old not in labels(stage, first)
    assert new in stage.record(third)["labels"]


def test_a_label_that_differs_only_in_case_or_in_unicode_form_is_the_same(stage: Stage) -> None:
    """Nobody sees the difference between two of them."""
    item = stage.items[Decision.RETIRE][-1]
    rest(stage, "POST", f"/repos/{item.repository}/labels", json={"name": "Caf\u00e9"})
    asyncio.run(scan(stage.context, lambda *_, **__: None))
    plan, item = stage.one(Decision.RETIRE, label="cafe\u0301")
    stage.apply(plan)
    assert "cafe\u0301" not in labels(stage, item)
    assert "Caf\u00e9" in stage.record(item)["labels"]
