"""Changed paths of pull requests."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.domain.classification.signals import paths
from migrator.domain.classification.signals.base import Finding
from tests.support.dated_items import findings, names
from tests.support.threads import pull_request


def changed(*files: str, **pull: Any) -> list[Finding]:
    """What the signal says of a pull request that changes these files."""
    total = pull.pop("total", len(files))
    return findings(
        paths, item=pull_request({"changed_paths": files, "changed_paths_total": total, **pull})
    )


@pytest.mark.parametrize("path", ["garden/rose.py", "garden", "golden/garden.rose.txt"])
def test_a_moved_path_is_inside(path: str) -> None:
    """The folder, what is below it, and what goes along with it."""
    (found,) = changed(path)
    assert (found.name, found.part, found.contradiction) == ("path.inside", "garden", "")


@pytest.mark.parametrize("path", ["roof/tile.py", "gardens/rose.py", "old/garden/rose.py"])
def test_any_other_path_is_outside(path: str) -> None:
    """A like-named folder is another folder."""
    assert names(changed(path)) == ["path.outside"]


def test_neutral_paths_make_nothing_mixed() -> None:
    """And alone they say nothing."""
    assert changed("garden/rose.py", "CHANGES.md")[0].contradiction == ""
    assert changed("CHANGES.md") == []


def test_mixed_paths_are_for_a_person() -> None:
    """The outside path is named."""
    assert "roof/tile.py" in changed("garden/rose.py", "roof/tile.py")[0].contradiction


def test_a_backport_is_for_a_person() -> None:
    """It belongs to a released version of the source."""
    assert changed("garden/rose.py", base_ref="r2.4")[0].contradiction == "a backport to r2.4"
    assert changed("garden/rose.py", base_ref="main")[0].contradiction == ""


def test_an_incomplete_list_cannot_show_that_all_is_inside() -> None:
    """GitHub lists a part of very large changes."""
    assert (
        changed("garden/rose.py", total=9)[0].contradiction == "8 more changed paths were not read"
    )


def test_an_issue_has_no_paths() -> None:
    """Nor has a pull request that changes nothing."""
    assert findings(paths) == []
    assert changed() == []
