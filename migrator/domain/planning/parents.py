"""The order in which related issues are transferred: parents come before their sub-issues.

What is known of parents is as old as the scan, and may be incomplete. It orders a plan and nothing
else: when its turn comes, a sub-issue still waits for a parent that is to move.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.domain.items import Frozen


class KnownParents(Frozen, frozen=True, kw_only=True):
    """``owner/name#number`` of issues -> that of the issue that each is a part of."""

    parents: dict[str, str] = {}


def depth(key: str, parents: Mapping[str, str]) -> int:
    """How many of the issues in ``parents`` an issue is below; a circle ends where it began."""
    seen = {key}
    while (parent := parents.get(key, "")) in parents and parent not in seen:
        seen.add(parent)
        key = parent
    return len(seen) - 1
