"""Every code that a page shows has words, and a place in the documentation that explains it."""

from __future__ import annotations

import pytest

from migrator.domain.classification.activity import protections
from migrator.domain.classification.ownership import SIGNALS
from migrator.domain.classification.signals import agreement
from migrator.domain.decisions import REASONS
from migrator.services.pages import pages
from migrator.views.documentation import documentation
from migrator.views.signal_words import SignalWords, reason_words, signal_words

FINDINGS = [
    finding.replace("REGION", "lead").replace("TOPIC", "two-words").replace("FIELD", "os")
    for signal in (*SIGNALS, agreement)
    for finding in signal.FINDINGS
]
ACTIVITY = (
    *("clock", "turn", "reply", "reproduced", "unanswered", "way_out", "pull_state"),
    *("already_told", "landing", *protections.PROTECTIONS),
)
DECISIONS = (
    *("probability", "contradiction", "state", "locked", "reviewer", "cutover", "exception"),
    *("arrived", "draft", "head", "comment_only", "quiet_days", "text.limit"),
)


def is_explained(says: SignalWords) -> bool:
    """Whether the place that it names is there."""
    page, _, place = says.docs.partition("#")
    content = documentation(page).content
    return not place or f'id="{place}"' in content


@pytest.mark.parametrize("code", [*FINDINGS, *ACTIVITY, *DECISIONS])
def test_a_signal_has_words_and_a_place_that_explains_it(code: str) -> None:
    """In plain words, not its code."""
    says = signal_words(code)
    assert says.words
    assert "_" not in says.words
    assert "." not in says.words
    assert says.docs
    assert is_explained(says)


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_is_its_sentence_with_its_row_in_the_docs(code: str) -> None:
    """The row of the table of reasons."""
    assert reason_words(code).words == REASONS[code]
    assert is_explained(reason_words(code))


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    """An older version may have stored it."""
    assert signal_words("old_signal").words == "old signal"
    assert signal_words("old_signal").docs == reason_words("old").docs == ""


@pytest.mark.parametrize("name", [page.name for page in pages()])
def test_a_page_of_the_docs_is_harmless_and_leads_only_to_what_is_there(name: str) -> None:
    """No picture, no script; every link to another page of ours ends at one, and at a place of it."""
    view = documentation(name)
    assert "<img" not in view.content
    assert "<script" not in view.content
    for link in view.content.split('href="')[1:]:
        address = link.partition('"')[0]
        if address.startswith("/docs/"):
            page, _, place = address.removeprefix("/docs/").partition("#")
            assert not place or f'id="{place}"' in documentation(page).content, address
        else:
            assert address.startswith(("https://", "http://", "#")), address
