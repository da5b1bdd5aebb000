"""Resolvers, one file per family of types."""

from __future__ import annotations

from importlib import import_module

_FAMILIES = (
    "actors", "comments", "events", "git", "items", "labels", "listing",
    "mutations", "mutations_of_items", "mutations_of_relations", "people", "pulls", "query", "repositories",
)  # fmt: skip


def load() -> None:
    """Import every family, which fills the tables."""
    for family in _FAMILIES:
        import_module(f"{__name__}.{family}")
