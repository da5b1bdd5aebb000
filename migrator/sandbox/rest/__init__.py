"""The REST half: one file per resource, each registering its routes."""

from __future__ import annotations

from importlib import import_module

_RESOURCES = (
    "actions",
    "apps",
    "comments",
    "events",
    "issues",
    "labels",
    "people",
    "pulls",
    "reactions",
    "relations",
    "repositories",
    "signing_in",
)


def load() -> None:
    """Import every resource, which registers its routes."""
    for resource in _RESOURCES:
        import_module(f"{__name__}.{resource}")
