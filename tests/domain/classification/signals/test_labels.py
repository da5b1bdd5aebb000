"""Labels."""

from __future__ import annotations

import pytest

from migrator.domain.classification.signals import labels
from migrator.domain.evidence import Grounds
from tests.support.dated_items import findings, house, names
from tests.support.threads import migration_file


def test_a_label_of_ours_speaks_for_its_part() -> None:
    """With a label's weight as ground."""
    (found,) = findings(labels, labels=("bug", "comp:garden"))
    assert (found.name, found.part, found.grounds, found.contradiction) == (
        "label.ours",
        "garden",
        Grounds.LABEL,
        "",
    )


@pytest.mark.parametrize(
    "label", ["comp:roof", "comp:wall-north", "COMP:ROOF", "comp:roof:tiles", "Comp:Roof/tiles"]
)
def test_another_owners_label_speaks_against(label: str) -> None:
    """In any case, by its beginning where the file says so, and by its sub-labels."""
    assert names(findings(labels, labels=(label,))) == ["label.not-ours"]


@pytest.mark.parametrize("label", ["bug", "comp:roofs", "comp:wall", "comp", "area/comp:roof"])
def test_other_labels_say_nothing(label: str) -> None:
    """Neither do near misses."""
    assert findings(labels, labels=(label,)) == []


def test_a_sub_label_of_ours_speaks_for_its_part() -> None:
    """Unless the file lists it for somebody else: the whole name counts more than its beginning."""
    (found,) = findings(labels, labels=("comp:garden:roses",))
    assert (found.name, found.part, found.seen) == ("label.ours", "garden", "comp:garden:roses")
    file = house(labels={"ours": {"comp:garden": "garden"}, "not_ours": ("comp:garden:shed",)})
    assert names(findings(labels, file=file, labels=("comp:garden:shed",))) == ["label.not-ours"]


def test_labels_of_two_owners_are_a_contradiction() -> None:
    """Both are named, so that a person sees which."""
    found = findings(labels, labels=("comp:garden", "comp:roof"))
    assert {finding.contradiction for finding in found} == {
        "labels of two owners: comp:garden and comp:roof"
    }


def test_labels_of_two_parts_are_a_contradiction() -> None:
    """One item has one new home."""
    first = migration_file().model_dump()["parts"][0]
    second = {**first, "name": "pond", "target": "little/pond"}
    rules = {"labels": {"ours": {"comp:garden": "garden", "comp:pond": "pond"}}}
    file = migration_file(parts=(first, second), ownership=rules)
    found = findings(labels, file=file, labels=("comp:pond", "comp:garden"))
    assert found[0].contradiction == "labels of two parts: comp:garden and comp:pond"
    assert findings(labels, file=house(), labels=("comp:garden",))[0].contradiction == ""
