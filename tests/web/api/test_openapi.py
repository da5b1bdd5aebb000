"""The programming interface keeps to its own description, whatever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from migrator.web.auth.dependencies import HEADER_TOKEN
from tests.support.dashboard import Hall, hall
from tests.support.webhook_sender import serving

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
"""Requests for each operation and mode."""


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration in which anything may be done."""
    with hall(tmp_path_factory.mktemp("wild"), items=40) as found:
        yield found


@pytest.fixture(scope="module")
def address(wild: Hall) -> Iterator[str]:
    """Its dashboard on a socket."""
    app: Any = wild.app
    assert isinstance(app, FastAPI)
    with serving(app) as found:
        yield found


@pytest.fixture(scope="module")
def document(wild: Hall) -> dict[str, Any]:
    """The description."""
    return dict(wild.client("ada").get("/api/openapi.json").json())


def fill(document: dict[str, Any], wild: Hall) -> dict[str, Any]:
    """The description with values that exist, so that requests get further than to what is not
    there."""
    item = next(wild.context.store.plans.items(wild.plan.hash))
    owner, name = item.repository.split("/")
    known = {
        "prefix": wild.plan.hash[:12],
        "since": wild.plan.hash[:12],
        "plan_hash": wild.plan.hash,
        "run_id": wild.context.store.runs.newest(1)[0].id,
        "owner": owner,
        "name": name,
        "number": item.number,
    }
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["schema"] = {"enum": [known[parameter["name"]]]}
    return document


@pytest.mark.parametrize(
    ("mode", "exists"),
    [
        pytest.param(GenerationMode.POSITIVE, True, id="well formed, what exists"),
        pytest.param(
            GenerationMode.POSITIVE, False, id="well formed, anything", marks=pytest.mark.slow
        ),
        pytest.param(
            GenerationMode.NEGATIVE, True, id="malformed, what exists", marks=pytest.mark.slow
        ),
        pytest.param(
            GenerationMode.NEGATIVE, False, id="malformed, anything", marks=pytest.mark.slow
        ),
    ],
)
def test_every_answer_is_as_described(
    wild: Hall, address: str, document: dict[str, Any], mode: Any, exists: bool
) -> None:
    """No fault of ours, and no status, type or shape that the description does not name."""
    schema = schemathesis.openapi.from_dict(fill(document, wild) if exists else document)
    client = wild.client("ada")
    headers, cookies = (
        {HEADER_TOKEN: str(client.headers[HEADER_TOKEN])},
        dict(client.cookies.items()),
    )
    operations: list[Any] = list(schema.get_all_operations())
    for found in operations:
        _ask(found.ok(), mode, address, headers, cookies)


def _ask(
    operation: Any, mode: Any, address: str, headers: dict[str, str], cookies: dict[str, str]
) -> None:
    """Ask one operation again and again."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        reply = case.call(base_url=address, headers=headers, cookies=cookies, timeout=100)
        case.validate_response(reply, checks=CHECKS)

    ask()


def test_every_operation_says_what_it_does_and_what_it_takes(document: dict[str, Any]) -> None:
    """A description that teaches: every operation, parameter and answer has a sentence."""
    for path, methods in document["paths"].items():
        if not path.startswith("/api/"):
            continue
        for operation in methods.values():
            assert operation["description"].endswith((".", ")")), path
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description") or parameter["schema"].get("description"), (
                    path,
                    parameter["name"],
                )
            assert all(answer["description"] for answer in operation["responses"].values()), path


def test_only_the_interface_is_described(document: dict[str, Any]) -> None:
    """Pages are for people."""
    assert {path.partition("/api/")[0] for path in document["paths"]} == {""}
