"""Rules for the measured error rate that a maintainer may demand before anything is written."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from migrator.domain.rules.base import Rules


class ReviewRules(Rules):
    """A gate before each wave: enough verdicts were checked by people, and few enough were wrong."""

    needs_reviewed: Annotated[int, Field(ge=0)] = 0
    """How many automatic verdicts a maintainer must have checked. 0 switches the gate off."""
    max_error_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    """The upper end of the measured error rate's interval must be at most this."""
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    """Confidence of that interval (Wilson's, two-sided)."""
