"""What a report shows: a plan's items boiled down as they stream by, and how a run went.

Plain data, no input or output. Everything that came from GitHub is kept as it is; the page escapes
it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from migrator.domain.calibration import described
from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen
from migrator.domain.planning.mail_forecast import MailForecast
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals
from migrator.domain.stats import AGES, Bin, Histogram, days_between
from migrator.views.outcomes import QuestionSums

MOST_ROWS: Final = 1_000
"""Items listed for one decision; a page with more would be slow to open."""

MOST_TEXTS: Final = 300
"""Notices shown in full for one decision."""

ORDER: Final = (
    Decision.REDIRECT,
    Decision.TRANSFER,
    Decision.RETIRE,
    Decision.ASK,
    Decision.PORT,
    Decision.CLEAR,
    Decision.WELCOME,
    Decision.REVIEW,
    Decision.LEAVE,
)
"""Decisions as a reader wants them: what is done first, what is left alone last."""


class ReportKind(StrEnum):
    """What the report is about."""

    PLAN = "plan"
    REHEARSAL = "rehearsal"
    RUN = "run"
    UNDO = "undo"


class Section(Frozen, frozen=True, kw_only=True):
    """All items of one decision: how many, how many of them close, and the first ones in full."""

    decision: Decision
    count: int
    closes: int
    rows: tuple[PlanItem, ...]

    @property
    def hidden(self) -> int:
        """Items that are counted but not listed."""
        return self.count - len(self.rows)


class ReportSections(Frozen, frozen=True, kw_only=True):
    """What :func:`collect` made of a plan's items. ``outcomes`` counts how the items of a run
    ended."""

    sections: tuple[Section, ...]
    silence: tuple[Bin, ...]
    """By days since the last human activity; items that are left alone say nothing about
    activity."""
    reasons: tuple[tuple[str, str, int], ...]
    """``(decision, reason, count)``, the most frequent first."""


class RunSummary(Frozen, frozen=True, kw_only=True):
    """How a run went. ``skipped`` counts by reason; ``verified`` is ``None`` if nothing was
    compared with GitHub.

    ``requests`` counts by kind (``query``, ``mutation``, ``rest``); ``left`` is what a run that
    stopped early did not do, and ``stopped`` says why it stopped. ``findings`` are the sentences of
    `verify`, ``questions`` the answers to what was asked.
    """

    outcomes: dict[str, int] = {}
    skipped: dict[str, int] = {}
    notices: int = 0
    closed: int = 0
    duplicate_notices: int | None = None
    requests: dict[str, int] = {}
    seconds: float = 0.0
    verified: bool | None = None
    findings: tuple[str, ...] = ()
    approved_by: str = ""
    stopped: str = ""
    left: int = 0
    questions: QuestionSums | None = None


class ReportData(Frozen, frozen=True, kw_only=True):
    """Everything that one report shows. ``stale_days`` is the term that the silence chart marks;
    ``made_at`` is aware."""

    kind: ReportKind
    title: str
    made_at: datetime
    header: PlanHeader
    plan_hash: str
    totals: Totals
    collected: ReportSections
    stale_days: int = 180
    mails: MailForecast | None = None
    run: RunSummary | None = None
    undo: RunSummary | None = None
    version: str = ""

    @property
    def expectation(self) -> str:
        """How many of the items answered ours are expected to be right, in words; empty for
        plans without a calibration."""
        return described(self.header.calibration)


def collect(items: Iterable[PlanItem], *, as_of: datetime, stale_days: int = 180) -> ReportSections:
    """Boil a plan's items down in one pass; memory grows with what is shown, not with what there
    is.

    ``as_of`` is the plan's date, from which ages are counted. Items past the shown ones are
    counted only.
    """
    rows: dict[Decision, list[PlanItem]] = defaultdict(list)
    counts: Counter[Decision] = Counter()
    closes: Counter[Decision] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    silence = Histogram((*AGES, stale_days))
    for item in items:
        counts[item.decision] += 1
        closes[item.decision] += item.closes
        reasons[item.decision.value, item.reason or item.code] += 1
        if item.clock is not None and item.decision is not Decision.LEAVE:
            silence.add(days_between(item.clock, as_of), item.decision.value)
        if counts[item.decision] <= MOST_ROWS:
            rows[item.decision].append(item)
    return ReportSections(
        sections=tuple(
            Section(
                decision=decision,
                count=counts[decision],
                closes=closes[decision],
                rows=tuple(rows[decision]),
            )
            for decision in ORDER
            if counts[decision]
        ),
        silence=silence.bins(),
        reasons=tuple(
            (decision, reason, count) for (decision, reason), count in _by_count(reasons)
        ),
    )


def _by_count(counts: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
