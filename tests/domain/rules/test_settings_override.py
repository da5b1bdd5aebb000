"""Single settings changed by hand: `activity.stale_after=180d`."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from migrator.domain.rules import MigrationFile
from migrator.domain.rules.settings_override import with_settings
from migrator.errors import ConfigError
from tests.support.threads import migration_file

FILE = migration_file()
DOCUMENT: dict[str, Any] = tomllib.loads(
    """
    [migration]
    name = "garden"
    title = "The garden leaves the house"
    source = "big/house"
    cutover = 2021-06-24T00:00:00Z

    [[parts]]
    name = "garden"
    title = "Garden"
    target = "little/garden"
    old_address = "https://example.org/old"
    new_address = "https://example.org/new"
    paths = [{ old = "garden", new = "" }]
    """
)


def refusal(*settings: str) -> ConfigError:
    """The error that these settings cause."""
    with pytest.raises(ConfigError) as caught:
        with_settings(FILE, settings)
    return caught.value


@pytest.mark.parametrize("base", [FILE, DOCUMENT], ids=["rules", "document"])
@pytest.mark.parametrize(
    "setting",
    ["activity.stale_after=90d", "activity.stale_after = 90", 'activity.stale_after="90d"'],
)
def test_a_setting_is_changed(base: MigrationFile | dict[str, Any], setting: str) -> None:
    """With or without quotes, in rules or in a file as parsed, also where the file leaves its
    table out."""
    assert with_settings(base, [setting]).activity.stale_after == timedelta(days=90)


def test_what_is_given_is_not_changed() -> None:
    """The caller compares both."""
    with_settings(DOCUMENT, ["activity.stale_after=90d"])
    assert "activity" not in DOCUMENT


def test_without_settings_the_rules_stay_the_same() -> None:
    """A way through JSON and back loses nothing."""
    assert with_settings(FILE, []) == FILE


def test_settings_may_be_of_any_type() -> None:
    """Numbers, switches, lists, dates, tables with free keys, and elements of arrays by name or
    position."""
    changed = with_settings(
        FILE,
        [
            "ownership.close_at=0.9",
            "decisions.clear.enabled=false",
            'activity.nags=["please wait", "a = b"]',
            "migration.cutover=2022-01-01T00:00:00Z",
            'ownership.labels.ours."comp: x"=garden',
            "parts.garden.title=The garden",
            "parts.0.paths.0.old=yard",
            "decisions.retire.label=10",
        ],
    )
    assert changed.ownership.close_at == 0.9
    assert not changed.decisions.clear.enabled
    assert changed.activity.nags == ("please wait", "a = b")
    assert changed.migration.cutover.year == 2022
    assert changed.ownership.labels.ours == {"comp: x": "garden"}
    assert (changed.parts[0].title, changed.parts[0].paths[0].old) == ("The garden", "yard")
    assert changed.decisions.retire.label == "10"


def test_settings_that_need_each_other_are_checked_together() -> None:
    """A label may name a part that only the next setting renames."""
    changed = with_settings(FILE, ["ownership.labels.ours.x=yard", "parts.garden.name=yard"])
    assert changed.parts[0].name == "yard"


@pytest.mark.parametrize(
    ("setting", "cause", "cure"),
    [
        ("activity.stale_aftr=9d", "`stale_aftr` is no setting", "did you mean `stale_after`?"),
        ("activty.stale_after=9d", "`activty` is no setting", "did you mean `activity`?"),
        ("activity=1", "that is a table", "set one of its keys: stale_after"),
        ("activity.stale_after.x=1", "nothing below `stale_after`", ""),
        ("parts.yard.title=x", "`yard` does not exist", "known here: `garden`"),
        ("parts.1.title=x", "`1` does not exist", "`garden`"),
        ("activity.stale_after=soon", "write a number of days, for example 180d", ""),
        ("activity.stale_after=-1", "between 0 and 36500 days", ""),
        ("activity.protect.votes=many", "valid integer", ""),
        ("activity.unanswered=maybe", "'redirect', 'retire' or 'review'", ""),
        ("ownership.close_at=nan", "less than or equal to 1", ""),
        ("ownership.labels.ours.x=nowhere", "unknown part 'nowhere'", ""),
        ("activity.stale_after", "is no setting", "KEY=VALUE"),
        ("=1", "is no setting", "KEY=VALUE"),
        ("a b=1", "is no key", "dotted names"),
        ("activity.quiet_days=1\nbudget.close_costs=0", "is no setting", "KEY=VALUE"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(setting: str, cause: str, cure: str) -> None:
    """And nothing else is said to be wrong."""
    error = refusal(setting)
    assert setting.splitlines()[0] in error.cause
    assert cause in error.cause
    assert cure in error.cure


def test_a_table_without_a_name_in_an_array_is_reached_by_its_position() -> None:
    """Paths have none."""
    assert "`2` does not exist" in refusal("parts.garden.paths.2.old=x").cause


def test_a_step_that_stands_twice_is_named_where_it_fails() -> None:
    """`x.x`: the error speaks of the first."""
    assert "nothing below `name`" in refusal("parts.garden.name.name=x").cause


def test_every_plain_setting_of_the_file_can_be_set_to_what_it_is() -> None:
    """Whatever its type: no setting is out of reach."""
    for path, value in _leaves(FILE, ()):
        assert with_settings(FILE, [f"{path}={value}"]) == FILE, path


def _leaves(model: BaseModel, path: tuple[str, ...]) -> list[tuple[str, str]]:
    """Dotted path and TOML value of every plain setting."""
    found: list[tuple[str, str]] = []
    for name, value in model:
        here = (*path, name)
        if isinstance(value, BaseModel):
            found += _leaves(value, here)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            found += [
                leaf for i, each in enumerate(value) for leaf in _leaves(each, (*here, str(i)))
            ]
        elif value is not None and not isinstance(value, dict):
            found.append((".".join(here), _toml(model, name)))
    return found


def _toml(model: BaseModel, name: str) -> str:
    written = model.model_dump(mode="json")  # leaves out what keeps the digest of older files
    return json.dumps(written.get(name, getattr(model, name)), ensure_ascii=False)
