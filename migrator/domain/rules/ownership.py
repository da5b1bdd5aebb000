"""Rules for the question: whose item is it?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from migrator.domain.rules.base import Rules

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Role = Literal["prose", "code", "log", "environment", "ignore"]
Owner = Literal["ours", "not_ours"]


class OwnershipLabels(Rules):
    """Labels of the source repository that speak about ownership."""

    ours: dict[str, str] = {}
    """Label that marks an item as ours -> name of the part it belongs to."""
    not_ours: tuple[str, ...] = ()
    """Labels of other owners. Together with one of `ours`, a person decides. A trailing `*`
    matches any ending."""


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


class Topic(Rules):
    """A subject that items speak about, and the words that give it away."""

    owner: Owner
    """Whose subject it is."""
    prior: Annotated[float, Field(ge=0.0, le=12.0)]
    """How strongly a title that names it speaks for that owner, in log-odds, before any fitting."""
    words: tuple[str, ...] = ()
    """Words and phrases, in any case. Dots, hyphens and spaces are one: `tf.data` is also found
    as `tf data`."""
    names: tuple[str, ...] = ()
    """Identifiers, in exact case."""
    regions: dict[str, Annotated[float, Field(ge=0.0, le=2.0)]] = {}
    """Factors that replace the general ones of `ownership.regions` for this topic."""


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


class OwnershipRules(Rules):
    """Thresholds, labels and words that tell whose an item is."""

    labels: OwnershipLabels = OwnershipLabels()
    """Labels that speak about ownership."""
    paths: OwnershipPaths = OwnershipPaths()
    """Changed paths that speak about ownership."""
    thread: OwnershipThread = OwnershipThread()
    """Maintainers' words that speak about ownership."""
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

    @model_validator(mode="after")
    def _bars_are_ordered(self) -> OwnershipRules:
        if self.not_ours_at >= self.ours_at:
            raise ValueError("not_ours_at must be below ours_at")
        return self
