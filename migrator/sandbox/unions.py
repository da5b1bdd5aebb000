"""Which types stand in which timeline, read from our schema text."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def _members(union: str) -> frozenset[str]:
    text = (files("migrator.sandbox.graphql") / "schema" / "timeline.graphql").read_text("utf-8")
    found = re.search(rf"^union {union} = (.+)$", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"the schema has no union {union}")
    return frozenset(name.strip() for name in found[1].split("|"))


@cache
def word_to_type(word: str) -> str:
    """Return the type that an ``itemTypes`` word names: ``CLOSED_EVENT`` -> ``ClosedEvent``."""
    return "".join(part.capitalize() for part in word.split("_"))


ISSUE_TIMELINE = _members("IssueTimelineItems")
PULL_TIMELINE = _members("PullRequestTimelineItems")
