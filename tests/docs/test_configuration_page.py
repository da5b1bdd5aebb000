"""The pages that are made from code are in step with it, and nothing in them is undocumented."""

from __future__ import annotations

import runpy
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from migrator.config.settings import Settings
from migrator.config.toml_types import meanings
from migrator.domain.rules import MigrationFile
from scripts.write_configuration import configuration_page, tables_of, toml_value

ROOT = Path(__file__).parents[2]


def test_the_configuration_page_is_in_step_with_the_types() -> None:
    """`make docs-reference` has been run since the rules last changed."""
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == configuration_page()


def test_the_exit_code_page_is_in_step_with_the_error_tree() -> None:
    """`make docs-reference` has been run since the errors last changed."""
    page = runpy.run_path(str(ROOT / "scripts" / "write_exit_codes.py"))["exit_codes_page"]()
    assert (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8") == page


def test_every_rule_and_setting_is_described() -> None:
    """A key that nobody explained is a key that nobody can use."""
    tables: list[type[BaseModel]] = [Settings, *(model for _, model, _ in tables_of(MigrationFile))]
    mute = [
        f"{table.__name__}.{key}"
        for table in tables
        for key in table.model_fields.keys() - meanings(table).keys()
    ]
    assert mute == []


@pytest.mark.parametrize(
    "value",
    [
        True,
        3,
        0.5,
        'a "quoted" \\ text\nof two lines',
        [1, 2],
        {"a key": "b"},
        {},
        datetime(2021, 6, 24, tzinfo=UTC),
    ],
    ids=repr,
)
def test_an_example_value_is_read_back_by_the_parser(value: object) -> None:
    """What the page shows can be copied into a file."""
    assert tomllib.loads(f"key = {toml_value(value)}")["key"] == value


def test_a_term_is_shown_in_days() -> None:
    """As people write it."""
    assert toml_value(timedelta(days=180)) == '"180d"'
