"""The page size shrinks when GitHub gives up, and grows again."""

from __future__ import annotations

from migrator.github.paging import GROWS_AFTER, PageSize


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
