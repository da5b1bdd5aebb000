"""A migration within one owner, whose issues are transferred, and a world for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migrator.config.migration_file import load
from migrator.rehearsal.relations import Relation, relations_of
from migrator.rehearsal.sandbox import WorldInput
from migrator.rehearsal.theme import theme_of

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "one-owner.toml"


def write_rules(folder: Path) -> Path:
    """The example's file without the canary's minutes, which would be waited for, and without the
    gate on differences: the world is judged instead."""
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace("canary_minutes = 10", "canary_minutes = 0\nmax_differences = 1.0")
    path = folder / "one-owner.toml"
    path.write_text(text, encoding="utf-8")
    return path


def world_of(rules: Path, *, items: int, seed: int) -> tuple[list[dict[str, Any]], list[Relation]]:
    """A world of that file with related issues, and the relations."""
    file = load(str(rules)).file
    made = WorldInput(
        items=items,
        seed=seed,
        repositories=(file.migration.source, file.targets),
        theme=theme_of(file),
    )
    records = list(made.records())
    return records, relations_of(records)
