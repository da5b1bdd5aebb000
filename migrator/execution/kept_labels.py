"""Which label of a repository is ours: kept by its node id, as a maintainer may rename it while a
run is under way."""

from __future__ import annotations

from datetime import datetime

from migrator.domain.items import Frozen, label_key
from migrator.execution.migration_state import known_repository
from migrator.store import json_columns
from migrator.store.snapshots import Snapshots


class KeptLabel(Frozen, frozen=True, kw_only=True):
    """Node id of a label that a run uses."""

    label_id: str = ""


class KeptLabels:
    """Node ids by repository and by the name that the migration file says."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    def find(self, repository: str, name: str) -> str:
        """The node id that a run used last, else the one that was scanned; empty for neither."""
        stored = self._snapshots.facts(_place(repository, name))
        if stored is not None:
            return json_columns.read_or(stored, KeptLabel, KeptLabel()).label_id
        facts = known_repository(self._snapshots, repository)
        scanned = () if facts is None else facts.labels
        return next((one.id for one in scanned if label_key(one.name) == label_key(name)), "")

    def keep(self, repository: str, name: str, label_id: str, at: datetime) -> None:
        """Keep what a run uses from now on."""
        kept = json_columns.write(KeptLabel(label_id=label_id))
        self._snapshots.save_facts(_place(repository, name), kept, at)


def _place(repository: str, name: str) -> str:
    return f"label {label_key(name)} of {repository}"
