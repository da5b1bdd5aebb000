"""No text of a stranger makes a function hang, go deep, or fail. ``bench/hostile.py`` measures how
their times grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.adversarial import KINDS, LONGEST
from bench.text_functions import functions
from migrator.domain.classification.text.blocks import Block, BlockKind, blocks_of
from migrator.domain.classification.text.markdown import DEEPEST, html_blocks, walk
from migrator.domain.porting.patch import parse, render
from migrator.domain.porting.tree import _find
from migrator.domain.webhooks import commands

FUNCTIONS = functions()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_text_of_the_greatest_length_makes_a_function_fail_or_hang(name: str) -> None:
    """Each function on each adversarial text, as long as GitHub lets a text be. All of them take
    some seconds; how time grows with length is measured by ``bench/hostile.py``."""
    raised = {}
    for kind, text in KINDS.items():
        try:
            FUNCTIONS[name](text(LONGEST))
        except Exception as error:
            raised[kind] = repr(error)[:200]
    assert raised == {}


def _depth(text: str) -> int:
    return max((step.depth for step in walk(text)), default=0)


@pytest.mark.parametrize("opening", ["> ", "- ", "1. ", ">\t", "* > "])
def test_no_line_opens_more_containers_than_the_limit(opening: str) -> None:
    """Neither the parser nor whoever follows its steps can be sent deeper."""
    assert _depth(opening * 5_000 + "a") <= 2 * DEEPEST + 4
    assert _depth(opening * (DEEPEST // 2) + "a") >= DEEPEST // 2


def test_a_quotation_that_people_write_keeps_its_depth() -> None:
    """Ten levels are more than any mail thread has."""
    assert _depth("> " * 10 + "a") == 11


@pytest.mark.parametrize("count", [494, 30_000])
def test_lists_in_lists_are_read_without_recursion(count: int) -> None:
    """What lies below the deepest list is text."""
    assert [block.kind for block in blocks_of("- " * count + "end")] == [BlockKind.TEXT]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("# a", "a"),
        ("###### a ##", "a"),
        ("# a#", "a#"),
        ("## a # b", "a # b"),
        ("#", ""),
        ("# #", ""),
        ("#\ta\t#", "a"),
        ("# a \\#", "a \\#"),
    ],
)
def test_a_heading_is_what_commonmark_says(line: str, text: str) -> None:
    """https://spec.commonmark.org/0.31.2/#atx-headings."""
    assert blocks_of(line) == [Block(BlockKind.HEADING, [text])]


@pytest.mark.parametrize("line", ["#a", "####### a", "#5 is the same"])
def test_what_only_looks_like_a_heading_is_text(line: str) -> None:
    """A blank must follow, and six signs are the most."""
    assert blocks_of(line) == [Block(BlockKind.TEXT, [line])]


@given(st.text(st.sampled_from("/reopn\n >-`*<!\\&;[]()\t1."), max_size=200))
def test_a_command_in_a_quotation_or_in_code_is_none(text: str) -> None:
    """Whatever stands around it."""
    words = (
        commands.Command(
            name="/reopen", verb=commands.CommandKind.REOPEN, who=commands.Who.AUTHOR, does=""
        ),
    )
    quoted = "\n".join("> " + line for line in f"{text}\n/reopen".split("\n"))
    assert commands.find(quoted, words) == ()
    assert commands.find(f"~~~~~\n{text}\n/reopen", words) == ()
    assert commands.find(f"{'`' * 300}\n{text}\n/reopen\n{'`' * 300}", words) == ()


def test_lone_surrogates_and_null_bytes_are_read_like_any_other_character() -> None:
    """No parser of ours fails on what cannot be encoded."""
    assert list(html_blocks("\ud800\n\n<!-- a\0 -->\n")) != []


@given(
    st.lists(st.sampled_from("ab"), max_size=12),
    st.lists(st.sampled_from("ab"), min_size=1, max_size=4),
    st.integers(0, 12),
)
def test_a_hunk_is_found_at_the_nearest_place(
    lines: list[str], wanted: list[str], near: int
) -> None:
    """The same as trying every place."""
    places = [at for at in range(len(lines)) if lines[at : at + len(wanted)] == wanted]
    assert _find(lines, wanted, near) == min(places, key=lambda at: abs(at - near), default=None)


_COMMIT = "From 0000000000 Mon Sep 17 00:00:00 2001\n"
PATCHES = (
    _COMMIT + "Subject: =?utf-8?b?a?=\nFrom: =?x?q?a?=\n\n---\ndiff --git a/a b/a\n",
    _COMMIT + '\n---\ndiff --git "a/\\x" "b/\\x"\n--- "a/\\x"\n+++ "b/\\x"\n@@ -1 +1 @@\n-a\n+b\n',
    _COMMIT + "\n---\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -" + "1" * 5000 + " +1 @@\n-a\n+b\n",
)


@pytest.mark.parametrize("text", PATCHES)
def test_a_malformed_patch_is_kept_or_refused(text: str) -> None:
    """Encoded words, quoted names and numbers are a stranger's, too."""
    commits = parse(text)
    assert render(commits)
    assert all(
        isinstance(commit.subject, str) and isinstance(commit.author, str) for commit in commits
    )


def test_there_are_at_least_forty_kinds_of_hostile_text() -> None:
    """Each of them grows with its length, so that a ratio means something."""
    assert len(KINDS) >= 40
    assert all(
        len(text(LONGEST)) > 3 * len(text(LONGEST // 4)) > LONGEST // 2 for text in KINDS.values()
    )
