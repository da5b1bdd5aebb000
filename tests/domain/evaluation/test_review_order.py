"""The order of the review queue: the answer that teaches most comes first."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from migrator.domain.evaluation.review_order import (
    DECIDING,
    LEAST_UNCERTAINTY,
    ReviewCandidate,
    ReviewGrounds,
    ReviewOrder,
    drawn,
    information,
    ranked,
    review_grounds,
    uncertainty,
)
from migrator.domain.evidence import (
    Activity,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import ItemKind, ItemRef

OURS, OTHERS = Leaning.OURS, Leaning.NOT_OURS


def verdict(
    probability: float = 0.5,
    *signals: tuple[str, Leaning, float],
    part: str = "layers",
    contradiction: str = "",
) -> OwnershipVerdict:
    """An unsure verdict with that evidence."""
    return OwnershipVerdict(
        answer=Ownership.UNSURE,
        probability=probability,
        part=part,
        contradiction=contradiction,
        evidence=tuple(
            Evidence(signal=signal, says=says, weight=weight, value=f"seen {place}")
            for place, (signal, says, weight) in enumerate(signals)
        ),
    )


def grounds(
    ownership: OwnershipVerdict,
    *,
    repository: str = "big/house",
    kind: ItemKind = ItemKind.ISSUE,
    reason: str = "unsure",
    activity: Activity = Activity.ACTIVE,
) -> ReviewGrounds | None:
    """Grounds of an item with that verdict."""
    return review_grounds(repository, kind, reason, ownership, activity)


TITLE = ("title.layers", OURS, 1.8)

candidates = st.lists(
    st.builds(
        ReviewCandidate,
        ref=st.builds(ItemRef, st.sampled_from(("big/house", "big/home")), st.integers(1, 60)),
        uncertain=st.floats(LEAST_UNCERTAINTY, 1.0),
        mails=st.integers(0, 40),
        grounds=st.sampled_from(
            (None, *(grounds(verdict(0.5, (name, OURS, 2.0))) for name in ("a", "b", "c")))
        ),
    ),
    unique_by=lambda each: each.ref,
)


@given(candidates, st.randoms())
def test_the_order_is_the_same_however_the_items_come(
    found: list[ReviewCandidate], chance: Random
) -> None:
    """For everybody, on any machine, and in any order of reading."""
    shuffled = [*found]
    chance.shuffle(shuffled)
    assert ranked(shuffled, "plan") == ranked(found, "plan")


@given(candidates)
def test_every_item_is_shown_once_and_those_first_that_teach_most(
    found: list[ReviewCandidate],
) -> None:
    """Nothing that waits is left out."""
    order = ranked(found)
    assert sorted(each.ref for each in order) == sorted(each.ref for each in found)
    worth = [each.information for each in order]
    assert worth == sorted(worth, reverse=True)


@given(candidates, st.sampled_from(("plan a", "plan b")))
def test_a_tenth_is_drawn_whatever_it_teaches(found: list[ReviewCandidate], seed: str) -> None:
    """At least one, the same ones for the same plan; one of it behind each nine others, so that
    of any ten answers one is at random. The others keep their order."""
    order = ranked(found, seed)
    places = [place for place, each in enumerate(order) if each.sample]
    assert len(places) == -(-len(found) // 10)
    assert all(place == 10 * nth + 9 for nth, place in enumerate(places[:-1]))
    assert not places or places[-1] == len(found) - 1
    by_chance = drawn((each.ref for each in found), len(places), seed)
    assert [order[place].ref for place in places] == by_chance
    rest = [each.ref for each in order if not each.sample]
    assert rest == [each.ref for each in ranked(found) if each.ref in set(rest)]


def test_the_draw_does_not_look_at_what_an_item_teaches() -> None:
    """Another plan draws others; over many plans every item comes equally often."""
    refs = [ItemRef("big/house", number) for number in range(1, 101)]
    times = Counter(ref for plan in range(500) for ref in drawn(refs, 10, f"plan {plan}"))
    assert len(times) == 100
    assert 20 < min(times.values()) <= max(times.values()) < 85, "50, give or take five sigma"


@given(candidates)
def test_similar_items_are_those_with_equal_grounds(found: list[ReviewCandidate]) -> None:
    """Each item counts itself; one without grounds has no likes."""
    by_ref = {each.ref: each.grounds for each in found}
    for each in ranked(found):
        mine = by_ref[each.ref]
        alike = [ref for ref, other in by_ref.items() if mine is not None and other == mine]
        assert each.similar == max(len(alike), 1)
        assert bool(each.group) is (len(alike) > 1)


@given(
    st.floats(LEAST_UNCERTAINTY, 1.0), st.integers(1, 1000), st.integers(1, 500), st.integers(1, 9)
)
def test_more_of_anything_teaches_more(
    uncertain: float, similar: int, mails: int, more: int
) -> None:
    """Uncertainty, similar items and emails each count in full."""
    known = information(uncertain, similar, mails)
    assert information(uncertain, similar + more, mails) > known
    assert information(uncertain, similar, mails + more) > known
    assert information(uncertain / 2, similar, mails) == pytest.approx(known / 2, abs=1e-5)


@given(st.floats(0, 1))
def test_even_odds_are_the_most_uncertain(chance: float) -> None:
    """Either side counts the same; nothing is ever certain enough to drop out of the queue."""
    found = uncertainty(verdict(chance))
    assert LEAST_UNCERTAINTY <= found <= uncertainty(verdict(0.5)) == 1.0
    assert found == pytest.approx(uncertainty(verdict(1 - chance)), abs=1e-9)


def test_evidence_that_contradicts_itself_is_wholly_uncertain() -> None:
    """Its probability says nothing."""
    assert uncertainty(verdict(0.999, contradiction="two owners' labels")) == 1.0


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(grounds(verdict(0.5, TITLE, ("lead.ops", OTHERS, -1.2))), id="signal"),
        pytest.param(grounds(verdict(0.5, ("title.layers", OTHERS, -1.8))), id="side"),
        pytest.param(grounds(verdict(0.5, TITLE, part="")), id="part"),
        pytest.param(grounds(verdict(0.5, TITLE, contradiction="labels")), id="contradiction"),
        pytest.param(grounds(verdict(0.5, TITLE), reason="locked"), id="reason"),
        pytest.param(grounds(verdict(0.5, TITLE), repository="big/home"), id="repository"),
        pytest.param(grounds(verdict(0.5, TITLE), kind=ItemKind.PULL_REQUEST), id="kind"),
        pytest.param(grounds(verdict(0.5, TITLE), activity=Activity.STALE), id="activity"),
    ],
)
def test_items_that_differ_in_what_decides_are_not_alike(other: ReviewGrounds | None) -> None:
    """Each part of the grounds can be named to a maintainer."""
    assert other is not None
    assert grounds(verdict(0.5, TITLE)) != other


def test_what_decides_nothing_makes_no_difference() -> None:
    """Weak signals, the exact probability and what was seen vary from item to item."""
    weak = ("prose.layers", OURS, DECIDING - 0.01)
    assert grounds(verdict(0.4, TITLE)) == grounds(verdict(0.6, weak, TITLE))


def test_where_a_label_decides_the_words_make_no_difference() -> None:
    """Unless they contradict it."""
    label = ("label.ours", OURS, 5.0)
    said, silent = verdict(0.99, label, TITLE), verdict(0.99, label, ("text.limit", OTHERS, -2.0))
    firm = {"grounds": Grounds.LABEL}
    assert grounds(replace(said, **firm)) == grounds(replace(silent, **firm))
    odd = {**firm, "contradiction": "the label ours is at odds with everything that the text says"}
    assert grounds(replace(said, **odd)) != grounds(replace(silent, **odd))


@pytest.mark.parametrize("reason", ["not_judged", "unknown_item"])
def test_an_item_of_which_nothing_is_known_is_like_no_other(reason: str) -> None:
    """The same holds for one without a deciding signal."""
    assert grounds(verdict(0.5, TITLE), reason=reason) is None
    assert grounds(verdict(0.5, ("lead.layers", OURS, 0.2))) is None


def test_the_queue_begins_anew_at_its_end() -> None:
    """Behind the last item comes the first; an unknown one is before all."""
    order = ReviewOrder(
        ranked(
            ReviewCandidate(ref=ItemRef("big/house", number), uncertain=1.0, mails=9 - number)
            for number in (1, 2, 3)
        )
    )
    numbers = [[ref.number for ref in order.behind(ItemRef("big/house", n))] for n in (1, 3, 7)]
    assert numbers == [[2, 3, 1], [1, 2, 3], [1, 2, 3]]


def test_a_hundred_thousand_items_are_ordered_in_seconds() -> None:
    """It is done once for a plan; 1 s on a machine with two cores."""
    shapes = [grounds(verdict(0.5, (f"title.{place}", OURS, 2.0))) for place in range(300)]
    found = [
        ReviewCandidate(
            ref=ItemRef("big/house", number),
            uncertain=(number % 97 + 1) / 97,
            mails=number % 11,
            grounds=shapes[number % 300],
        )
        for number in range(1, 100_001)
    ]
    began = time.process_time()
    assert len(ranked(found, "plan")) == 100_000
    assert time.process_time() - began < 10


@given(candidates)
def test_alike_are_the_others_of_a_group_but_for_the_sample(found: list[ReviewCandidate]) -> None:
    """Whoever is drawn gets an answer of its own."""
    order = ReviewOrder(ranked(found, "plan"))
    grounds_of = {each.ref: each.grounds for each in found}
    for each in order.items:
        mine = grounds_of[each.ref]
        assert list(order.alike(each.ref)) == [
            other.ref
            for other in order.items
            if not other.sample and other.ref != each.ref and grounds_of[other.ref] == mine
            if mine is not None
        ]
    assert order.alike(ItemRef("big/house", 999)) == ()
