"""Which calibration holds: the one that the newest plan of the migration froze."""

from __future__ import annotations

from migrator.domain.calibration import Calibration
from migrator.domain.planning.plan import PlanKind
from migrator.execution.migration_state import MigrationState


def calibration_in_force(records: MigrationState) -> Calibration | None:
    """The calibration of the newest plan made under these rules, else the newest that was made;
    ``None`` before the first.

    Whoever follows a plan judges as it did: a later `classify` changes nothing until somebody plans
    again.
    """
    digest = records.migration.digest
    for plan in records.store.plans.newest(1, kinds=[PlanKind.MIGRATE]):
        if plan.header.rules_digest == digest and plan.header.calibration is not None:
            return plan.header.calibration
    return records.store.calibrations.newest(rules_digest=digest)
