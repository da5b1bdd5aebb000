"""Small worlds that several tests look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrator.sandbox.worlds import generate

Record = dict[str, Any]
SAMPLE = Path(__file__).parents[2] / "data" / "labelled_sample.csv"


@pytest.fixture(scope="session")
def world() -> list[Record]:
    """Four hundred generated items, the size of the demo, with what surrounds them."""
    return list(generate(items=400, seed=7))


@pytest.fixture(scope="session")
def large_world() -> list[Record]:
    """Enough items for shares to be told."""
    return list(generate(items=3000, seed=3))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a file and return its path."""

    def written(content: str | bytes) -> Path:
        path = tmp_path / "issues"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture
def sample() -> Path:
    """Sixty labelled issues of our own."""
    return SAMPLE
