"""Which names and words labelled items bear out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrator.domain.evaluation.proposals import LearningItems, from_names, from_words
from migrator.domain.evaluation.terms import Term
from tests.support.dated_items import house

ROSE, TILE, SUN = Term("rose"), Term("tile"), Term("sun")


def items(
    ours: Sequence[Sequence[Term]],
    others: Sequence[Sequence[Term]],
    groups: Mapping[int, int] | None = None,
) -> LearningItems:
    """Items of ours, then of others, each with its terms."""
    every = [*ours, *others]
    return LearningItems(
        terms={at: frozenset(terms) for at, terms in enumerate(every)},
        ours={at: at < len(ours) for at in range(len(every))},
        groups=groups or {at: at for at in range(len(every))},
    )


def unexplained(learned: LearningItems, log_odds: float = 0.0) -> dict[int, float]:
    """Nothing is known of any item."""
    return dict.fromkeys(learned.terms, log_odds)


def words(learned: LearningItems, log_odds: Mapping[int, float] | None = None) -> dict[str, str]:
    """Proposed word -> owner."""
    found = from_words(learned, log_odds or unexplained(learned))
    return {one.terms[0].text: one.owner for one in found}


def test_a_word_of_one_side_is_proposed_for_it() -> None:
    """A word of both sides is not."""
    learned = items([(ROSE, SUN)] * 20, [(TILE, SUN)] * 20)
    assert set(words(learned).values()) <= {"ours", "not_ours"}
    assert words(learned).get("rose") == "ours" or words(learned).get("tile") == "not_ours"
    assert "sun" not in words(learned)


def test_a_word_that_explains_nothing_new_is_left_out() -> None:
    """Where names and code have told already, a word adds nothing."""
    learned = items([(ROSE,)] * 20, [(SUN,)] * 20)
    known = {at: 5.0 if learned.ours[at] else -5.0 for at in learned.terms}
    assert words(learned, known) == {}


def test_a_word_of_few_items_is_left_out() -> None:
    """Four are chance."""
    assert words(items([(ROSE,)] * 4 + [()] * 30, [()] * 100), None) == {}


def test_near_duplicates_are_one_item() -> None:
    """Beside 25 copies of one report, five of each side tell nothing."""
    sent = [(ROSE,)] * 25 + [(ROSE,)] * 5 + [()] * 15
    groups = {at: max(0, at - 24) for at in range(65)}
    assert words(items(sent, [(ROSE,)] * 5 + [()] * 15, groups)) == {}
    assert "rose" in words(items(sent, [(ROSE,)] * 5 + [()] * 15))


def test_a_name_of_the_file_is_believed_until_items_contradict_it() -> None:
    """`comp:roof` names the roof; where only items of ours speak of it, it tells nothing."""
    roof = Term("roof")
    unseen = from_names(house(topics={}), items([()] * 20, [()] * 20))
    assert {one.terms[0]: one.owner for one in unseen}[roof] == "not_ours"
    turned = from_names(house(topics={}), items([(roof,)] * 20, [()] * 20))
    assert roof not in {one.terms[0] for one in turned}


def test_what_a_topic_of_the_file_lists_is_not_proposed_again() -> None:
    """A person wrote it down with a prior of their own."""
    rules = {"plants": {"owner": "ours", "prior": 2.0, "words": ("garden",)}}
    terms = {one.terms[0] for one in from_names(house(topics=rules), items([()] * 9, [()] * 9))}
    assert Term("garden") not in terms


def test_a_plain_word_that_a_package_exports_needs_items_of_ours() -> None:
    """`Feature` is everybody's, `RosePot` is hardly."""
    feature, pot = Term("Feature", exact=True), Term("RosePot", exact=True)
    learned = items([(feature,)] * 8 + [()] * 12, [(feature,)] * 30 + [(pot,)] * 2 + [()] * 28)
    found = from_names(house(topics={}), learned, exported=("Feature", "RosePot"))
    symbols = next(one for one in found if one.source == "package")
    assert symbols.terms == (pot,)
