"""Wilson's interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from migrator.domain.stats import least_sample, wilson


@pytest.mark.parametrize(
    ("hits", "of"), [(0, 1), (1, 1), (0, 50), (3, 50), (25, 50), (50, 50), (41, 279), (1, 100_000)]
)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_interval_is_the_one_that_scipy_computes(hits: int, of: int, confidence: float) -> None:
    """An independent implementation."""
    expected = binomtest(hits, of).proportion_ci(confidence, method="wilson")
    found = wilson(hits, of, confidence=confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nothing_measured_says_nothing() -> None:
    """From never to always."""
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("hits", "of", "confidence"),
    [(2, 1, 0.95), (-1, 1, 0.95), (0, -1, 0.95), (0, 1, 1.0), (0, 1, 0.0)],
)
def test_what_is_no_share_is_refused(hits: int, of: int, confidence: float) -> None:
    """Before it becomes a number that looks right."""
    with pytest.raises(ValueError):
        wilson(hits, of, confidence=confidence)


@given(of=st.integers(1, 10_000), data=st.data())
def test_the_interval_holds_its_share_and_lies_between_nothing_and_all(
    of: int, data: st.DataObject
) -> None:
    """Also at both ends, to the last bit."""
    hits = data.draw(st.integers(0, of))
    found = wilson(hits, of)
    assert 0.0 <= found.low <= found.share <= found.high <= 1.0


@given(of=st.integers(1, 5_000), data=st.data(), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_a_sample_of_the_least_size_shows_the_share_and_a_smaller_one_does_not(
    of: int, data: st.DataObject, confidence: float
) -> None:
    """The upper bound of a real sample, asked for as the limit, is met by that size."""
    hits = data.draw(st.integers(0, of - 1))
    bound = wilson(hits, of, confidence=confidence).high
    assert least_sample(hits / of, bound, confidence=confidence) == of
    assert least_sample(hits / of, bound * 0.999, confidence=confidence) != of


@pytest.mark.parametrize(
    ("share", "high", "size"),
    [(0, 0.05, 73), (0.05, 0.05, None), (0, 0, None), (0, 5e-324, None), (0.9, 1.0, 0)],
)
def test_a_share_that_is_too_large_is_shown_by_no_sample(
    share: float, high: float, size: int | None
) -> None:
    """And a limit of everything by none at all."""
    assert least_sample(share, high) == size


@pytest.mark.parametrize(
    ("share", "high", "confidence"), [(-0.1, 0.5, 0.95), (0.1, 1.1, 0.95), (0.1, 0.5, 1.0)]
)
def test_no_sample_is_named_for_what_is_no_share(
    share: float, high: float, confidence: float
) -> None:
    """As for the interval."""
    with pytest.raises(ValueError):
        least_sample(share, high, confidence=confidence)
