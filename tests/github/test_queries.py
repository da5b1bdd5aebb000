"""Every GraphQL document that we can send: valid by GitHub's own schema, and within its limits."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from graphql import GraphQLSchema, parse, validate

from migrator.domain.items import ItemKind
from migrator.github import mutations
from migrator.github.http_messages import GraphQLDocument, query
from migrator.github.mutations import MutationStep, composed
from migrator.github.queries import earlier, items, numbers, repository
from migrator.github.queries.earlier import THREADS_A_REQUEST, ThreadGap
from tests.support.graphql_cost import NODE_LIMIT, POINTS_AN_HOUR, cost

_MODULES = (items, items, numbers, repository, items, items, repository, mutations)


def _fixed() -> list[GraphQLDocument]:
    return [
        value
        for module in _MODULES
        for value in vars(module).values()
        if isinstance(value, GraphQLDocument)
    ]


def _composed() -> list[GraphQLDocument]:
    every = [
        steps for length in range(1, 6) for steps in itertools.combinations(MutationStep, length)
    ]
    return [
        composed(f"{kind.name}_{'_'.join(steps)}", kind, steps)
        for kind in ItemKind
        for steps in every
    ]


def _earlier() -> list[GraphQLDocument]:
    wants: list[dict[str, Any]] = [
        {"comments_before": "c"},
        {"events_before": ""},
        {"comments_before": "", "events_before": "e"},
    ]
    needs = [
        ThreadGap(id="1", is_pull_request=pull, **want) for pull in (False, True) for want in wants
    ]
    alone = [earlier.earlier([need])[0] for need in needs]
    both = [
        ThreadGap(id="1", is_pull_request=index % 2 == 0, comments_before="c", events_before="e")
        for index in range(THREADS_A_REQUEST)
    ]
    return [*alone, earlier.earlier(needs)[0], earlier.earlier(both)[0]]


DOCUMENTS = [
    *_fixed(),
    *_composed(),
    *_earlier(),
    *(repository.survey(["a/b"] * number)[0] for number in (1, 2, 5)),
    *(repository.roles(["a/b"] * number)[0] for number in (1, 2, 5)),
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_document_is_valid_by_githubs_own_schema(
    document: GraphQLDocument, official_schema: GraphQLSchema
) -> None:
    """A field that GitHub does not have, a wrong variable type or an unused fragment fails here,
    not in a migration."""
    assert validate(official_schema, parse(document.text)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_document_stays_far_below_the_node_limit(document: GraphQLDocument) -> None:
    """GitHub refuses a query that may hold more than 500,000 nodes; ours keep to a fifth of
    that."""
    assert cost(document, {}).nodes <= NODE_LIMIT / 5


def test_a_repository_of_ten_thousand_items_fits_into_the_points_of_one_hour() -> None:
    """A first scan must not have to wait for the next hour's points."""
    pages = 10_000 / 100
    dearest = max(cost(items.SCAN_ISSUES, {}).points, cost(items.SCAN_PULLS, {}).points)
    assert pages * dearest <= POINTS_AN_HOUR * 0.7


@pytest.mark.parametrize(
    "document",
    [items.ITEM, mutations.ADD_COMMENT, items.COMMENTS],
    ids=lambda document: document.name,
)
def test_what_is_asked_for_every_notice_costs_next_to_nothing(document: GraphQLDocument) -> None:
    """Re-check, notice and look-up happen once per item, so each costs at most two points."""
    assert cost(document, {}).points <= 2


def test_the_cost_is_computed_as_githubs_documentation_computes_it() -> None:
    """The worked examples of GitHub's documentation: 22,060 nodes; and 5,101 connections, which
    are 51 points."""
    nodes_example = query(
        "Nodes",
        "",
        """viewer { repositories(first: 50) { edges { repository: node { name
             pullRequests(first: 20) { edges { pullRequest: node { title
               comments(first: 10) { edges { comment: node { bodyHTML } } } } } }
             issues(first: 20) { totalCount edges { issue: node { title bodyHTML
               comments(first: 10) { edges { comment: node { bodyHTML } } } } } } } } }
           followers(first: 10) { edges { follower: node { login } } } }""",
    )
    points_example = query(
        "Points",
        "",
        """viewer { login repositories(first: 100) { edges { node { id
             issues(first: 50) { edges { node { id
               labels(first: 60) { edges { node { id name } } } } } } } } } }""",
    )
    assert cost(nodes_example, {}).nodes == 22_060
    assert cost(points_example, {}).points == 51


def test_mutations_and_only_they_count_as_writes() -> None:
    """What is sent once and never repeated is decided by this flag."""
    assert {document.writes == document.text.startswith("mutation") for document in DOCUMENTS} == {
        True
    }
