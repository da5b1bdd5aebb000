"""Links to other threads."""

from __future__ import annotations

from migrator.domain.classification.signals import links
from migrator.domain.items import EventKind, ItemKind, ItemReference
from tests.support.dated_items import findings, names
from tests.support.threads import AUTHOR, OPENED, SOURCE, TARGET, event


def reference(repository: str) -> ItemReference:
    """A pull request somewhere."""
    return ItemReference(repository=repository, number=3, kind=ItemKind.PULL_REQUEST)


def test_a_linked_pull_request_of_the_target_speaks_for_ours() -> None:
    """The work is done there; letter case of the repository does not matter."""
    (found,) = findings(links, linked_pulls=(reference(TARGET.upper()),))
    assert (found.name, found.part, found.seen) == (
        "link.target-pull",
        "garden",
        f"{TARGET.upper()}#3",
    )


def test_a_mention_in_the_target_is_a_weaker_sign() -> None:
    """Somebody there spoke of it."""
    seen = event(EventKind.CROSS_REFERENCED, AUTHOR, OPENED, reference=reference(TARGET))
    assert names(findings(links, events=(seen,))) == ["link.target"]


def test_links_within_the_source_say_nothing() -> None:
    """Everything there links to everything."""
    seen = event(EventKind.CROSS_REFERENCED, AUTHOR, OPENED, reference=reference(SOURCE))
    assert findings(links, events=(seen,), linked_pulls=(reference(SOURCE),)) == []
