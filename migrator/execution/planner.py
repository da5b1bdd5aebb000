"""One judged item in, one plan item out: the same for a plan of thousands and for the one item
that has just arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from migrator.domain.classification.activity.pushes import head_of
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ACTING, Decided, Decision, ReviewAnswer
from migrator.domain.decisions.decision import REASONS
from migrator.domain.evidence import Evidence
from migrator.domain.not_judged import NOT_JUDGED, why_not
from migrator.domain.notices import Notices
from migrator.domain.people import BotIdentity, People, recipients_of
from migrator.domain.planning.plan import PlanItem
from migrator.errors import MigratorError
from migrator.execution.deadlines import JUDGING_SECONDS, deadline
from migrator.execution.ledger_entries import next_generation
from migrator.store.ledger import Standing
from migrator.store.verdicts import ClassifiedItem


def _undecided(why: Evidence) -> Decided:
    """The decision on an item of which nothing can be said but why."""
    return Decided(
        decision=Decision.REVIEW, code=NOT_JUDGED, message=REASONS[NOT_JUDGED], deciding=why
    )


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
        standings: Mapping[tuple[str, str], Standing],
    ) -> None:
        self._judge = judge
        self._notices = notices
        self._people = people
        self._own = own
        self._as_of = as_of
        self._answers = answers
        self._standings = standings

    def plan(self, judged: ClassifiedItem, *, arrived: bool = False) -> PlanItem:
        """What would be done to one item, with the exact text. ``arrived``: it has just been
        opened.

        One that cannot be planned, or not in time, goes to a maintainer and stops no other. Raises
        the errors of a wrong file.
        """
        try:
            with deadline(JUDGING_SECONDS):
                return self._plan(judged, arrived=arrived)
        except MigratorError:
            raise
        except Exception as error:
            return self._plan_item(judged, _undecided(why_not(error)), "", 1)

    def _plan(self, judged: ClassifiedItem, *, arrived: bool) -> PlanItem:
        item, answer = judged.item, self._answers.get(judged.item.key)
        decided = self._judge.decide(
            item, judged.ownership, judged.activity, now=self._as_of, answer=answer, arrived=arrived
        )
        if not decided.notice:
            return self._plan_item(judged, decided, "", 1)
        generation = next_generation(self._standings, item.key, decided.decision.value)
        if generation is None or (decided.code == "known_landing" and self._told(item.key)):
            return self._plan_item(judged, self._standing(decided), "", 1)
        text = self._notices.render(
            item, decided, judged.ownership, judged.activity, now=self._as_of, generation=generation
        )
        return self._plan_item(judged, decided, text, generation)

    def _told(self, key: str) -> bool:
        """Whether any notice of ours stands on the item: what it says of a successor is put into
        that one, by editing."""
        return any(
            (key, one.value) in self._standings
            and next_generation(self._standings, key, one.value) is None
            for one in ACTING
        )

    def _standing(self, decided: Decided) -> Decided:
        message = f"Our notice ({decided.decision}) already stands."
        changes = {
            "decision": Decision.LEAVE,
            "code": "already_done",
            "message": message,
            "closes": False,
            "label": "",
        }
        return msgspec.structs.replace(decided, **changes)

    def _plan_item(
        self, judged: ClassifiedItem, decided: Decided, text: str, generation: int
    ) -> PlanItem:
        item, whose, alive = judged.item, judged.ownership, judged.activity
        acts = bool(text)
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
            recipients=tuple(sorted(recipients_of(item, self._people, self._own))) if acts else (),
            before={"state": item.state.value, "labels": list(item.labels)} if acts else {},
            head=head_of(item) if acts else "",
        )
