"""Which repository a name means: a rename changes the name and not the repository, and a name may
come to mean another one.

A renamed repository keeps its node id, and GitHub answers under the new name to who asks by the old
one (https://docs.github.com/repositories/creating-and-managing-repositories/renaming-a-repository).
"""

from __future__ import annotations

from collections.abc import Sequence

from migrator.domain.node_ids import same_node
from migrator.errors import REPLACED, RepositoryReplaced
from migrator.github.client import GitHubClient
from migrator.github.models import RepositoryFacts
from migrator.store.item_names import id_of_facts
from migrator.store.snapshots import Snapshots


def refuse_replaced(snapshots: Snapshots, asked: str, now: RepositoryFacts) -> None:
    """Raise :class:`RepositoryReplaced` if that name meant another repository when it was scanned
    before."""
    stored = snapshots.facts(asked)
    before = "" if stored is None else id_of_facts(stored)
    if before and not same_node(now.id, before):
        raise RepositoryReplaced.under(asked, before=before, now=now.id)


def repository_ids(snapshots: Snapshots, names: Sequence[str]) -> dict[str, str]:
    """GitHub's id -> name in the migration file, of those repositories that were scanned."""
    stored = {name: facts for name in names if (facts := snapshots.facts(name)) is not None}
    return {found: name for name, facts in stored.items() if (found := id_of_facts(facts))}


def is_replaced(reason: str) -> bool:
    """Whether a run stopped for this reason because a repository's name means another one now."""
    return REPLACED in reason


class RepositoryNames:
    """Tells a renamed repository from a transfer to another one."""

    def __init__(
        self,
        github: GitHubClient,
        snapshots: Snapshots,
        known: dict[tuple[str, str], bool] | None = None,
    ) -> None:
        """``known`` remembers answers from one instance to the next."""
        self._github = github
        self._snapshots = snapshots
        self._renamed = {} if known is None else known

    async def is_same(self, planned: str, now: str) -> bool:
        """Whether an item that was planned in one repository and shows another one now is still
        where it was. Asks GitHub once for each pair of names; raises what a read raises."""
        if planned.casefold() == now.casefold():
            return True
        pair = (planned.casefold(), now.casefold())
        if pair not in self._renamed:
            facts = await self._github.repository(planned)
            refuse_replaced(self._snapshots, planned, facts)
            self._renamed[pair] = facts.name.casefold() == now.casefold()
        return self._renamed[pair]
