"""The page about activity and decisions names what the code names, all of it and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.classification.activity import ActName
from migrator.domain.classification.activity.protections import PROTECTIONS
from migrator.domain.decisions import REASONS, Decision
from migrator.domain.evidence import ReplyKind
from migrator.domain.items import ItemKind, ItemReference
from migrator.domain.rules import MigrationFile
from tests.support.threads import (
    AUTHOR,
    MAINTAINER,
    OTHER,
    OWN,
    TARGET,
    activity,
    after,
    comment,
    pull_request,
)

PAGE = (Path(__file__).parents[4] / "docs" / "activity.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """The names in the first column of the tables under a heading, in their order."""
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(heading))
    return re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("The clock", list(ActName)),
        ("Protections", list(PROTECTIONS)),
        ("Decisions", [*Decision, *REASONS]),
    ],
)
def test_every_rule_is_documented_by_its_name_and_in_its_order(
    heading: str, names: list[str]
) -> None:
    """A rule without its line, or a line without its rule, fails here."""
    assert first_cells(heading) == [str(name) for name in names]


def test_every_kind_of_evidence_is_documented() -> None:
    """Taken from a verdict that has them all."""
    pull = ItemReference(repository="big/house", number=9, kind=ItemKind.PULL_REQUEST, author=OTHER)
    item = pull_request(
        {"draft": True},
        linked_pulls=(pull,),
        comments=(
            comment(MAINTAINER, after(0.2), "I was able to reproduce this."),
            comment(MAINTAINER, after(0.3), "Could you please share a photo?"),
            comment(OTHER, after(0.4), "You can use tape instead."),
            comment(OTHER, after(1), f"Go to https://github.com/{TARGET}"),
            comment(AUTHOR, after(2), f"Moved to {TARGET}#3"),
        ),
    )
    found = {
        each.signal for each in judging.judge(item, activity(), now=after(9), own=OWN).evidence
    }
    documented = {*first_cells("Whose turn"), *first_cells("Already posted")}
    assert found - set(PROTECTIONS) == documented - set(ReplyKind)


def test_every_kind_of_a_maintainers_comment_is_documented() -> None:
    """By its name, and in its order."""
    assert [name for name in first_cells("Whose turn") if name in set(ReplyKind)] == list(ReplyKind)


def test_every_setting_that_the_page_names_exists() -> None:
    """Dotted names in code marks lead to a field of the rules."""
    named = set(
        re.findall(r"`((?:activity|decisions|ownership|migration|review)\.[a-z_.]+)`", PAGE)
    )
    assert len(named) > 10
    for path in named:
        model: object = MigrationFile
        for step in path.split("."):
            fields = getattr(model, "model_fields", {})
            assert step in fields, path
            model = fields[step].annotation
