"""What holds for every decision, whatever the verdicts, the file and the answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.classification import activity as judging
from migrator.domain.classification.activity.facts import subject_of
from migrator.domain.decisions import (
    FIRM_GROUNDS,
    REASONS,
    Decision,
    Question,
    ReviewAnswer,
    decide,
    decide_subject,
)
from migrator.domain.evidence import Activity, Grounds, Ownership, OwnershipVerdict
from migrator.domain.items import Item, State
from migrator.domain.rules import MigrationFile
from tests.support.strategies import items, moments, nows
from tests.support.threads import ACTIVITY, OWN, TARGET, migration_file

verdicts = st.builds(
    OwnershipVerdict,
    answer=st.sampled_from(Ownership),
    probability=st.floats(0, 1),
    grounds=st.sampled_from(Grounds),
    part=st.sampled_from(("", "garden")),
    contradiction=st.sampled_from(("", "", "two owners")),
)
answers = st.none() | st.builds(
    ReviewAnswer,
    by=st.just("mia"),
    at=moments,
    ownership=st.none() | st.sampled_from(Ownership),
    activity=st.none() | st.sampled_from(Activity),
    decision=st.none() | st.sampled_from(Decision),
)


@st.composite
def stale_rules(draw: st.DrawFn) -> dict[str, Any]:
    """What is done to stale issues: who is asked has a week at least."""
    act = draw(st.sampled_from(("retire", "ask")))
    least = 7 if act == "ask" else 0
    return {"stale": {"act": act}, "retire": {"grace_days": draw(st.integers(least, 30))}}


@st.composite
def files(draw: st.DrawFn) -> MigrationFile:
    """Files with every policy."""
    return migration_file(
        activity={
            **ACTIVITY,
            "stale_after": draw(st.integers(0, 300)),
            "quiet_days": draw(st.integers(0, 60)),
            "unanswered": draw(st.sampled_from(("redirect", "retire", "review"))),
            "told": {
                "already_told": draw(st.sampled_from(("leave", "decide"))),
                "known_landing": draw(st.sampled_from(("leave", "close", "decide"))),
            },
        },
        decisions={
            **draw(stale_rules()),
            "port": {
                "drafts": draw(st.sampled_from(("review", "port", "leave"))),
                "approved": draw(st.sampled_from(("review", "port", "leave"))),
                "grace_days": draw(st.integers(0, 30)),
            },
            "head_gone": draw(st.sampled_from(("review", "close"))),
            "clear": {"enabled": draw(st.booleans())},
            "welcome": {"close": draw(st.booleans())},
        },
    )


@given(
    item=items(), ownership=verdicts, file=files(), now=nows, answer=answers, arrived=st.booleans()
)
def test_every_case_is_decided_and_no_close_breaks_a_promise(
    item: Item,
    ownership: OwnershipVerdict,
    file: MigrationFile,
    now: datetime,
    answer: ReviewAnswer | None,
    arrived: bool,
) -> None:
    """Total; and what closes is open, unlocked, founded, and quiet when its grace is over."""
    verdict = judging.judge(item, file, now=now, own=OWN)
    found = decide(item, ownership, verdict, file, now=now, answer=answer, arrived=arrived)
    assert found.message == REASONS[found.code]
    assert found.part == "garden"
    if not found.notice:
        assert not found.closes
        assert found.label == ""
        return
    assert item.state is State.OPEN
    assert not item.locked
    assert (found.decision is Decision.CLEAR) == (item.repository == TARGET)
    if not found.closes:
        assert (found.grace_days, found.close_reason) == (0, "")
        return
    answered = answer is not None and (
        answer.decision is not None or answer.ownership is Ownership.OURS
    )
    founded = ownership.grounds in FIRM_GROUNDS or ownership.probability >= file.ownership.close_at
    assert answered or founded or found.decision is Decision.CLEAR
    named = answer is not None and answer.decision is not None
    assert (
        named or item.pull is None or item.pull.head_exists or file.decisions.head_gone == "close"
    )
    due = now + timedelta(days=found.grace_days)
    opened_only = arrived and verdict.clock <= item.created_at
    assert opened_only or verdict.clock + file.activity.quiet_days <= due
    assert found.close_reason == ("" if item.is_pull_request else "NOT_PLANNED")


@given(item=items(), ownership=verdicts, file=files(), now=nows, answer=answers)
def test_stored_facts_are_decided_like_the_item(
    item: Item,
    ownership: OwnershipVerdict,
    file: MigrationFile,
    now: datetime,
    answer: ReviewAnswer | None,
) -> None:
    """What a what-if says is what a plan does."""
    judge = judging.prepare(file, OWN)
    facts = judge.facts(item)
    stored = decide_subject(
        facts.subject,
        ownership,
        judging.judge_facts(facts, file.activity, now),
        file,
        now=now,
        answer=answer,
    )
    assert stored == decide(item, ownership, judge(item, now=now), file, now=now, answer=answer)


@given(item=items(), ownership=verdicts, file=files(), now=nows, before=answers)
def test_each_offered_answer_settles_the_item_and_every_question_has_one(
    item: Item,
    ownership: OwnershipVerdict,
    file: MigrationFile,
    now: datetime,
    before: ReviewAnswer | None,
) -> None:
    """Whatever made the item wait, and whatever was answered before; and what an offer says follows
    does follow."""
    asked = Question(
        subject=subject_of(item),
        ownership=ownership,
        activity=judging.judge(item, file, now=now, own=OWN),
        file=file,
        now=now,
        answers=(before,) if before else (),
    )
    offers = asked.offers()
    if asked.decided().decision is Decision.REVIEW:
        assert offers
    for offer in offers:
        given_now = asked.answer(offer.key)
        assert given_now is not None
        decided = asked.decided(given_now)
        assert decided.decision is offer.decision is not Decision.REVIEW
        assert ("is closed" in offer.follows) == decided.closes
        assert ("notice" in offer.follows) == decided.notice
