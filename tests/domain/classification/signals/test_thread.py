"""What maintainers said."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.domain.classification.signals import thread
from migrator.domain.classification.signals.base import Finding
from migrator.domain.evidence import Grounds
from migrator.domain.items import Actor, Comment
from tests.support.dated_items import findings, names
from tests.support.threads import BOT, LISTED_BOT, MAINTAINER, OTHER, TARGET, after, comment

SENT = f"Please open this at https://github.com/{TARGET}/issues instead."


def said(*comments: Comment) -> list[Finding]:
    """What the signal makes of these comments."""
    return findings(thread, comments=comments)


def by(author: Actor | None, body: str, day: int = 1, **fields: Any) -> Comment:
    """A comment."""
    return comment(author, after(days=day), body, **fields)


@pytest.mark.parametrize("body", [SENT, "This belongs to The Garden Repository, thanks."])
def test_a_maintainer_who_sends_the_author_to_the_target_decides(body: str) -> None:
    """By link or by words; who and when is kept."""
    (found,) = said(by(MAINTAINER, body))
    assert (found.name, found.grounds, found.actor) == ("thread.ours", Grounds.MAINTAINER, "mia")
    assert found.at == after(days=1)


@pytest.mark.parametrize(
    "body",
    [
        "This is not a fault of the house, please open it in the garden repository.",
        "Thanks! Moving this to the garden repository, where it is handled.",
        "Roses are tracked in the garden repository now.",
        f"Closing, as https://github.com/{TARGET}/issues/7 tracks this.",
    ],
)
def test_a_sentence_that_says_where_this_issue_goes_decides(body: str) -> None:
    """Whether it asks the author or tells what happens."""
    assert names(said(by(MAINTAINER, body))) == ["thread.ours"]


@pytest.mark.parametrize(
    "body",
    [
        "As noted in the docs of the garden repository, a tile must be dry before it is moved.",
        f"The same happens in https://github.com/{TARGET}/issues/7 for another reason, I opened "
        "that one last year.",
        "The example in the garden repository uses this op as well; I can reproduce the crash in "
        "the op.",
        "This does not belong to the garden repository.",
        f"For reference, the code is at https://github.com/{TARGET}/blob/main/rose.py and has "
        "been so since May.",
    ],
)
def test_what_a_maintainer_mentions_in_passing_is_no_word_on_this_issue(body: str) -> None:
    """It is about another thing that happens to stand there."""
    assert said(by(MAINTAINER, body)) == []


@pytest.mark.parametrize("author", [OTHER, BOT, LISTED_BOT, None])
def test_others_do_not_decide(author: Actor | None) -> None:
    """Neither passers-by nor programs nor ghosts."""
    assert said(by(author, SENT)) == []


def test_a_quoted_sentence_is_somebody_elses() -> None:
    """As is one in a code block, or in a comment that was hidden, or one of our own notices."""
    assert said(by(MAINTAINER, f"> {SENT}\n\nI do not think so.")) == []
    assert said(by(MAINTAINER, f"```\n{SENT}\n```")) == []
    assert said(by(MAINTAINER, SENT, minimized=True)) == []
    assert said(by(MAINTAINER, SENT, viewer_did_author=True)) == []


def test_maintainers_who_disagree_are_a_contradiction() -> None:
    """A person settles it."""
    found = said(by(MAINTAINER, SENT), by(MAINTAINER, "Rather big/roof.", day=2))
    assert names(found) == ["thread.ours", "thread.not-ours"]
    assert all(finding.contradiction for finding in found)


def test_the_last_word_is_the_one_that_is_shown() -> None:
    """It is what still holds."""
    (found,) = said(by(MAINTAINER, SENT), by(MAINTAINER, SENT, day=5))
    assert found.at == after(days=5)
