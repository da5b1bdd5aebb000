"""``plan``: verdicts and rules in, a frozen and hashed plan out. Nothing is sent to GitHub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from migrator.domain.decisions import Decided, Decision, ReviewAnswer
from migrator.domain.items import Item
from migrator.domain.judging import Judge
from migrator.domain.messages import Notices
from migrator.domain.people import OwnActs, People
from migrator.domain.planning import PlanHasher, PlanHeader, PlanItem, PlanKind, Totals, wave_numbers
from migrator.errors import PlanRefused
from migrator.store.ledger import Standing
from migrator.store.plans import StoredPlan
from migrator.store.verdicts import Judged
from migrator.workflows.context import Context
from migrator.workflows.entries import UNDO_PREFIX
from migrator.workflows.notices import open_notices

BATCH = 200


class Planner:
    """Turns judged items into plan items; pure but for what it was given."""

    def __init__(
        self,
        judge: Judge,
        notices: Notices,
        people: People,
        *,
        as_of: datetime,
        answers: dict[str, ReviewAnswer],
        standings: dict[tuple[str, str], Standing],
    ) -> None:
        self._judge = judge
        self._notices = notices
        self._people = people
        self._as_of = as_of
        self._answers = answers
        self._standings = standings

    def plan(self, judged: Judged) -> PlanItem:
        """What would be done to one item, with the exact text."""
        item = judged.item
        decided = self._judge.decide(item, judged.ownership, judged.activity, now=self._as_of, answer=self._answers.get(item.key))
        if not decided.notice:
            return self._plan_item(judged, decided, "", 1)
        generation = self._generation(item.key, decided.decision)
        if generation is None:
            return self._plan_item(judged, self._standing(decided), "", 1)
        text = self._notices.render(item, decided, judged.ownership, judged.activity, now=self._as_of, generation=generation)
        return self._plan_item(judged, decided, text, generation)

    def _standing(self, decided: Decided) -> Decided:
        message = f"Our notice ({decided.decision}) already stands."
        changes = {"decision": Decision.LEAVE, "code": "already_done", "message": message, "closes": False, "label": ""}
        return msgspec.structs.replace(decided, **changes)

    def _generation(self, key: str, decision: Decision) -> int | None:
        """The generation of a new notice; ``None`` if one of this decision stands, or may stand, on the item."""
        newest = self._standings.get((key, decision.value))
        if newest is None:
            return 1
        undone = self._standings.get((key, f"{UNDO_PREFIX}{decision.value}"))
        taken_back = undone is not None and undone.generation == newest.generation and undone.outcome is not None
        wrote_nothing = newest.outcome in ("skipped", "failed") and not newest.noticed
        return newest.generation + 1 if taken_back or wrote_nothing else None

    def _plan_item(self, judged: Judged, decided: Decided, text: str, generation: int) -> PlanItem:
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
            recipients=self._recipients(item) if acts else (),
            before={"state": item.state.value, "labels": list(item.labels)} if acts else {},
        )

    def _recipients(self, item: Item) -> tuple[str, ...]:
        """Who gets mail of a write, as far as we can know: author, commenters and assignees, without programs."""
        people = [item.author, *(comment.author for comment in item.comments), *item.assignees]
        return tuple(sorted({who.login for who in people if who is not None and self._people.is_person(who)}))


def make_plan(
    context: Context, *, as_of: datetime, own: OwnActs, commands_served: bool, progress: Callable[[int, int], None]
) -> StoredPlan:
    """Plan every judged item at the moment ``as_of``, store the plan, and return it.

    The same snapshots, rules and moment give the plan that is already stored, by its hash.
    Raises :class:`PlanRefused` if nothing was classified under the current rules.
    """
    store, file = context.store, context.migration.file
    planner = Planner(
        Judge(file, own),
        open_notices(context, commands_served=commands_served),
        People(file.migration),
        as_of=as_of,
        answers=store.verdicts.answers(),
        standings=store.ledger.standings(),
    )
    header = PlanHeader(
        migration=file.migration.name,
        kind=PlanKind.MIGRATE,
        source=file.migration.source,
        targets=file.targets,
        as_of=as_of,
        expires_at=as_of + file.plan.valid_days,
        rules_digest=context.migration.digest,
    )
    judged = store.verdicts.stream(rules_digest=context.migration.digest)
    total = store.verdicts.count(rules_digest=context.migration.digest)
    if not total:
        raise PlanRefused(
            "no item has been classified under these rules", cure="run `migrator scan` and `migrator classify` first"
        )
    return write_plan(context, header, (planner.plan(one) for one in judged), total=total, progress=progress)


def write_plan(
    context: Context, header: PlanHeader, items: Iterable[PlanItem], *, total: int, progress: Callable[[int, int], None]
) -> StoredPlan:
    """Store a plan's items as they come, in the order of repository and number, then give it its hash and its waves."""
    plans = context.store.plans
    draft = plans.begin_draft(header, context.clock())
    hasher, tally, done = PlanHasher(header), _Tally(), 0
    batch: list[PlanItem] = []
    for item in items:
        hasher.add(item)
        tally.add(item)
        batch.append(item)
        if len(batch) == BATCH:
            plans.save_items(draft, batch)
            done += len(batch)
            progress(done, total)
            batch = []
    plans.save_items(draft, batch)
    progress(total, total)
    sizes = context.migration.file.plan.waves
    waves = plans.set_waves(draft, list(wave_numbers(tally.notices, sizes)))
    return plans.finish_draft(draft, hasher.hexdigest(), header, tally.totals(waves), context.clock())


class _Tally:
    """Sums while a plan streams by."""

    def __init__(self) -> None:
        self._decisions: Counter[str] = Counter()
        self._items = 0
        self.notices = 0
        self._closes = 0

    def add(self, item: PlanItem) -> None:
        self._items += 1
        self._decisions[item.decision.value] += 1
        self.notices += item.acts
        self._closes += item.acts and item.closes

    def totals(self, waves: int) -> Totals:
        return Totals(
            items=self._items,
            decisions=dict(sorted(self._decisions.items())),
            notices=self.notices,
            closes=self._closes,
            waves=waves,
        )
