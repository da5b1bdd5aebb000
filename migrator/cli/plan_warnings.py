"""What a person must see before approving a plan: that it is one-sided, and what it would clear."""

from __future__ import annotations

from migrator.cli.output import err, moment, out, print_table
from migrator.domain.planning.plan import CLEAR_CANARY, one_sided
from migrator.services.clear_sample import ClearSample
from migrator.store.plans import StoredPlan


def warn_one_sided(plan: StoredPlan) -> None:
    """Say on standard error if nothing would move, or everything would."""
    found = one_sided(plan.totals)
    if found is not None:
        err.print(f"[bold]warning:[/bold] {found.warning}")


def print_clear_sample(sample: ClearSample) -> None:
    """List the sample of items that would be cleared, if there are any."""
    if not sample.items:
        return
    out.print(
        f"{sample.count} items would be cleared, in waves of their own that begin with "
        f"{CLEAR_CANARY}. Look at these:"
    )
    rows = [
        (item.key, item.title[:60], moment(item.created_at), moment(item.clock), item.wave)
        for item in sample.items
    ]
    print_table(("to be cleared", "title", "opened", "last act", "wave"), rows)
