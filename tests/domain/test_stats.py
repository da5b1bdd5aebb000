"""Wilson's interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from migrator.domain.stats import wilson


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
