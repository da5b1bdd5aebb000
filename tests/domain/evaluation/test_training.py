"""Fitting weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from migrator.domain.evaluation.training import Softness, fit

PRIORS = {"bias": -1.0, "a": 2.0, "b": -2.0, "c": 0.5}
ROWS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from([0.5, 1.0]), max_size=3),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
EXACT = Softness(enough=1e-10, sweeps=2000)


def loss(
    point: np.ndarray, rows: list[dict[str, float]], ours: list[bool], softness: Softness
) -> float:
    """Negative log-posterior, written down the plain way."""
    weights = dict(zip(PRIORS, point, strict=True))
    total = sum(
        (weights[name] - prior) ** 2 / (2 * softness.variance(name, prior))
        for name, prior in PRIORS.items()
    )
    for row, label in zip(rows, ours, strict=True):
        logit = weights["bias"] + sum(weights[name] * value for name, value in row.items())
        total += np.logaddexp(0, -logit if label else logit)
    return float(total)


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_the_weights_are_the_ones_that_a_general_optimizer_finds(
    sample: list[tuple[dict[str, float], bool]],
) -> None:
    """scipy's bounded minimizer is an independent implementation."""
    rows, ours = [row for row, _ in sample], [label for _, label in sample]
    bounds = [(None, None), (0, None), (None, 0), (0, None)]
    expected = minimize(
        loss,
        np.array(list(PRIORS.values())),
        (rows, ours, EXACT),
        method="L-BFGS-B",
        bounds=bounds,
        tol=1e-12,
    ).x
    found = {**PRIORS, **fit(rows, ours, PRIORS, EXACT)}
    assert [found[name] for name in PRIORS] == pytest.approx(list(expected), abs=2e-3)


@given(ROWS)
def test_no_weight_changes_its_sign(sample: list[tuple[dict[str, float], bool]]) -> None:
    """Whatever odd rows say."""
    found = fit(
        [row for row, _ in sample],
        [label for _, label in sample],
        PRIORS,
        Softness(floor=50, share=50),
    )
    assert all(weight * PRIORS[name] >= 0 for name, weight in found.items() if name != "bias")


def test_without_rows_the_priors_stay() -> None:
    """Nothing was learned."""
    assert fit([], [], PRIORS) == pytest.approx({"bias": -1.0})


def test_findings_without_a_prior_get_no_weight() -> None:
    """Only what somebody wrote down can speak."""
    assert set(fit([{"unknown": 1.0, "a": 1.0}], [True], PRIORS)) == {"bias", "a"}


def test_more_agreeing_rows_move_a_weight_further() -> None:
    """And never past what softness allows at once."""
    few = fit([{"a": 1.0}] * 2, [True] * 2, PRIORS)["a"]
    many = fit([{"a": 1.0}] * 50, [True] * 50, PRIORS)["a"]
    assert PRIORS["a"] < few < many
