"""The threat model names tests and files that exist."""

from __future__ import annotations

import re

from tests.support.front_door import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = re.compile(r"`((?:tests|bench|deploy)/[\w./-]*)`")


def test_every_test_that_the_threat_model_names_exists() -> None:
    """A promise whose test was moved away is no promise."""
    named = set(NAMED.findall(PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_security_test_is_named_in_the_threat_model() -> None:
    """Who adds one says which promise it holds."""
    tests = {f"tests/security/{path.name}" for path in (ROOT / "tests/security").glob("test_*.py")}
    assert tests - set(NAMED.findall(PAGE)) == set()
