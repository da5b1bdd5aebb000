"""The judgement: findings into a verdict."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.classification import ownership
from migrator.domain.evidence import Grounds, Leaning, Ownership, OwnershipVerdict
from migrator.domain.rules import MigrationFile
from tests.support.dated_items import chance, house
from tests.support.threads import (
    MAINTAINER,
    TARGET,
    after,
    comment,
    issue,
    migration_file,
    pull_request,
)

ROSE: dict[str, Any] = {"title": "Rose has thorns", "body": "The rose pricks me every day."}
TILE: dict[str, Any] = {"title": "A tile is broken", "body": "The tile fell from the roof."}


LOUD = {"title.plants": 2.5, "title.roof": -4.0}
LOUDER = {"title.plants": 9.0, "lead.plants": 9.0, "title.roof": -20.0, "lead.roof": -20.0}


def verdict(**fields: Any) -> OwnershipVerdict:
    """The verdict on an issue."""
    return ownership.judge(issue(**fields), house())


def test_a_subject_of_ours_makes_an_item_ours_and_a_rival_does_not() -> None:
    """The sum of the evidence, in log-odds."""
    assert verdict(**ROSE).answer is Ownership.OURS
    assert verdict(**TILE).answer is Ownership.NOT_OURS


def test_the_evidence_adds_up_to_the_probability() -> None:
    """Every weight is visible; with the bias they are the log-odds."""
    found = verdict(title="Rose under a tile", body="house.garden.Rose is wet, the tile broke.")
    weights = ownership.weights_of(house())
    total = weights["bias"] + sum(evidence.weight for evidence in found.evidence)
    assert ownership.probability(total) == pytest.approx(found.probability)
    assert {evidence.says for evidence in found.evidence} == {Leaning.OURS, Leaning.NOT_OURS}


@pytest.mark.parametrize(
    ("fields", "grounds"),
    [
        (ROSE, Grounds.TEXT),
        ({**ROSE, "labels": ("comp:garden",)}, Grounds.LABEL),
        (
            {
                **ROSE,
                "comments": (
                    comment(MAINTAINER, after(1), f"See https://github.com/{TARGET}/issues"),
                ),
            },
            Grounds.MAINTAINER,
        ),
    ],
)
def test_the_verdict_names_its_strongest_ground(fields: dict[str, Any], grounds: Grounds) -> None:
    """Closing asks for more than text, so it has to be known."""
    assert verdict(**fields).grounds is grounds


@pytest.mark.parametrize(
    ("label", "answer"),
    [("comp:garden", Ownership.OURS), ("comp:roof", Ownership.NOT_OURS)],
)
def test_a_label_beats_any_text(label: str, answer: Ownership) -> None:
    """A person put it there; words can only be so many. The evidence says what was taken back."""
    against = "Rose " if label == "comp:roof" else "tile "
    found = ownership.judge(
        issue(title=against * 3, body="It was seen again today", labels=(label,)),
        house(weights=LOUD),
    )
    assert found.answer is answer
    assert [evidence.signal for evidence in found.evidence if evidence.signal == "text.limit"] == [
        "text.limit"
    ]
    total = (
        sum(evidence.weight for evidence in found.evidence)
        + ownership.weights_of(house(weights=LOUD))["bias"]
    )
    assert ownership.probability(total) == pytest.approx(found.probability)


@pytest.mark.parametrize(("label", "against"), [("comp:garden", "tile "), ("comp:roof", "Rose ")])
def test_a_label_that_the_text_all_but_excludes_goes_to_a_person(label: str, against: str) -> None:
    """One of the two is wrong, and nothing may be closed on it."""
    fields: dict[str, Any] = {
        "title": against * 3,
        "body": f"{against} broke today again",
        "labels": (label,),
    }
    found = ownership.judge(issue(**fields), house(weights=LOUDER))
    assert (found.answer, label in found.contradiction) == (Ownership.UNSURE, True)


def test_a_maintainer_bears_a_label_out_against_any_text() -> None:
    """As does a path: then two say the same."""
    sent = comment(MAINTAINER, after(1), f"Please open this at https://github.com/{TARGET}/issues")
    fields: dict[str, Any] = {
        "title": "tile " * 3,
        "body": "tile and tile again",
        "labels": ("comp:garden",),
        "comments": (sent,),
    }
    found = ownership.judge(issue(**fields), house(weights=LOUDER))
    assert (found.answer, found.contradiction) == (Ownership.OURS, "")


def test_a_message_counts_once_however_often_it_is_repeated() -> None:
    """In the title, in the prose and in the log it is the same message."""
    topics = {
        "cries": {
            "owner": "ours",
            "prior": 2.0,
            "words": ("the rose is dry",),
            "regions": {"log": 1.0},
        }
    }
    body = "It stops.\n\n```\nTraceback (most recent call last):\nDryError: the rose is dry\n```"
    once = ownership.judge(issue(title="Help", body=body), house(topics=topics))
    twice = ownership.judge(
        issue(title="DryError: the rose is dry", body=body), house(topics=topics)
    )
    assert [evidence.signal for evidence in once.evidence if evidence.signal.endswith("cries")] == [
        "log.cries"
    ]
    assert [
        evidence.signal for evidence in twice.evidence if evidence.signal.endswith("cries")
    ] == ["title.cries"]


def test_no_evidence_is_unsure_until_the_migration_is_calibrated() -> None:
    """A file whose words nobody has tried cannot say that what it does not find is somebody
    else's."""
    silent: dict[str, Any] = {"title": "The door squeaks", "body": "It squeaks whenever it rains."}
    bare = house(not_ours_at=0.3)
    assert ownership.judge(issue(**silent), bare).answer is Ownership.UNSURE
    assert (
        ownership.judge(
            issue(**silent), house(not_ours_at=0.3, fitted={"rows": 100, "ours": 20})
        ).answer
        is Ownership.NOT_OURS
    )
    assert ownership.judge(issue(**TILE), bare).answer is Ownership.NOT_OURS


def test_a_ground_against_the_verdict_is_no_ground_for_it() -> None:
    """A label of another owner does not carry a close of ours."""
    rules = house(weights={"label.not-ours": -0.1})
    found = ownership.judge(issue(**ROSE, labels=("comp:roof",)), rules)
    assert (found.probability > rules.ownership.split_at, found.grounds) == (True, Grounds.TEXT)


@pytest.mark.parametrize(
    "item",
    [
        issue(**ROSE, labels=("comp:garden", "comp:roof")),
        issue(title="house.garden.Rose", body="", labels=("comp:garden",)),
        pull_request({"changed_paths": ("garden/a", "roof/b"), "changed_paths_total": 2}),
        pull_request(
            {"changed_paths": ("garden/a",), "changed_paths_total": 1, "base_ref": "r2.1"}
        ),
    ],
)
def test_contradictions_go_to_a_person_whatever_the_weights_say(item: Any) -> None:
    """With the reason in words."""
    found = ownership.judge(item, house())
    assert found.answer is Ownership.UNSURE
    assert found.contradiction


def test_the_bars_decide_between_three_answers() -> None:
    """At the bar it is answered, just inside it is not."""
    near = chance(**ROSE)
    for ours_at, not_ours_at, expected in (
        (near, 0.0, Ownership.OURS),
        (near + 1e-6, 0.0, Ownership.UNSURE),
        (1.0, near, Ownership.NOT_OURS),
        (1.0, near - 1e-6, Ownership.UNSURE),
    ):
        found = ownership.judge(issue(**ROSE), house_with_bars(ours_at, not_ours_at))
        assert (found.answer, found.bars) == (expected, (not_ours_at, ours_at))


def house_with_bars(ours_at: float, not_ours_at: float) -> MigrationFile:
    """The house with other bars."""
    return house(ours_at=min(ours_at, 1.0), not_ours_at=not_ours_at)


def test_further_words_of_one_region_count_less_and_less() -> None:
    """They say the same thing again: the second subject of a region adds half its weight."""
    one: dict[str, Any] = {"title": "Rose", "body": "I see it every day."}
    topics = {name: {"owner": "ours", "prior": 1.0, "words": (name,)} for name in ("rose", "lily")}
    rules = house(topics=topics)
    single = logit(chance(rules, **one))
    double = logit(chance(rules, **{**one, "title": "Rose and lily"}))
    assert double - single == pytest.approx(0.5)


def logit(probability: float) -> float:
    """Log-odds of a probability."""
    return math.log(probability / (1 - probability))


def test_a_fitted_weight_replaces_its_prior() -> None:
    """And nothing else changes."""
    assert chance(house(weights={"title.plants": 0.0}), **ROSE) < chance(**ROSE)


def test_a_pull_request_inside_the_moved_paths_is_ours_whatever_it_says() -> None:
    """Paths are stronger than words."""
    found = ownership.judge(
        pull_request({"changed_paths": ("garden/a",), "changed_paths_total": 1}, **TILE), house()
    )
    assert (found.answer, found.grounds, found.part) == (Ownership.OURS, Grounds.PATH, "garden")


def test_a_file_without_any_words_still_judges_by_labels() -> None:
    """The smallest migration file that works."""
    file = migration_file(ownership={"labels": {"ours": {"comp:garden": "garden"}}})
    assert (
        ownership.judge(issue(labels=("comp:garden",), body="It drips a lot."), file).answer
        is Ownership.OURS
    )


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_gets_a_verdict(title: str, body: str) -> None:
    """Probability in bounds, no error, the same each time."""
    found = verdict(title=title, body=body)
    assert 0.0 <= found.probability <= 1.0
    assert found == verdict(title=title, body=body)


@given(st.floats(min_value=-1e4, max_value=1e4), st.floats(min_value=-1e4, max_value=1e4))
def test_probability_grows_with_the_log_odds(low: float, high: float) -> None:
    """Without overflow at either end."""
    low, high = sorted((low, high))
    assert 0.0 <= ownership.probability(low) <= ownership.probability(high) <= 1.0
