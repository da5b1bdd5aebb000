"""One thing has one identity, in whichever of its two forms GitHub names it."""

from __future__ import annotations

import pytest

from migrator.domain.node_ids import node_key, same_node
from migrator.sandbox.ids import node_id


@pytest.mark.parametrize(
    ("legacy", "new"),
    [
        ("MDEwOlJlcG9zaXRvcnkzNTg2NjQ1Mjk=", "R_kgDOFWDJUQ"),  # both from github.com
        ("MDU6SXNzdWUx", node_id("I", 1, 7)),
        ("MDExOlB1bGxSZXF1ZXN0MQ==", node_id("PR", 1, 7)),
    ],
)
def test_both_forms_of_an_id_name_the_same_thing(legacy: str, new: str) -> None:
    """GraphQL and webhooks need not use the same one."""
    assert same_node(legacy, new)
    assert same_node(legacy.rstrip("="), new)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MDU6SXNzdWUx", node_id("I", 2, 7)),
        ("MDU6SXNzdWUx", node_id("PR", 1, 7)),
        ("R_1", "R_2"),
        ("", "MDU6SXNzdWUx"),
        ("I_", "I_!!"),
        ("I_kA", "nonsense"),
        ("I_wMDA", "\ud800"),
    ],
)
def test_what_cannot_be_read_is_something_else(one: str, other: str) -> None:
    """And nothing that stands in an id is an error."""
    assert not same_node(one, other)
    assert (node_key(one) == node_key(one), same_node(one, one)) == (True, True)
