"""The measured error rate is one number, wherever it is shown or asked for."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.config.migration_file import LoadedMigration
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.rules.settings_override import with_settings
from migrator.execution.context import Context
from migrator.execution.gates import check
from migrator.execution.review_accuracy import measure
from migrator.store.runs import RunOptions
from migrator.views.overview import overview
from migrator.views.review import next_item
from tests.support.dashboard import Hall, hall

SHARES = ("ownership.not_ours_at=0.0", "review.needs_reviewed=400")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A classified migration in which twelve verdicts were answered, all of them otherwise."""
    with hall(tmp_path_factory.mktemp("reviewed"), items=60) as found:
        verdicts = found.context.store.verdicts
        judged = list(verdicts.stream(rules_digest=found.context.migration.digest))
        sure = [one for one in judged if one.ownership.answer is not Ownership.UNSURE]
        assert len(sure) >= 12
        for one in sure[:12]:
            other = {Ownership.OURS: Ownership.NOT_OURS, Ownership.NOT_OURS: Ownership.OURS}
            answer = ReviewAnswer(
                by="mia", at=found.context.clock(), ownership=other[one.ownership.answer]
            )
            verdicts.record_answer(one.item.key, answer)
        yield found


def under(context: Context, *settings: str) -> Context:
    """The context with other rules, nothing classified under them."""
    old = context.migration
    file = with_settings(old.file, list(settings))
    changed = LoadedMigration(
        file=file, text=old.text, digest=f"{old.digest}{settings}", path=old.path
    )
    return dataclasses.replace(context, migration=changed)


def test_after_a_rule_changed_every_place_says_the_same(reviewed: Hall) -> None:
    """Dashboard, review page, command line and gate use the rules in force, not the verdicts that
    older rules left behind."""
    before = measure(reviewed.context).rate
    assert (before.checked, before.wrong) == (12, 12)
    changed = under(reviewed.context, *SHARES)
    rate = measure(changed).rate
    assert rate.checked < 12, "with these bars some verdicts are unsure"
    assert overview(changed).accuracy == measure(changed)
    assert next_item(changed, "mia").accuracy == measure(changed)
    assert measure(changed).needed.more is None, "all answers were otherwise"
    run = replace(changed.store.runs.newest(1)[0], options=RunOptions(considerate=True))
    assert f"{rate.checked} of 400 verdicts" in asyncio.run(check(changed, run, ())).stop


@pytest.mark.parametrize("flag", [{"copied_from": "a/b#1"}, {"by_information": True}])
def test_an_answer_that_tells_nothing_of_the_error_rate_does_not_count(
    reviewed: Hall, flag: dict[str, Any]
) -> None:
    """A copy of another answer, and an item that was asked about because it is uncertain: it counts
    as one on which we asked."""
    context, store = reviewed.context, reviewed.context.store
    answered, before = store.verdicts.answers(), measure(context).rate
    judged = store.verdicts.stream(rules_digest=context.migration.digest)
    fresh = next(
        one
        for one in judged
        if one.item.key not in answered and one.ownership.answer is not Ownership.UNSURE
    )
    answer = ReviewAnswer(by="mia", at=context.clock(), ownership=fresh.ownership.answer, **flag)
    store.verdicts.record_answer(fresh.item.key, answer)
    rate = measure(context).rate
    assert (rate.checked, rate.asked) == (before.checked, before.asked + 1)


def test_a_new_answer_and_a_new_reading_are_counted(reviewed: Hall) -> None:
    """What was compared before is compared again when the answer or the item has changed."""
    context, store = reviewed.context, reviewed.context.store
    answered = store.verdicts.answers()
    judged = store.verdicts.stream(rules_digest=context.migration.digest)
    fresh = next(
        one
        for one in judged
        if one.item.key not in answered and one.ownership.answer is not Ownership.UNSURE
    )
    before = measure(context).rate
    answer = ReviewAnswer(by="mia", at=context.clock(), ownership=fresh.ownership.answer)
    store.verdicts.record_answer(fresh.item.key, answer)
    right = measure(context).rate
    assert (right.checked, right.wrong) == (before.checked + 1, before.wrong)
    emptied = replace(fresh.item, title="Nothing", body="", labels=(), comments=(), pull=None)
    store.snapshots.save([emptied], read_at=context.clock() + timedelta(hours=1))
    assert measure(context).rate != right, "without its texts the item is judged otherwise"
