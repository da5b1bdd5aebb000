"""The page size shrinks when GitHub gives up, and grows again."""

from __future__ import annotations

import pytest

from migrator.errors import ServerUnavailable
from migrator.github.page_size import GROWS_AFTER, PageSize, ask_sized


def test_a_page_size_halves_down_to_its_least_and_no_further() -> None:
    """A repository of monsters is read five at a time at worst, not one by one and not never."""
    size = PageSize()
    sizes = []
    for _ in range(7):
        size.shrink()
        sizes.append(size.current)
    assert sizes == [50, 25, 12, 6, 5, 5, 5]
    assert size.is_least


def test_a_page_size_grows_again_only_after_some_good_pages() -> None:
    """Growing at once would try the failing size again with every second page."""
    size = PageSize()
    size.shrink()
    for _ in range(GROWS_AFTER - 1):
        size.grow()
    assert size.current == 50
    size.grow()
    assert size.current == 100


def test_a_page_size_never_passes_what_github_allows() -> None:
    """More than 100 would be refused."""
    size = PageSize(start=60)
    for _ in range(10):
        size.grow()
    assert size.current == 100


def test_a_size_that_fails_again_is_tried_again_ever_later() -> None:
    """A limit that stays would else cost a failed page every few pages."""
    size, waits = PageSize(), []
    for _ in range(6):
        size.shrink()
        good = 0
        while size.current < 100:
            size.grow()
            good += 1
        waits.append(good)
    assert waits == [3, 6, 12, 24, 48, 48]


class Failing:
    """GitHub gives up on pages above a size; notes what it was asked for, and how often it might
    be tried."""

    def __init__(self, above: int) -> None:
        self.above = above
        self.asked: list[tuple[int, int | None]] = []

    async def __call__(self, size: int, attempts: int | None) -> int:
        """Answer with the size, or give up."""
        self.asked.append((size, attempts))
        if size > self.above:
            raise ServerUnavailable("too much")
        return size


async def test_a_page_that_was_too_much_is_asked_for_in_halves() -> None:
    """One attempt each, as asking for the same again is what failed; the least one as often as
    any request."""
    github, size = Failing(above=5), PageSize(largest=20, least=5)
    assert await ask_sized(size, github) == 5
    assert github.asked == [(20, 1), (10, 1), (5, None)]


async def test_good_pages_make_the_next_ones_larger() -> None:
    """As many as it takes."""
    github, size = Failing(above=100), PageSize(largest=20, start=10)
    for _ in range(GROWS_AFTER + 1):
        await ask_sized(size, github)
    assert [asked for asked, _ in github.asked] == [10] * GROWS_AFTER + [20]


async def test_what_fails_at_the_least_size_has_failed() -> None:
    """The caller reads the items one by one, or sets them aside."""
    github = Failing(above=1)
    with pytest.raises(ServerUnavailable):
        await ask_sized(PageSize(largest=10, least=5), github)
    assert github.asked == [(10, 1), (5, None)]
