"""Names of labels: what a label is about, what begins it, and what a pattern names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from migrator.sandbox.worlds.vocabulary import LabelWords

_MOST_CHARACTERS = 50
"""The longest name of a label on GitHub."""
PLAIN_COLOR = "ededed"


def subject_of(label: str) -> str:
    """The last word of a label: ``comp:lite-kernels`` is about ``lite kernels``."""
    tail = label.rstrip("*").replace("/", ":").rstrip(": -_").rpartition(":")[2].strip()
    return tail.replace("-", " ").replace("_", " ") or label


def prefix_of(label: str) -> str:
    """What the labels of components begin with: ``area: `` of ``area: charts``; empty if they
    are bare names."""
    for mark in (": ", ":", "/"):
        if mark in label:
            return label[: label.index(mark) + len(mark)]
    return ""


def plain_names(patterns: Iterable[str]) -> list[str]:
    """Labels that the patterns name: a ``*`` may stand for nothing."""
    return [name for name in (pattern.replace("*", "").strip() for pattern in patterns) if name]


def by_role(labels: Sequence[str], *roles: str) -> dict[str, str]:
    """The labels by the roles that they play, in order; roles without a label are left out."""
    return dict(zip(roles, labels, strict=False))


def matches_any(label: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the label, in whatever case."""
    return any(fnmatchcase(label.casefold(), pattern.casefold()) for pattern in patterns)


def distinct_labels(
    names: Iterable[str], color: str = PLAIN_COLOR, known: set[str] | None = None
) -> Iterable[LabelWords]:
    """Each name once, in whatever case; GitHub keeps at most 50 characters."""
    seen = {name.casefold() for name in known or ()}
    for name in names:
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            yield LabelWords(name=name[:_MOST_CHARACTERS], color=color)
