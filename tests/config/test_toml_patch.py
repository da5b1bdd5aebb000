"""A value is changed where it stands, and nothing else of the file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from migrator.config.migration_file import load, parse
from migrator.config.toml_patch import patched, unified_diff
from migrator.domain.rules.settings_override import with_settings

RULES = """\
[migration]
name = "widget"
title = "Widget leaves"
source = "big/repo"
cutover = 2023-06-01T00:00:00Z

[[parts]]
name = "widget"
title = "Widget"
target = "small/widget"
old_address = "https://github.com/big/repo/tree/main/widget"
new_address = "https://github.com/small/widget"

  [[parts.paths]]
  old = "widget"
  new = ""

[ownership.labels]
not_ours = ["other"]

[activity]
stale_after = "180d"   # as the announcement says

  [activity.protect]
  people = 3
"""


def change(text: str, **values: str) -> str | None:
    """The text with these values, by dotted key with two underscores for a dot."""
    dotted = {key.replace("__", "."): value for key, value in values.items()}
    wanted = with_settings(parse(text), [f"{key}={value}" for key, value in dotted.items()])
    return patched(text, dotted, wanted)


@pytest.mark.parametrize(
    ("values", "added", "removed"),
    [
        (
            {"activity__stale_after": '"60d"'},
            ['stale_after = "60d"   # as the announcement says'],
            ['stale_after = "180d"   # as the announcement says'],
        ),
        ({"activity__quiet_days": '"20d"'}, ['quiet_days = "20d"'], []),
        ({"activity__protect__votes": "7"}, ["  votes = 7"], []),
        ({"ownership__ours_at": "0.97"}, ["", "[ownership]", "ours_at = 0.97"], []),
    ],
)
def test_a_value_is_changed_in_its_line_or_added_to_its_table(
    values: dict[str, str], added: list[str], removed: list[str]
) -> None:
    """Comments and indentation stay."""
    changed = change(RULES, **values)
    assert changed is not None
    diff = unified_diff(RULES, changed, "moved.toml").splitlines()[2:]
    assert [line[1:] for line in diff if line.startswith("+")] == added
    assert [line[1:] for line in diff if line.startswith("-")] == removed


def test_a_file_that_says_it_in_another_form_is_left_to_a_person() -> None:
    """No patch rather than a wrong one."""
    inline = RULES.replace("  [activity.protect]\n  people = 3\n", "protect = { people = 3 }\n")
    assert change(inline, activity__protect__votes="7") is None
    assert change(inline, activity__protect__people="7") is None


@pytest.mark.skipif(shutil.which("patch") is None, reason="no patch: apt-get install patch")
@pytest.mark.parametrize("end", ["", "\n"])
def test_patch_applies_it(tmp_path: Path, end: str) -> None:
    """Also to a file whose last line does not end."""
    text = RULES.rstrip("\n") + end
    changed = change(text, activity__stale_after='"60d"', activity__protect__people="9")
    assert changed is not None
    (tmp_path / "moved.toml").write_text(text)
    (tmp_path / "it.patch").write_text(unified_diff(text, changed, "moved.toml"))
    subprocess.run(["patch", "moved.toml", "it.patch"], cwd=tmp_path, check=True)
    assert (tmp_path / "moved.toml").read_text() == changed


def test_the_shipped_preset_can_be_changed() -> None:
    """Every dial of the what-if page finds its place in it."""
    loaded = load("keras")
    values = {
        "activity.stale_after": '"60d"',
        "activity.protect.votes": "7",
        "ownership.close_at": "0.99",
    }
    wanted = with_settings(loaded.file, [f"{key}={value}" for key, value in values.items()])
    changed = patched(loaded.text, values, wanted)
    assert changed is not None
    assert parse(changed) == wanted
