"""The migration file's content, typed. Every other module takes the table it needs, never the
whole file."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, model_validator

from migrator.domain.rules.activity import ActivityRules
from migrator.domain.rules.base import Rules
from migrator.domain.rules.decisions import (
    BudgetRules,
    Contributing,
    DecisionRules,
    NoticeRules,
    PlanRules,
    ThreadTransferRules,
)
from migrator.domain.rules.ownership import OwnershipRules
from migrator.domain.rules.parts import Migration, MovedPath, Part, RefileForm
from migrator.domain.rules.sending import BreakerRules, QuietHours, ReviewRules, SendingRules

__all__ = [
    "ActivityRules",
    "BreakerRules",
    "BudgetRules",
    "Contributing",
    "DecisionRules",
    "Migration",
    "MigrationFile",
    "MovedPath",
    "NoticeRules",
    "OwnershipRules",
    "Part",
    "PlanRules",
    "QuietHours",
    "RefileForm",
    "ReviewRules",
    "Rules",
    "SendingRules",
    "ThreadTransferRules",
]


COMMANDS: Final = frozenset({"done", "migrate-help", "reopen", "still-here"})
"""Commands of every migration, without their slash; each part adds `/NAME` and `/not-NAME`."""


class MigrationFile(Rules):
    """One migration: what moves where, how items are judged, what is done, how it is said."""

    migration: Migration
    """Names the migration and when it happened."""
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    """The parts that move, each with its target."""
    ownership: OwnershipRules = OwnershipRules()
    """Whose is it?"""
    activity: ActivityRules = ActivityRules()
    """Is it alive?"""
    decisions: DecisionRules = DecisionRules()
    """What each decision does."""
    notices: NoticeRules = NoticeRules()
    """What we say."""
    review: ReviewRules = ReviewRules()
    """How well the verdicts must have been checked."""
    budget: BudgetRules = BudgetRules()
    """How fast."""
    sending: SendingRules = SendingRules()
    """To whom how much, and when."""
    breaker: BreakerRules = BreakerRules()
    """When a run stops by itself."""
    plan: PlanRules = PlanRules()
    """How plans hold."""

    @model_validator(mode="after")
    def _parts_are_consistent(self) -> MigrationFile:
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names):
            raise ValueError("two parts have the same name")
        for name in names:
            if name in COMMANDS or name.removeprefix("not-") in set(names) - {name}:
                raise ValueError(
                    f"the part {name!r} has the name of a command of the migration: rename it"
                )
        unknown = sorted(set(self.ownership.labels.ours.values()) - set(names))
        if unknown:
            raise ValueError(f"ownership.labels.ours names the unknown part {unknown[0]!r}")
        return self

    @model_validator(mode="after")
    def _transfers_within_one_owner(self) -> MigrationFile:
        """https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository"""
        if not self.decisions.transfers:
            return self
        owner = self.migration.source.partition("/")[0].casefold()
        for part in self.parts:
            if part.target.partition("/")[0].casefold() != owner:
                raise ValueError(
                    f"GitHub transfers issues within one owner only, and {part.target} has "
                    f"another owner than {self.migration.source}; leave "
                    "`decisions.active.act` at `redirect` and `decisions.stale.act` at `retire`"
                )
        return self

    def part(self, name: str) -> Part:
        """The part of that name; the first one if ``name`` is empty. Raises ``KeyError`` for a
        name that no part has."""
        if not name:
            return self.parts[0]
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    @property
    def targets(self) -> tuple[str, ...]:
        """Target repositories, each once, in the file's order."""
        return tuple(dict.fromkeys(part.target for part in self.parts))
