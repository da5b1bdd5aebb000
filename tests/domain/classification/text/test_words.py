"""Words and phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.classification.text.words import PhraseIndex, words_of


def find(index: PhraseIndex, text: str) -> dict[str, str]:
    """What the index sees in a text."""
    return index.find(text, words_of(text.lower()))


def test_separators_divide_and_underscores_do_not() -> None:
    """A dotted name is a phrase; an identifier is one word."""
    assert words_of("tf.data, load_model (multi-worker)") == [
        "tf",
        "data",
        "load_model",
        "multi",
        "worker",
    ]


def test_languages_with_signs_in_their_names_stay_whole() -> None:
    """A C++ question is not about a letter."""
    assert words_of("C++ or C# or c") == ["Cpp", "or", "Csharp", "or", "c"]


@given(st.text(alphabet="ab _.-é中“”\n", max_size=40))
def test_words_never_hold_a_separator_and_lose_no_letter(text: str) -> None:
    """Whatever the alphabet."""
    words = words_of(text)
    assert all(word.replace("_", "a").isalnum() for word in words)
    assert sum(map(len, words)) == sum(char.isalnum() or char == "_" for char in text)


@pytest.mark.parametrize(
    "text", ["a tap dance here", "TAP-DANCE", "tap.dance()", "first tap, then tap dance"]
)
def test_a_phrase_is_found_in_any_case_and_across_any_separator(text: str) -> None:
    """People write names in all ways."""
    assert find(PhraseIndex([("tap dance", "shows")]), text) == {"shows": "tap dance"}


@pytest.mark.parametrize("text", ["tap the dance", "dance tap", "tapdance", "a tap", "tap dancer"])
def test_a_phrase_needs_its_words_whole_and_in_order(text: str) -> None:
    """Otherwise it is another phrase."""
    assert find(PhraseIndex([("tap dance", "shows")]), text) == {}


def test_longer_phrases_need_every_word() -> None:
    """Three words are not found by their first two."""
    index = PhraseIndex([("no such pipe", "errors")])
    assert find(index, "no such tap, no such pipe") == {"errors": "no such pipe"}
    assert find(index, "no such tap, pipe") == {}


def test_names_are_found_in_exact_case_only() -> None:
    """`Dense` is a layer, `dense` an adjective."""
    index = PhraseIndex([], [("Dense", "layers")])
    assert find(index, "a Dense one") == {"layers": "Dense"}
    assert find(index, "a dense one") == {}
    assert find(index, "MyDense_x and dense, then Dense") == {"layers": "Dense"}
    assert find(index, "MyDense and Dense_x, dense") == {}


def test_the_first_listed_of_a_topic_is_reported() -> None:
    """So that evidence does not change from run to run."""
    index = PhraseIndex([("pipe", "plumbing"), ("tap", "plumbing")])
    assert find(index, "tap and pipe") == {"plumbing": "pipe"}
