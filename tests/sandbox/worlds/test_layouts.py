from __future__ import annotations

import pytest

from migrator.sandbox.clock import parse
from migrator.sandbox.worlds.layouts import Layout

NOW = parse("2021-09-01T12:00:00Z")


def layouts(size: int) -> list[Layout]:
    """Ten worlds of that size, among them some whose newest items come so close together that
    they miss each other."""
    return [
        Layout(size, seed, NOW, "a/mono", ("a/new",))
        for seed in (0, 1, 2, 3, 13, 15, 20, 32, 38, 56)
    ]


@pytest.mark.parametrize("size", [40, 60, 150, 700])
def test_two_items_that_name_each_other_agree_about_it(size: int) -> None:
    """Who asks who names him, and then asks whom that one names, is told his own position."""
    for layout in layouts(size):
        named = {}
        for index in range(layout.in_source):
            answer = layout.named_by(index, layout.source_deck.card(index))
            if answer is not None and answer[1] is not None:
                named[answer[1]] = index
        naming = {}
        for row, length in (("source", layout.in_source), ("target", layout.after)):
            deck, seat = (
                (layout.source_deck, layout.source_seat)
                if row == "source"
                else (layout.after_deck, layout.after_seat)
            )
            for index in range(length):
                found = layout.names(index, deck.card(index), row)
                if found is not None and found[1] is not None:
                    naming[seat(index)] = found[1]
        assert named == naming


@pytest.mark.parametrize("size", [40, 60, 150, 700])
def test_nobody_names_what_is_not_yet_written(size: int) -> None:
    """The one that names is the younger by a day at least."""
    for layout in layouts(size):
        for index in range(layout.in_source):
            answer = layout.named_by(index, layout.source_deck.card(index))
            if answer is not None and answer[1] is not None:
                assert answer[1].created > layout.source_seat(index).created + 86_400


@pytest.mark.parametrize("size", [1, 9, 52_000])
def test_numbers_fit_worlds_of_any_size(size: int) -> None:
    """First and last item have different numbers above 0, also where there are more items than
    the real site had."""
    layout = Layout(size, 1, NOW, "a/mono", ("a/new",))
    numbers = [
        layout.source_seat(index).number
        for index in sorted({0, 1, layout.in_source - 2, layout.in_source - 1})
        if index >= 0
    ]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 0
