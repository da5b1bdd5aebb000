"""A plan item for a comment that no plan holds: an answer, or the notice of an item that is completed."""

from __future__ import annotations

from migrator.domain.decisions import Decision
from migrator.domain.items import Item
from migrator.domain.planning import PlanItem


def stub(item: Item, text: str) -> PlanItem:
    """What posting ``text`` on an item needs to know; nothing is labelled or closed by it."""
    return PlanItem(
        key=item.key,
        repository=item.repository,
        number=item.number,
        kind=item.kind,
        node_id=item.id,
        url=item.url,
        title=item.title,
        decision=Decision.LEAVE,
        text=text,
    )
