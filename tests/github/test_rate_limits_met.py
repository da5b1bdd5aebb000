"""The client against a GitHub that enforces its limits."""

from __future__ import annotations

import itertools

import pytest

from migrator.errors import LimitExceeded
from migrator.github.queries.items import ITEM_BY_NUMBER, SCAN_ISSUES, SCAN_PULLS
from tests.support.graphql_cost import cost
from tests.support.sandboxes import OLD, Sandboxes, issue, pull

CONTENT_A_MINUTE = 80


async def test_a_content_limit_is_told_with_its_wait_and_nothing_was_written(
    sandboxes: Sandboxes,
) -> None:
    """GitHub allows 80 comments a minute: one more is refused, with clean headers, and the
    refused one does not exist."""
    started = sandboxes.start(issue(1), limits="real")
    async with started.client() as client:
        item = await client.item_by_number(OLD, 1)
        for _ in range(CONTENT_A_MINUTE):
            await client.add_comment(item.id, "Moved.")
        with pytest.raises(LimitExceeded) as caught:
            await client.add_comment(item.id, "Moved.")
        found = await client.find_comments(item.id)
        assert client.rates["graphql"].remaining > 0
    assert caught.value.secondary
    assert 1.0 <= caught.value.wait <= 3660.0
    assert len(found) == CONTENT_A_MINUTE


async def test_what_a_page_costs_is_what_we_computed(sandboxes: Sandboxes) -> None:
    """Two programs that do not know each other compute the same points from GitHub's
    documentation."""
    started = sandboxes.start(issue(1), pull(2), limits="real")
    used = [0]
    async with started.client(
        on_response=lambda seen: used.append(seen.rate.used if seen.rate else -1)
    ) as client:
        await anext(client.scan_issues(OLD))
        await anext(client.scan_pulls(OLD))
        await client.item_by_number(OLD, 1)
    paid = [after - before for before, after in itertools.pairwise(used)]
    assert paid == [
        cost(document, {}).points for document in (SCAN_ISSUES, SCAN_PULLS, ITEM_BY_NUMBER)
    ]
