"""Rules for the question: whose item is it?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from migrator.domain.rules.base import Rules

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Role = Literal["prose", "code", "log", "environment", "ignore"]
Owner = Literal["ours", "not_ours"]
ANY_ENDING = "*"
"""Ends a word of a topic that stands for every word with that beginning."""


def _no_pattern(name: str, words: Iterable[str]) -> None:
    """Raise ``ValueError`` for a word with a ``*``, which would never be found."""
    for word in words:
        if ANY_ENDING in word:
            raise ValueError(
                f"{name} takes no `*`, and {word!r} would never be found; write the words out"
            )


def _only_endings(name: str, words: Iterable[str]) -> None:
    """Raise ``ValueError`` for a ``*`` anywhere but at the end of a single word of two letters
    or more."""
    for word in words:
        beginning = word.removesuffix(ANY_ENDING)
        if ANY_ENDING in beginning or (
            beginning != word and not re.fullmatch(r"\w{2,}", beginning)
        ):
            raise ValueError(
                f"{name}: {word!r} would never be found; `*` stands only at the end of one word, "
                "as in `aws_*`"
            )


class OwnershipLabels(Rules):
    """Labels of the source repository that speak about ownership."""

    ours: dict[str, str] = {}
    """Label that marks an item as ours -> name of the part it belongs to. It stands for its
    sub-labels too, as in `not_ours`."""
    not_ours: tuple[str, ...] = ()
    """Labels of other owners, in any case. Together with one of `ours`, a person decides.
    `comp:gpu` stands for `comp:gpu:tensorrt` as well, and a `*` for any characters."""


class OwnershipPaths(Rules):
    """Changed paths of pull requests, beside the moved paths of the parts. `*` matches within
    and across folders."""

    neutral: tuple[str, ...] = ()
    """Paths that go along with any change (generated API files, release notes) and make no pull
    request mixed."""
    ours: tuple[str, ...] = ()
    """Further paths that belong to the moved parts (their golden files, their documentation)."""
    backport_branches: tuple[str, ...] = ()
    """Base branches of backports; a person decides about those."""


class OwnershipThread(Rules):
    """What maintainers say in the thread, in any case; a sentence counts only from an account
    with rights in the source repository."""

    ours: tuple[str, ...] = ()
    """Phrases that send the author to a target repository, besides links to it."""
    not_ours: tuple[str, ...] = ()
    """Phrases or repository names (`owner/name`) that send the author elsewhere."""

    @model_validator(mode="after")
    def _words_can_be_found(self) -> OwnershipThread:
        _no_pattern("ownership.thread", (*self.ours, *self.not_ours))
        return self


class Topic(Rules):
    """A subject that items speak about, and the words that give it away."""

    owner: Owner
    """Whose subject it is."""
    prior: Annotated[float, Field(ge=0.0, le=12.0)]
    """How strongly a title that names it speaks for that owner, in log-odds, before any fitting."""
    words: tuple[str, ...] = ()
    """Words and phrases, in any case. Dots, hyphens and spaces are one: `tf.data` is also found
    as `tf data`. `aws_*` stands for every word that begins so."""
    names: tuple[str, ...] = ()
    """Identifiers, in exact case. A `*` at the end stands for any ending."""
    regions: dict[str, Annotated[float, Field(ge=0.0, le=2.0)]] = {}
    """Factors that replace the general ones of `ownership.regions` for this topic."""

    @model_validator(mode="after")
    def _words_can_be_found(self) -> Topic:
        _only_endings("a topic's words", self.words)
        _only_endings("a topic's names", self.names)
        return self


class TemplateRules(Rules):
    """The source repository's issue templates, so that their own text is not taken for the
    author's."""

    sections: dict[str, Role] = {}
    """Heading (lower case, without numbers and punctuation) -> what stands below it. A trailing
    `*` matches any ending."""
    lines: tuple[str, ...] = ()
    """Beginnings of lines that the templates bring along."""
    noise: tuple[str, ...] = ()
    """Parts of log lines, in lower case, that every run prints. Lines of level information are
    left out anyway."""
    empty_values: tuple[str, ...] = ("_no response_", "n/a", "na", "no", "none", "")
    """Answers that say nothing, in lower case."""


class ModuleRules(Rules):
    """Import paths, for reading code and tracebacks. The moved paths' own module names count as
    ours without being listed."""

    ours: tuple[str, ...] = ()
    """Public import paths of the moved parts (`tf.keras`). The longest match wins."""
    source: tuple[str, ...] = ()
    """Import paths of the source project otherwise (`tf`, `tensorflow`)."""
    passing: tuple[str, ...] = ()
    """Ends of file paths that appear in tracebacks only because errors pass through them."""
    kernel: tuple[str, ...] = ()
    """Ends of file paths where the source project's compiled code raises; what matters then is
    not which library called."""
    plain: tuple[str, ...] = ()
    """Libraries that everybody imports (`numpy`) and that say nothing."""
    kernel_errors: tuple[str, ...] = ()
    """Exception types that only the compiled code raises."""
    device_errors: tuple[str, ...] = ()
    """Those of them that tell of devices, memory, connections or missing kernels, hardly ever of
    what the caller handed over."""
    aborts: tuple[str, ...] = ()
    """What is printed when compiled code ends the whole process, in lower case (`core dumped`)."""

    @model_validator(mode="after")
    def _words_can_be_found(self) -> ModuleRules:
        for name, words in self:
            _no_pattern(f"ownership.modules.{name}", words)
        return self


class Fitted(Rules):
    """Where the weights come from."""

    data: str = ""
    """What the weights were fitted on, in words."""
    digest: str = ""
    """SHA-256 of that file; of several, that of their digests one after the other."""
    rows: int = 0
    """Rows used."""
    ours: int = 0
    """Rows used that are ours."""


class MeasuredVerdicts(Rules):
    """How often items whose owner is known reached a probability, by weights that were fitted
    without them. Written by `migrator fit`."""

    data: str = ""
    """What was measured on, in words."""
    ours: int = 0
    """Items of ours."""
    not_ours: int = 0
    """Items of others."""
    at: tuple[Probability, ...] = ()
    """Probabilities, ascending."""
    ours_above: tuple[int, ...] = ()
    """For each of them, how many items of ours reached it."""
    not_ours_above: tuple[int, ...] = ()
    """For each of them, how many items of others reached it."""

    @model_validator(mode="after")
    def _columns_fit(self) -> MeasuredVerdicts:
        if not len(self.at) == len(self.ours_above) == len(self.not_ours_above) or list(
            self.at
        ) != sorted(self.at):
            raise ValueError(
                "at, ours_above and not_ours_above must be equally long, and at must ascend"
            )
        if (
            max(self.ours_above, default=0) > self.ours
            or max(self.not_ours_above, default=0) > self.not_ours
        ):
            raise ValueError("more items reached a probability than there are")
        return self


class OwnershipRules(Rules):
    """Thresholds, labels and words that tell whose an item is."""

    labels: OwnershipLabels = OwnershipLabels()
    """Labels that speak about ownership."""
    paths: OwnershipPaths = OwnershipPaths()
    """Changed paths that speak about ownership."""
    thread: OwnershipThread = OwnershipThread()
    """Maintainers' words that speak about ownership."""
    share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """Share of the source's open issues that are ours, for which probabilities and bars hold; 0
    if nobody knows. `migrator fit` sets the bias for it, and `migrator classify` estimates it
    anew from 200 items or 25 answers on."""
    ours_at: Probability = 0.85
    """At least this probability is answered `ours` (enough for a notice)."""
    not_ours_at: Probability = 0.15
    """At most this probability is answered `not ours`."""
    split_at: Probability = 0.5
    """Where a single threshold is asked for (`migrator evaluate`'s F1), this probability and
    above counts as ours."""
    close_at: Probability = 0.98
    """At least this probability lets text alone carry a close; below it a label, path or
    maintainer's word is needed, or a person decides."""
    title_terms: dict[str, str] = {}
    """Word or phrase in a title -> part it speaks for. A simple rule for migrations without
    topics."""
    topics: dict[str, Topic] = {}
    """Name of a topic -> its words and prior."""
    regions: dict[str, Annotated[float, Field(ge=0.0, le=2.0)]] = {
        "title": 1.0,
        "lead": 0.4,
        "prose": 0.3,
        "code": 0.2,
        "log": 0.2,
    }
    """What a topic's prior is multiplied with where it is found. `lead` is the beginning of the
    author's own words."""
    template: TemplateRules = TemplateRules()
    """The issue templates."""
    modules: ModuleRules = ModuleRules()
    """Import paths."""
    priors: dict[str, float] = {}
    """Log-odds of the findings that are not topics, before any fitting. `bias` is what an item
    without any evidence starts from."""
    weights: dict[str, float] = {}
    """Fitted log-odds by finding, written by `migrator fit`. A finding without one counts with
    its prior."""
    fitted: Fitted = Fitted()
    """Where the weights come from."""
    measured: MeasuredVerdicts = MeasuredVerdicts()
    """What the expected precision is counted from."""

    @model_validator(mode="after")
    def _bars_are_ordered(self) -> OwnershipRules:
        if self.not_ours_at >= self.ours_at:
            raise ValueError("not_ours_at must be below ours_at")
        return self

    @model_validator(mode="after")
    def _terms_can_be_found(self) -> OwnershipRules:
        _no_pattern("ownership.title_terms", self.title_terms)
        return self
