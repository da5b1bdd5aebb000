"""Rules for the question: whose item is it?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from migrator.domain.rules.base import Rules

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class OwnershipLabels(Rules):
    """Labels of the source repository that speak about ownership."""

    ours: dict[str, str] = {}
    """Label that marks an item as ours -> name of the part it belongs to."""
    not_ours: tuple[str, ...] = ()
    """Labels of other owners. Together with one of `ours`, a person decides. A trailing `*` matches any ending."""


class OwnershipRules(Rules):
    """Thresholds, labels and words that tell whose an item is."""

    labels: OwnershipLabels = OwnershipLabels()
    """Labels that speak about ownership."""
    ours_at: Probability = 0.85
    """At least this probability is answered `ours` (enough for a notice)."""
    not_ours_at: Probability = 0.15
    """At most this probability is answered `not ours`."""
    close_at: Probability = 0.98
    """At least this probability lets text alone carry a close; below it a label, path or maintainer's word is needed, or a person decides."""
    title_terms: dict[str, str] = {}
    """Word or phrase in a title -> part it speaks for. Simple rule, used until weights are fitted."""
