"""`python -m migrator.sandbox` can make its world up by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from migrator.sandbox.__main__ import made_up_world
from migrator.sandbox.world import World
from migrator.sandbox.worlds import Theme, ThemePart, ThemePath

THEME = Theme(
    source="acme/whole",
    cutover=datetime(2024, 5, 2, tzinfo=UTC),
    parts=(
        ThemePart(
            name="charts",
            title="Charts",
            target="acme/charts",
            paths=(ThemePath(old="packages/charts", new="src"),),
            labels=("pkg: charts",),
        ),
    ),
    other_labels=("pkg: *",),
)


def labelled(world: World, label: str) -> int:
    """Items of the source with that label."""
    return sum(label in item.labels for item in world.threads[world.source.lower()].values())


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    """A theme as JSON."""
    path = tmp_path / "theme.json"
    path.write_bytes(msgspec.json.encode(THEME))
    return path


@pytest.mark.parametrize(
    ("share", "fits"),
    [
        (0.0, lambda count: count == 0),
        (1.0, lambda count: count > 25),
        (None, lambda count: 5 < count < 25),
    ],
)
def test_a_theme_and_a_share_make_the_world(
    theme: Path, share: float | None, fits: Callable[[int], bool]
) -> None:
    """What the JSON file says moves, as often as the option says."""
    world = made_up_world(items=40, seed=3, theme=theme, share=share)
    assert (world.source, world.target) == ("acme/whole", "acme/charts")
    assert fits(labelled(world, "pkg: charts"))


def test_without_a_theme_it_is_the_default_world() -> None:
    """And it starts at the time that is given, if one is."""
    assert made_up_world(items=5, seed=1).source == "tensorflow/tensorflow"
    assert (
        made_up_world(items=5, seed=1, now="2022-03-01T00:00:00Z").clock.start
        == "2022-03-01T00:00:00Z"
    )
    with pytest.raises(ValueError, match="no time zone"):
        made_up_world(items=5, seed=1, now="2022-03-01T00:00:00")
