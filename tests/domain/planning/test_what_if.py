"""What would change if the rules were others."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.classification.activity import ActivityJudge
from migrator.domain.decisions import Decision, ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.items import Item
from migrator.domain.planning.what_if import (
    WhatIfItem,
    decided,
    needs_classifying,
    needs_reading,
    what_if,
    with_bars,
)
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.settings_override import with_settings
from tests.support.threads import (
    ANSWER,
    OTHER,
    OWN,
    TRIAGER,
    after,
    comment,
    issue,
    migration_file,
    whose,
)

FILE = migration_file()
JUDGE = judging.prepare(FILE, OWN)


def stored(item: Item, judge: ActivityJudge = JUDGE, **fields: Any) -> WhatIfItem:
    """An item as a scan left it."""
    return WhatIfItem(facts=judge.facts(item), **{"ownership": whose(), **fields})


def changed(*settings: str) -> MigrationFile:
    """The file with some settings changed."""
    return with_settings(FILE, settings)


def test_nothing_changes_under_the_same_rules() -> None:
    """Both forecasts are equal."""
    found = what_if([stored(issue())], FILE, FILE, now=after(200))
    assert found.changed == ()
    assert found.before == found.after


def test_a_longer_term_turns_closes_into_notices() -> None:
    """Each changed item is named with both decisions."""
    items = [
        stored(issue(number=9)),
        stored(issue(number=8, comments=(comment(OTHER, after(150)),))),
    ]
    found = what_if(
        items,
        changed("activity.unanswered=retire"),
        changed("activity.unanswered=retire", "activity.stale_after=300d"),
        now=after(200),
    )
    assert [(each.key, each.before, each.after) for each in found.changed] == [
        ("big/house#9", Decision.RETIRE, Decision.REDIRECT)
    ]
    assert (found.before.decisions, found.after.decisions) == (
        {"redirect": 1, "retire": 1},
        {"redirect": 2},
    )
    assert (found.before.closes, found.after.closes) == (1, 0)
    assert (found.before.notices, found.after.notices) == (2, 2)


def test_asking_first_is_another_decision_with_the_same_close() -> None:
    """As many notices and closes at most, and the items are named."""
    items = [stored(issue(comments=(comment(TRIAGER, after(1), ANSWER),)))]
    asks = changed("decisions.retire.grace_days=14", "decisions.stale.act=ask")
    found = what_if(items, FILE, asks, now=after(400))
    assert [(each.before, each.after) for each in found.changed] == [
        (Decision.RETIRE, Decision.ASK)
    ]
    assert found.after.decisions == {"ask": 1}
    assert (found.after.notices, found.after.closes) == (1, 1)


def test_items_that_were_decided_before_get_the_same_answer() -> None:
    """Whoever asks many questions has the present rules judged once."""
    items = [
        stored(issue(number=9), ownership=whose(Ownership.UNSURE)),
        stored(issue(number=8, comments=(comment(OTHER, after(150)),))),
        stored(issue(number=7)),
    ]
    other, now = changed("activity.stale_after=300d", "ownership.ours_at=0.95"), after(200)
    known = [decided(item, FILE, now=now) for item in items]
    assert all(item.decided is not None for item in known)
    found = what_if(known, FILE, other, now=now)
    assert found.changed
    assert found == what_if(items, FILE, other, now=now)


@pytest.mark.parametrize("setting", ["activity.stale_after=300d", "activity.unanswered=retire"])
def test_what_is_anothers_is_the_same_whether_decided_again_or_not(setting: str) -> None:
    """Under other rules of activity alone it is not looked at; with another rule changed, it is."""
    answers = [
        None,
        ReviewAnswer(by="mia", at=after(150), decision=Decision.RETIRE),
        ReviewAnswer(by="mia", at=after(1), ownership=Ownership.NOT_OURS),
    ]
    items = [
        stored(
            issue(number=number, comments=(comment(OTHER, after(100)),)),
            ownership=whose(owner),
            answer=answer,
        )
        for number, (owner, answer) in enumerate(product(Ownership, answers), start=1)
    ]
    alone, together = changed(setting), changed(setting, "budget.close_costs=3")
    one, other = (what_if(items, FILE, rules, now=after(200)) for rules in (alone, together))
    assert one.after.decisions == other.after.decisions
    assert one.after.decisions["leave"] > 0
    assert (one.changed, one.silence, one.probability) == (
        other.changed,
        other.silence,
        other.probability,
    )


def test_changes_come_in_the_order_of_repository_and_number() -> None:
    """Not of their keys, in which 10 comes before 9."""
    items = [stored(issue(number=number)) for number in (10, 9, 100)]
    found = what_if(items, FILE, changed("activity.unanswered=retire"), now=after(200))
    assert [each.key for each in found.changed] == ["big/house#9", "big/house#10", "big/house#100"]


def test_another_reason_is_a_change_too() -> None:
    """The text of the notice follows it."""
    found = what_if([stored(issue())], FILE, changed("activity.stale_after=300d"), now=after(200))
    assert [(each.before_code, each.after_code) for each in found.changed] == [
        ("unanswered", "active")
    ]


def test_mails_count_everybody_on_the_item_for_every_write() -> None:
    """Author and commenter, once for the notice and once for the close."""
    item = issue(comments=(comment(OTHER, after(1)),))
    found = what_if([stored(item)], FILE, changed("activity.unanswered=retire"), now=after(300))
    assert (found.before.mails, found.after.mails) == (2, 4)


def test_a_maintainers_answer_holds_under_either_file() -> None:
    """It beats the classifier, not the settings."""
    answer = ReviewAnswer(by="mia", at=after(1), ownership=Ownership.NOT_OURS)
    found = what_if(
        [stored(issue(), answer=answer)],
        FILE,
        changed("activity.unanswered=retire"),
        now=after(300),
    )
    assert found.changed == ()
    assert found.after.decisions == {"leave": 1}


@pytest.mark.parametrize(
    ("probability", "settings", "expected"),
    [
        (0.9, ("ownership.ours_at=0.9",), Ownership.OURS),
        (0.9, ("ownership.ours_at=0.91",), Ownership.UNSURE),
        (0.2, ("ownership.not_ours_at=0.2",), Ownership.NOT_OURS),
        (0.2, ("ownership.not_ours_at=0.19",), Ownership.UNSURE),
    ],
)
def test_other_bars_are_held_against_the_known_probability(
    probability: float, settings: tuple[str, ...], expected: Ownership
) -> None:
    """At the bar included, on both sides."""
    assert (
        with_bars(
            whose(Ownership.UNSURE, probability=probability), changed(*settings).ownership
        ).answer
        is expected
    )


def test_a_contradiction_stays_unsure_under_any_bars() -> None:
    """It is not a question of how much."""
    verdict = whose(Ownership.UNSURE, probability=1.0, contradiction="two owners")
    assert with_bars(verdict, changed("ownership.ours_at=0.2").ownership) is verdict


@pytest.mark.parametrize(
    ("setting", "reading", "classifying"),
    [
        ("activity.stale_after=10d", False, False),
        ("activity.protect.votes=3", False, False),
        ("ownership.close_at=0.9", False, False),
        ("ownership.ours_at=0.9", False, False),
        ("decisions.retire.label=x", False, False),
        ('activity.nags=["please wait"]', True, False),
        ('migration.bots=["bob"]', True, False),
        ("migration.cutover=2020-01-01T00:00:00Z", True, False),
        ('ownership.labels.not_ours=["x"]', False, True),
        ("parts.garden.target=a/b", True, True),
    ],
)
def test_it_is_known_which_changes_need_the_snapshots_again(
    setting: str, reading: bool, classifying: bool
) -> None:
    """Terms, bars and policies do not."""
    other = changed(setting)
    assert (needs_reading(FILE, other), needs_classifying(FILE, other)) == (reading, classifying)


def test_facts_of_another_reading_are_refused() -> None:
    """Judging them would answer another question."""
    with pytest.raises(ValueError, match="read under other rules"):
        what_if([stored(issue())], FILE, changed('migration.bots=["bob"]'), now=after(200))


def test_facts_that_were_read_again_are_used() -> None:
    """Bob as a bot no longer moves the clock."""
    item = issue(comments=(comment(OTHER, after(150)), comment(TRIAGER, after(1), ANSWER)))
    other = changed('migration.bots=["bob"]')
    again = judging.prepare(other, OWN).facts(item)
    found = what_if([stored(item, changed_facts=again)], FILE, other, now=after(200))
    assert [(each.before, each.after) for each in found.changed] == [
        (Decision.REDIRECT, Decision.RETIRE)
    ]


def test_ownership_that_was_judged_again_is_used() -> None:
    """Where labels or weights change."""
    item = stored(issue(), changed_ownership=whose(Ownership.NOT_OURS))
    found = what_if([item], FILE, FILE, now=after(200))
    assert found.after.decisions == {"leave": 1}


def test_the_histogram_is_that_of_the_changed_file() -> None:
    """Its columns part where the changed term does, and every item stands in one under its new
    decision."""
    items = [
        stored(issue(number=9)),
        stored(issue(number=8, comments=(comment(OTHER, after(150)),))),
    ]
    found = what_if(
        items,
        FILE,
        changed("activity.unanswered=retire", "activity.stale_after=40d"),
        now=after(200),
    )
    assert 40 in [each.least for each in found.silence]
    assert [(each.least, each.counts) for each in found.silence if each.total] == [
        (40, {"retire": 1}),
        (180, {"retire": 1}),
    ]
    assert sum(each.total for each in found.probability) == 2


def test_what_is_not_ours_says_nothing_about_silence() -> None:
    """It is left alone however long nobody spoke; how sure we are of that is shown all the same."""
    answer = ReviewAnswer(by="mia", at=after(1), ownership=Ownership.NOT_OURS)
    found = what_if([stored(issue(), answer=answer)], FILE, FILE, now=after(200))
    assert found.silence == ()
    assert sum(each.total for each in found.probability) == 1
