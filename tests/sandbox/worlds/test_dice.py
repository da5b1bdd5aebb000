from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.sandbox.clock import iso, parse, seconds
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.stratified_sampling import StratifiedSampler
from migrator.sandbox.worlds.vocabulary import stories, written


def test_the_same_keys_throw_the_same() -> None:
    """And the sequence is pinned: it must not change with a release of Python."""
    assert [Rng("a", 1).below(100) for _ in range(2)] == [Rng("a", 1).below(100)] * 2
    dice = Rng(7, "source", 3)
    assert [dice.below(1000) for _ in range(6)] == PINNED


PINNED = [865, 882, 44, 828, 861, 440]


@given(st.lists(st.integers()), st.integers())
def test_a_shuffle_keeps_everything(things: list[int], seed: int) -> None:
    """Nothing is lost or doubled."""
    shuffled = list(things)
    Rng(seed).shuffle(shuffled)
    assert sorted(shuffled) == sorted(things)


@given(st.floats(0.01, 1000), st.floats(1, 100), st.integers())
def test_numbers_stay_between_their_bounds(low: float, factor: float, seed: int) -> None:
    """Whatever the scale."""
    dice = Rng(seed)
    assert low <= dice.between(low, low * factor) <= low * factor
    assert low * 0.999 <= dice.between_in_scale(low, low * factor) <= low * factor * 1.001


def test_weights_decide_how_often() -> None:
    """A choice of weight 0 never comes."""
    dice = Rng("weights")
    drawn = [dice.weighted("abc", (1, 0, 3)) for _ in range(400)]
    assert drawn.count("b") == 0
    assert drawn.count("c") > 2 * drawn.count("a")


@given(st.integers(0, 500), st.integers(0, 20))
def test_a_card_is_found_again_by_its_rank(index: int, seed: int) -> None:
    """Rank and position are each other's inverse, so that two items can find each other."""
    deck = StratifiedSampler(written(), stories().source_deck, seed)
    names = frozenset({deck.card(index).story})
    assert deck.find(deck.rank(index, names), names) == index


def test_every_deck_holds_each_card_as_often_as_it_says() -> None:
    """Shares are exact after each round."""
    deck = StratifiedSampler(written(), stories().source_deck, 5)
    for number in (0, 3):
        dealt = [deck.card(number * deck.size + place) for place in range(deck.size)]
        assert all(dealt.count(card) == card.count for card in stories().source_deck)


def test_times_are_written_as_github_writes_them() -> None:
    """In UTC, to the second; a time without a zone is UTC."""
    assert iso(parse("2021-06-24T02:00:00+02:00")) == "2021-06-24T00:00:00Z"
    assert iso(parse("2021-06-24 00:00:00.5")) == "2021-06-24T00:00:00Z"
    with pytest.raises(ValueError, match="no time zone"):
        seconds(datetime(2021, 1, 1))  # noqa: DTZ001
