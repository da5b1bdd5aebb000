"""A GraphQL document as we send it: a name, its text, and whether it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One operation with the fragments that it uses.

    ``sizes`` are the page-size variables the client sends unless told otherwise; the cost test computes nodes and
    points with exactly these.
    """

    name: str
    text: str
    writes: bool = False
    sizes: Mapping[str, Any] = {}


def query(name: str, variables: str, body: str, *fragments: str, sizes: Mapping[str, Any] | None = None) -> Document:
    """Compose a query. ``variables`` is the declaration list without parentheses, ``fragments`` are whole definitions."""
    return Document(name=name, text=_compose("query", name, variables, body, fragments), sizes=sizes or {})


def mutation(name: str, variables: str, body: str, *fragments: str, sizes: Mapping[str, Any] | None = None) -> Document:
    """Compose a mutation; root fields run in the order written (https://spec.graphql.org/October2021/#sec-Mutation)."""
    return Document(name=name, text=_compose("mutation", name, variables, body, fragments), writes=True, sizes=sizes or {})


def _compose(kind: str, name: str, variables: str, body: str, fragments: tuple[str, ...]) -> str:
    """Join the parts, each fragment once, and drop indentation: bytes sent with every request."""
    declared = f"({variables})" if variables else ""
    text = f"{kind} {name}{declared} {{ {body} }}\n" + "\n".join(dict.fromkeys(fragments))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
