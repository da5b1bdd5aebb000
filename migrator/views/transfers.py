"""What the transfers of a plan cost: the facts of `check`, from the last scan, for the plan's page
and the API."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from migrator.domain.items import Frozen, Item
from migrator.domain.planning.transfer_losses import (
    AT_RISK,
    CHANGED,
    KEPT,
    TransferLosses,
    transfer_losses,
)
from migrator.execution.migration_state import MigrationState, known_repository
from migrator.github.checks.workflows import opened_workflows
from migrator.store.plans import StoredPlan

TRANSFERS: Final = "transfers-1"


class TransferPreflight(Frozen, frozen=True, kw_only=True):
    """What it means to transfer this plan's threads to ``losses.target``.

    ``workflows`` are paths in the target that each arriving thread starts; ``known`` is false where
    the target was not scanned, or threads have moved since: then only ``losses.threads`` is known.
    """

    losses: TransferLosses
    known: bool = True
    archived: bool = False
    private_to_public: bool = False
    workflows: tuple[str, ...] = ()
    kept: tuple[str, ...] = KEPT
    changed: tuple[str, ...] = CHANGED
    at_risk: tuple[str, ...] = AT_RISK


def transfer_preflights_so_far(
    context: MigrationState, plan: StoredPlan
) -> tuple[TransferPreflight, ...] | None:
    """The same if it is known; ``None`` if it was not worked out yet."""
    if not context.migration.file.decisions.transfers:
        return ()
    return context.store.facts.get(plan.hash, TRANSFERS, tuple[TransferPreflight, ...])


def transfer_preflights(context: MigrationState, plan: StoredPlan) -> tuple[TransferPreflight, ...]:
    """One for each repository that the plan transfers threads to; worked out once, over all its
    items."""
    known = transfer_preflights_so_far(context, plan)
    if known is not None:
        return known
    going: dict[str, str] = {
        item.key: item.transfers_to
        for item in context.store.plans.items(plan.hash, acting=True)
        if item.transfers_to
    }
    threads: defaultdict[str, list[Item]] = defaultdict(list)
    for item in context.store.snapshots.stream() if going else ():
        if target := going.get(str(item.ref)):
            threads[target].append(item)
    counts = Counter(going.values())
    found = tuple(
        _preflight(context, name, threads[name], count) for name, count in sorted(counts.items())
    )
    if all(one.known for one in found):
        context.store.facts.keep(plan.hash, TRANSFERS, found)
    return found


def _preflight(
    context: MigrationState, name: str, items: list[Item], count: int
) -> TransferPreflight:
    snapshots = context.store.snapshots
    source = known_repository(snapshots, context.migration.file.migration.source)
    target = known_repository(snapshots, name)
    if target is None or len(items) < count:  # those that moved already have other names
        losses = TransferLosses(target=name, threads=count, milestones_known=False)
        return TransferPreflight(losses=losses, known=False)
    losses = transfer_losses(
        name,
        items,
        labels=[label.name for label in target.labels],
        milestones=target.milestones,
    )
    return TransferPreflight(
        losses=losses,
        archived=target.archived or (source is not None and source.archived),
        private_to_public=source is not None and source.private and not target.private,
        workflows=opened_workflows(target.files),
    )
