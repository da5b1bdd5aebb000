"""Routine questions, told from answers; and a person's own words, told from quotations and code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from migrator.domain.classification.activity.canned_replies import prepare
from migrator.domain.classification.activity.prose import WordSearch, paragraphs, sentences

is_nag = prepare(("Are you still facing this", "please share code to reproduce"))


@pytest.mark.parametrize(
    "body",
    [
        "Are you still facing this issue?",
        "Hi @ada, are you still   facing this? Thanks!",
        "@ada\n\nAre you *still* facing this?\n\nCould you please share code to reproduce "
        "it?\n\nThank you very much!",
        "> It drips.\n\nPlease share code to reproduce.",
        "Are you still facing this?Please share code to reproduce.Thanks!",
        "Please [share](https://example.org) code to reproduce, thanks.",
    ],
)
def test_a_comment_of_routine_questions_and_greetings_is_a_nag(body: str) -> None:
    """Whatever its punctuation, mentions, links and quotations."""
    assert is_nag(body)


@pytest.mark.parametrize(
    "body",
    [
        "Are you still facing this? I could not reproduce it with 2.5.",
        "This is expected.",
        "Thanks!",
        "",
        "> Are you still facing this?",
        "Are we still facing this",
        "Fixed.\nAre you still facing this?",
        "Are you still facing this?I could reproduce it.",
    ],
)
def test_anything_beyond_the_list_makes_it_an_answer(body: str) -> None:
    """Unsure is decided for the person: it moves the clock."""
    assert not is_nag(body)


def test_without_a_list_nothing_is_a_nag() -> None:
    """The default."""
    assert not prepare(())("Are you still facing this?")


def test_an_entry_without_words_matches_nothing() -> None:
    """Else one stray line would silence every triager."""
    assert not prepare(("", "?!"))("This is expected.")


def test_sentences_leave_out_what_a_person_did_not_write() -> None:
    """Quotations, fenced and indented code, inline code and comments."""
    body = (
        "One. Two!\n> quoted\n\n```\ncode\n```\n\n    indented\n\n- three `code`\n\n<!-- hidden "
        "-->\nfour <!-- x -->"
    )
    assert sentences(body) == ["One.", "Two!", "three", "four"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("a CVE-2020-1 b", "CVE-2020"), ("scve-1", ""), ("exploits", ""), ("An Exploit!", "Exploit")],
)
def test_words_are_found_whole_and_in_any_case(text: str, found: str) -> None:
    """A trailing star matches any ending."""
    assert WordSearch(("CVE-*", "exploit")).find(text) == found


@given(st.text(alphabet="`ab ", max_size=30).map(lambda text: f"x{text}"))
def test_code_spans_are_those_of_the_reference_parser(text: str) -> None:
    """Runs of backticks close with the next run of the same length, or stay text."""
    inline = MarkdownIt("commonmark").parse(text)[1].children or []
    outside = "".join(token.content for token in inline if token.type == "text")
    assert _letters(" ".join(paragraphs(text))) == _letters(outside)


@pytest.mark.parametrize(
    "body",
    [
        "` `` ``` " * 7000,
        "<!-- x " * 9000,
        "[" * 65_000,
        "[a](" * 16_000,
        "> \n" * 20_000,
        ">" * 65_000,
        "- " * 30_000,
    ],
    ids=lambda body: str(body[:6]).strip(),
)
def test_hostile_bodies_of_the_greatest_length_are_read_in_one_pass(body: str) -> None:
    """A quadratic step would take minutes here, and the test's time limit would end it."""
    assert not is_nag(body)


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter in "ab")
