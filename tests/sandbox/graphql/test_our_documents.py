"""Every document that our own client sends runs here."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import migrator.github.queries
from migrator.github.http_messages import GraphQLDocument
from tests.support.sandbox_server import Local


def documents() -> Iterator[GraphQLDocument]:
    """All documents of the client, once each."""
    names = [
        f"migrator.github.queries.{found.name}"
        for found in pkgutil.iter_modules(migrator.github.queries.__path__)
    ]
    seen = set()
    for name in [*names, "migrator.github.mutations"]:
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, GraphQLDocument) and value.name not in seen:
                seen.add(value.name)
                yield value


ALL = {document.name: document for document in documents()}


def values(github: Local) -> dict[str, Any]:
    """A value for every variable that documents declare."""
    ids = github.graphql(
        """{ repository(owner: "acme", name: "mono") { id label(name: "bug") { id }
          issue(number: 1) { id comments(last: 1) { nodes { id } } } pullRequest(number: 2) { id } } }"""
    )["data"]["repository"]
    issue = ids["issue"]["id"]
    return {
        "owner": "acme", "name": "mono", "number": 1, "id": issue, "ids": [issue, ids["pullRequest"]["id"]],
        "subject": issue, "item": issue,
        "states": ["OPEN"], "order": {"field": "UPDATED_AT", "direction": "DESC"}, "filter": {"since": "2019-01-01T00:00:00Z"},
        "first": 10, "label": "fresh", "labels": [ids["label"]["id"]], "unlabel": [ids["label"]["id"]], "repository": ids["id"],
        "comment": ids["issue"]["comments"]["nodes"][0]["id"], "body": "Hello", "content": "EYES", "color": "ededed",
        "description": "New", "reason": "NOT_PLANNED", "since": "2019-01-01T00:00:00Z", "milestone": "1.0",
    }  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_each_document_runs_without_an_error(github: Local, name: str) -> None:
    """Data comes back, and no errors."""
    document = ALL[name]
    declared = dict(re.findall(r"\$(\w+): (\[?\w+)", document.text.partition("{")[0]))
    known = {**values(github), **document.sizes}
    given: dict[str, Any] = {
        one: 10 if kind == "Int" and one not in document.sizes else known.get(one)
        for one, kind in declared.items()
    }
    given |= {
        one: known[one] for one in ("number", "ids") if one in declared and one in values(github)
    }
    if "ids" in given:
        given["ids"] = values(github)["ids"]
    answer = github.graphql(document.text, **given)
    assert "errors" not in answer, answer["errors"]
    assert answer["data"]
