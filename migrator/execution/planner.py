"""One judged item in, one plan item out: the same for a plan of thousands and for the one item
that has just arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from migrator.domain.classification.activity.pushes import head_of
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import Decided, ReviewAnswer
from migrator.domain.notices import Notices
from migrator.domain.people import BotIdentity, People, recipients_of
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.history import Histories, follow_up, was_reopened_by_others
from migrator.store.verdicts import ClassifiedItem


class Planner:
    """Turns judged items into plan items; pure but for what it was given."""

    def __init__(
        self,
        judge: Classifier,
        notices: Notices,
        people: People,
        own: BotIdentity,
        *,
        as_of: datetime,
        answers: Mapping[str, ReviewAnswer],
        histories: Histories,
    ) -> None:
        self._judge = judge
        self._notices = notices
        self._people = people
        self._own = own
        self._as_of = as_of
        self._answers = answers
        self._histories = histories

    def plan(self, judged: ClassifiedItem, *, arrived: bool = False) -> PlanItem:
        """What would be done to one item, with the exact text. ``arrived``: it has just been
        opened."""
        item, answer = judged.item, self._answers.get(judged.item.key)
        decided = self._judge.decide(
            item, judged.ownership, judged.activity, now=self._as_of, answer=answer, arrived=arrived
        )
        if not decided.notice:
            return self._plan_item(judged, decided, "", 1)
        history = self._histories.of(item.id, item.key)
        reopened = was_reopened_by_others(item, self._own)
        decided, edits = follow_up(decided, history, answer, reopened=reopened)
        if not decided.notice:
            return self._plan_item(judged, decided, "", 1)
        generation = history.next_generation(decided.decision.value)
        text = self._notices.render(
            item, decided, judged.ownership, judged.activity, now=self._as_of, generation=generation
        )
        return self._plan_item(judged, decided, text, generation, edits.entry_id if edits else "")

    def _plan_item(
        self,
        judged: ClassifiedItem,
        decided: Decided,
        text: str,
        generation: int,
        edits: str = "",
    ) -> PlanItem:
        item, whose, alive = judged.item, judged.ownership, judged.activity
        acts = bool(text)
        mails = acts and (not edits or decided.closes)  # an edit mails nobody
        return PlanItem(
            key=item.key,
            repository=item.repository,
            number=item.number,
            kind=item.kind,
            node_id=item.id,
            url=item.url,
            title=item.title,
            author=item.author.login if item.author else "",
            created_at=item.created_at,
            decision=decided.decision,
            code=decided.code,
            reason=decided.message,
            deciding=decided.deciding,
            part=decided.part,
            probability=round(whose.probability, 6),
            grounds=whose.grounds.value,
            answer=whose.answer.value,
            activity=alive.answer.value,
            clock=alive.clock,
            stale_at=alive.stale_at,
            text=text,
            label=decided.label if acts else "",
            closes=decided.closes and acts,
            close_reason=decided.close_reason if acts else "",
            grace_days=decided.grace_days if acts else 0,
            generation=generation,
            recipients=tuple(sorted(recipients_of(item, self._people, self._own))) if mails else (),
            edits=edits,
            before={"state": item.state.value, "labels": list(item.labels)} if acts else {},
            head=head_of(item) if acts else "",
        )
