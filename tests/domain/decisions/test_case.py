"""What a decision is made from: a maintainer's answers in place of verdicts, and the evidence
that is shown for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from migrator.domain.classification.activity import subject_of
from migrator.domain.decisions import (
    NOT_PLANNED,
    REASONS,
    Decided,
    Decision,
    ReviewAnswer,
    together,
)
from migrator.domain.decisions.case import Case, reviewer, seen, with_answer
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Item
from migrator.domain.rules import MigrationFile
from tests.support.threads import TARGET, after, alive, issue, migration_file, pull_request, whose

NOW = after(400)
ANSWERED = after(300)
BY_MIA = Evidence(
    signal="reviewer", says=Leaning.NEUTRAL, value="I know it", at=ANSWERED, actor="mia"
)
PATHS = Evidence(signal="paths", says=Leaning.OURS, value="garden/tap.py", weight=3.0)
WORDS = Evidence(signal="words", says=Leaning.OURS, value="tap", weight=1.0)
AGAINST = Evidence(signal="labels", says=Leaning.NOT_OURS, value="roof", weight=-4.0)


def case(
    item: Item | None = None,
    ownership: OwnershipVerdict | None = None,
    activity: ActivityVerdict | None = None,
    file: MigrationFile | None = None,
    **more: Any,
) -> Case:
    """A case, by default of an issue that is ours by its label and active."""
    found = item or issue()
    rules = file or migration_file()
    return Case(
        subject=subject_of(found),
        ownership=ownership or whose(),
        activity=activity or alive(),
        file=rules,
        now=NOW,
        **more,
    )


def answered(before: OwnershipVerdict | ActivityVerdict | None = None, **given: Any) -> Case:
    """The case after a maintainer's answer."""
    answer = ReviewAnswer(by="mia", at=ANSWERED, reason="I know it", **given)
    if isinstance(before, ActivityVerdict):
        return with_answer(case(activity=before, answer=answer))
    return with_answer(case(ownership=before, answer=answer))


def test_evidence_that_was_only_seen_leans_to_no_side() -> None:
    """With the bar and the date, where there are any."""
    assert seen("clock", "today") == Evidence(signal="clock", says=Leaning.NEUTRAL, value="today")
    assert seen("clock", "today", "30 days", at=NOW) == Evidence(
        signal="clock", says=Leaning.NEUTRAL, value="today", bar="30 days", at=NOW
    )


def test_a_maintainers_answer_is_evidence_with_its_reason() -> None:
    """Who, when and why."""
    assert reviewer(ReviewAnswer(by="mia", at=ANSWERED, reason="I know it")) == BY_MIA


def test_without_an_answer_a_case_stays_as_it_is() -> None:
    """And so does each verdict that an answer says nothing about."""
    assert with_answer(case()) == case()
    assert answered(alive(unanswered=True), part="garden").activity == alive(unanswered=True)
    assert answered(decision=Decision.LEAVE).ownership == whose()


@pytest.mark.parametrize(
    ("given", "probability"),
    [(Ownership.OURS, 1.0), (Ownership.NOT_OURS, 0.0), (Ownership.UNSURE, 0.4)],
)
def test_an_answer_on_ownership_replaces_the_verdict_and_keeps_its_evidence(
    given: Ownership, probability: float
) -> None:
    """A sure answer is certain; one that is unsure leaves the probability as it was. The bars
    stay."""
    before = whose(
        Ownership.UNSURE,
        probability=0.4,
        part="",
        bars=(0.2, 0.7),
        evidence=(WORDS,),
        grounds=Grounds.TEXT,
    )
    assert answered(before, ownership=given, part="garden").ownership == OwnershipVerdict(
        answer=given,
        probability=probability,
        grounds=Grounds.REVIEWER,
        part="garden",
        bars=(0.2, 0.7),
        evidence=(BY_MIA, WORDS),
    )


def test_an_answer_that_names_no_part_keeps_the_one_that_was_found() -> None:
    """And one that names it replaces it."""
    assert answered(whose(part="garden"), ownership=Ownership.OURS).ownership.part == "garden"
    assert (
        answered(whose(part="shed"), ownership=Ownership.OURS, part="garden").ownership.part
        == "garden"
    )


@pytest.mark.parametrize(
    ("given", "clock", "holds"),
    [
        (Activity.ACTIVE, ANSWERED + timedelta(days=9), True),
        (Activity.STALE, ANSWERED, True),
        (Activity.STALE, ANSWERED + timedelta(microseconds=1), False),
    ],
)
def test_an_answer_on_age_holds_but_for_what_it_could_not_know(
    given: Activity, clock: datetime, holds: bool
) -> None:
    """Whoever speaks after a "stale" has said something new; the author is answered by it."""
    other = Activity.ACTIVE if given is Activity.STALE else Activity.STALE
    before = alive(other, clock=clock, unanswered=True)
    after_it = answered(before, activity=given).activity
    if not holds:
        assert after_it == before
    else:
        assert (after_it.answer, after_it.unanswered, after_it.deciding) == (given, False, BY_MIA)
        assert (after_it.clock, after_it.evidence) == (before.clock, before.evidence)


RULES = {
    "redirect": {"label": "elsewhere"},
    "retire": {"label": "old", "grace_days": "3d"},
    "port": {"label": "moved", "grace_days": "5d"},
    "clear": {"label": "cleared"},
    "welcome": {"label": "hello", "close": True},
}
ACTS = {
    Decision.REDIRECT: ("elsewhere", False, 0),
    Decision.TRANSFER: ("", False, 0),
    Decision.RETIRE: ("old", True, 3),
    Decision.ASK: ("old", True, 3),
    Decision.PORT: ("moved", True, 5),
    Decision.CLEAR: ("cleared", True, 0),
    Decision.WELCOME: ("hello", True, 0),
    Decision.LEAVE: ("", False, 0),
    Decision.REVIEW: ("", False, 0),
}


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_comes_with_what_the_file_says_about_its_acts(decision: Decision) -> None:
    """Label, close and grace; an issue is closed as not planned, a pull request has no such
    reason."""
    label, closes, grace = ACTS[decision]
    file = migration_file(decisions=RULES)
    expected = Decided(
        decision=decision,
        code="stale",
        message=REASONS["stale"],
        deciding=PATHS,
        part="garden",
        closes=closes,
        close_reason=NOT_PLANNED if closes else "",
        grace_days=grace,
        label=label,
    )
    assert case(file=file).build(decision, "stale", PATHS) == expected
    assert case(pull_request(), file=file).build(decision, "stale", PATHS).close_reason == ""


def test_a_trial_puts_no_label_on_anything() -> None:
    """It only comments."""
    assert (
        case(file=migration_file(decisions={**RULES, "comment_only": True}))
        .build(Decision.REDIRECT, "active", PATHS)
        .label
        == ""
    )


def test_evidence_of_an_activity_is_found_by_its_name() -> None:
    """Else the deciding one stands for it."""
    told, clock = seen("already_told", "yes"), seen("clock", "old")
    found = case(activity=alive(evidence=(clock, told), deciding=PATHS))
    assert found.named("already_told") == told
    assert found.named("landing") == PATHS


def test_what_protects_an_item_is_found() -> None:
    """Or nothing does."""
    kept = Evidence(signal="label", says=Leaning.PROTECTS, value="keep")
    assert case(activity=alive(evidence=(WORDS, kept))).protection == kept
    assert case(activity=alive(evidence=(WORDS,))).protection is None


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (whose(evidence=(WORDS, AGAINST, PATHS)), PATHS),
        (whose(Ownership.NOT_OURS, evidence=(WORDS, AGAINST, PATHS)), AGAINST),
        (whose(Ownership.NOT_OURS, evidence=(WORDS, PATHS)), PATHS),
        (whose(grounds=Grounds.REVIEWER, evidence=(BY_MIA, PATHS)), BY_MIA),
        (whose(grounds=Grounds.REVIEWER, probability=0.123), seen("probability", "0.12")),
        (whose(probability=0.987), seen("probability", "0.99")),
    ],
)
def test_the_heaviest_evidence_on_its_side_is_shown_for_an_ownership(
    verdict: OwnershipVerdict, expected: Evidence
) -> None:
    """A maintainer's answer before all; without any evidence, the probability."""
    assert case(ownership=verdict).whose == expected


def test_a_case_knows_where_its_item_is_and_what_it_belongs_to() -> None:
    """In any case of letters; the first part stands for what is nowhere else."""
    nowhere = whose(part="")
    assert case(issue(repository=TARGET.upper())).in_target
    assert not case().in_target
    assert case(issue(repository=TARGET.upper()), nowhere).part == "garden"
    assert case(ownership=nowhere).part == "garden"
    assert case(ownership=whose(part="shed")).part == "shed"


def test_only_an_answer_to_leave_leaves_an_item_alone() -> None:
    """No other, and not the lack of one."""
    assert answered(decision=Decision.LEAVE).to_leave
    assert not answered(decision=Decision.RETIRE).to_leave
    assert not case().to_leave


@pytest.mark.parametrize(
    ("newer", "copied"),
    [
        pytest.param({"activity": Activity.ACTIVE}, True, id="says nothing of the owner"),
        pytest.param({"ownership": Ownership.NOT_OURS}, False, id="says who owns it"),
    ],
)
def test_a_copied_answer_stays_a_copy_until_somebody_says_who_owns_the_item(
    newer: dict[str, Any], copied: bool
) -> None:
    """Otherwise it would count as somebody's own."""
    copy = ReviewAnswer(
        by="mia",
        at=after(1),
        ownership=Ownership.OURS,
        copied_from="big/house#7",
        by_information=True,
    )
    said = together([copy, ReviewAnswer(by="bob", at=after(2), **newer)])
    assert bool(said.copied_from) is copied
    assert said.by_information is copied
    assert said.by == "bob"
