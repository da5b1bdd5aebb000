"""Issues that wait for a maintainer on the same grounds: the same report by several people."""

from __future__ import annotations

from migrator.domain.items import ItemRef
from migrator.services import review
from tests.support.dashboard import SOURCE, Hall, planned, scan_again


def report_again(found: Hall, times: int) -> set[ItemRef]:
    """Open the text of an unsure item so many times again, scan, classify and plan; returns the new
    issues."""
    context = found.context
    unsure = min(one.key for one in review.waiting(context) if one.decided.code == "unsure")
    item = context.store.snapshots.get(*ItemRef.parse(unsure))
    assert item is not None
    opened = [
        found.sandbox.rest(
            "POST",
            f"/repos/{SOURCE}/issues",
            by=("rita", "wally")[place % 2],
            json={"title": f"{item.title} (report {place})", "body": item.body},
        )
        for place in range(times)
    ]
    scan_again(context)
    planned(context)
    return {ItemRef(SOURCE, reply.json()["number"]) for reply in opened}
