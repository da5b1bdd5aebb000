"""One judged item in, one plan item out: the same for a plan of thousands and for the one item
that has just arrived. What a plan stands on and adds up to is worked out here, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from migrator.domain.calibration import Calibration
from migrator.domain.classification.activity.pushes import head_of
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import Decided, Decision, ReviewAnswer
from migrator.domain.decisions.decision import REASONS
from migrator.domain.evidence import Evidence, Ownership
from migrator.domain.items import Item
from migrator.domain.not_judged import NOT_JUDGED, why_not
from migrator.domain.notices import Notices
from migrator.domain.people import BotIdentity, People, recipients_of
from migrator.domain.planning.plan import KnownParents, PlanHeader, PlanItem, PlanKind, Totals
from migrator.domain.protocol.history import Histories, follow_up, instead, was_reopened_by_others
from migrator.domain.rules import MigrationFile
from migrator.errors import MigratorError
from migrator.execution.deadlines import JUDGING_SECONDS, deadline
from migrator.execution.migration_state import MigrationState, calibration_in_force
from migrator.store import json_columns
from migrator.store.verdicts import ClassifiedItem

PARENTS = "(parents)"
"""Under this name the parents stand among the repository facts; no repository can be called so."""


def _undecided(why: Evidence) -> Decided:
    """The decision on an item of which nothing can be said but why."""
    return Decided(
        decision=Decision.REVIEW, code=NOT_JUDGED, message=REASONS[NOT_JUDGED], deciding=why
    )


def plan_header(records: MigrationState, kind: PlanKind, as_of: datetime) -> PlanHeader:
    """What a plan of that kind, made at that time, stands on."""
    file = records.migration.file
    return PlanHeader(
        migration=file.migration.name,
        kind=kind,
        source=file.migration.source,
        targets=file.targets,
        as_of=as_of,
        expires_at=as_of + file.plan.valid_days,
        rules_digest=records.migration.digest,
        set_aside=unknown_items(records) if kind is PlanKind.MIGRATE else 0,
        calibration=_calibration(records, kind),
    )


def unknown_items(records: MigrationState) -> int:
    """How many items GitHub has and we do not know: set aside by name, or counted by GitHub and
    never shown."""
    return records.store.set_aside.count() + sum(records.store.snapshots.missing().values())


def _calibration(records: MigrationState, kind: PlanKind) -> Calibration | None:
    """A plan to migrate freezes the calibration of the verdicts that it is made from; undo and
    retry go by that one. The listener's standing plan has none: its hash must not change."""
    if kind is PlanKind.FOLLOW:
        return None
    if kind is PlanKind.MIGRATE:
        return records.store.calibrations.newest(rules_digest=records.migration.digest)
    return calibration_in_force(records)


class PlanTally:
    """Sums over a plan's items, one after the other."""

    def __init__(self, header: PlanHeader) -> None:
        self._source = header.source.casefold()
        self._gates = header.kind not in (PlanKind.UNDO, PlanKind.FOLLOW)
        self._whole = header.kind is PlanKind.MIGRATE
        self._decisions: Counter[str] = Counter()
        self._closes = 0
        self._edited = 0
        self._source_open = 0
        self._source_ours = 0
        self.notices = 0
        self.clears = 0

    def add(self, item: PlanItem) -> None:
        """Count one item."""
        self._decisions[item.decision.value] += 1
        self.notices += item.acts
        self.clears += self._gates and item.acts and item.decision is Decision.CLEAR
        self._closes += item.acts and item.closes
        self._edited += item.acts and bool(item.edits)
        if self._whole and item.repository.casefold() == self._source and item.code != "closed":
            self._source_open += 1
            self._source_ours += item.acts or item.answer == Ownership.OURS.value

    def totals(self, waves: Sequence[int]) -> Totals:
        """The sums. ``waves`` are the wave numbers of the notices, in order."""
        return Totals(
            items=self._decisions.total(),
            decisions=dict(sorted(self._decisions.items())),
            notices=self.notices,
            closes=self._closes,
            waves=waves[-1] if waves else 0,
            source_open=self._source_open,
            source_ours=self._source_ours,
            clear_wave=waves[-self.clears] if self.clears else 0,
            edited=self._edited,
        )


def open_planner(
    records: MigrationState,
    judge: Classifier,
    notices: Notices,
    own: BotIdentity,
    *,
    as_of: datetime,
    histories: Histories,
) -> Planner:
    """What turns judged items into plan items at that time, with the maintainers' answers so
    far."""
    return Planner(
        judge,
        notices,
        records.migration.file,
        own,
        as_of=as_of,
        answers=records.store.verdicts.answers(),
        histories=histories,
        parents=known_parents(records),
    )


class Planner:
    """Turns judged items into plan items; pure but for what it was given."""

    def __init__(
        self,
        judge: Classifier,
        notices: Notices,
        rules: MigrationFile,
        own: BotIdentity,
        *,
        as_of: datetime,
        answers: Mapping[str, ReviewAnswer],
        histories: Histories,
        parents: Mapping[str, str],
    ) -> None:
        self._parents = parents
        self._judge = judge
        self._notices = notices
        self._rules = rules
        self._people = People(rules.migration)
        self._own = own
        self._as_of = as_of
        self._answers = answers
        self._histories = histories

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
        if decided.notice and self._is_transferred(item):
            decided = instead(decided, Decision.LEAVE, "transferred").decided
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

    def _is_transferred(self, item: Item) -> bool:
        """Whether an item of a target repository came from the source by a transfer: it is no
        unfinished item of the target."""
        migration = self._rules.migration
        in_source = item.repository.casefold() == migration.source.casefold()
        return not in_source and self._histories.was_in(migration.source, item.id, item.key)

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
        moves = decided.decision is Decision.TRANSFER
        mails = acts and (not edits or decided.closes or moves)  # an edit mails nobody
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
            transfers_to=self._transfers_to(decided) if acts else "",
            parent=self._parents.get(item.key, "") if acts and moves else "",
            notice_after=acts
            and decided.decision is Decision.TRANSFER
            and self._rules.decisions.transfer.notice == "after",
        )

    def _transfers_to(self, decided: Decided) -> str:
        if decided.decision is not Decision.TRANSFER:
            return ""
        return self._rules.part(decided.part).target


def known_parents(records: MigrationState) -> dict[str, str]:
    """The parents as the last scan read them; none where threads are not transferred."""
    stored = records.store.snapshots.facts(PARENTS)
    if stored is None or not records.migration.file.decisions.transfers:
        return {}
    return json_columns.read(stored, KnownParents).parents
