"""Blocks of Markdown bodies, held against a full parser."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from migrator.domain.classification.text.blocks import Block, BlockKind, blocks_of

WORDS = st.lists(
    st.sampled_from(["pump", "leaks", "tf.pad", "again", "x = 1", "why?"]), min_size=1, max_size=4
).map(" ".join)
CODE = st.lists(
    st.sampled_from(
        ["import tap", "  x = tap()", "> not a quote", "# not a heading", "", "- item"]
    ),
    max_size=4,
)
PIECES = st.one_of(
    WORDS.map(lambda text: ("text", [text], text)),
    WORDS.map(lambda text: ("heading", [text], f"### {text}")),
    WORDS.map(lambda text: ("quote", [text], f"> {text}")),
    WORDS.map(lambda text: ("comment", [], f"<!-- {text}\n{text} -->")),
    CODE.map(lambda lines: ("fenced", lines, "\n".join(["```python", *lines, "```"]))),
    CODE.map(lambda lines: ("fenced", lines, "\n".join(["~~~~", *lines, "~~~~"]))),
)


def kinds(body: str) -> list[BlockKind]:
    """Kinds of the blocks, in order."""
    return [block.kind for block in blocks_of(body)]


@given(st.lists(PIECES, max_size=8))
def test_every_piece_of_a_document_is_found_as_what_it_is(
    pieces: list[tuple[str, list[str], str]],
) -> None:
    """Fences, quotes, headings, comments and prose, in any order, with blank lines between."""
    found = blocks_of("\n\n".join(source for _, _, source in pieces))
    expected = [(kind, lines) for kind, lines, _ in pieces if kind != "comment"]
    assert [(block.kind.value, block.lines) for block in found] == expected


@given(st.lists(PIECES, max_size=8))
def test_code_is_what_the_full_parser_takes_for_code(
    pieces: list[tuple[str, list[str], str]],
) -> None:
    """markdown-it-py is the judge."""
    body = "\n\n".join(source for _, _, source in pieces)
    judged = [
        token.content.splitlines()
        for token in MarkdownIt("commonmark").parse(body)
        if token.type == "fence"
    ]
    assert [block.lines for block in blocks_of(body) if block.kind is BlockKind.FENCED] == judged


def test_a_fence_without_end_reaches_to_the_end() -> None:
    """As CommonMark says: nothing after it is prose."""
    assert blocks_of("see\n```\na\n### b\n> c") == [
        Block(BlockKind.TEXT, ["see"]),
        Block(BlockKind.FENCED, ["a", "### b", "> c"]),
    ]


def test_a_shorter_or_other_fence_does_not_close() -> None:
    """Only the same character, at least as often, with nothing behind it."""
    body = "````\n```\n~~~~\n```` x\n````\nafter"
    assert blocks_of(body) == [
        Block(BlockKind.FENCED, ["```", "~~~~", "```` x"]),
        Block(BlockKind.TEXT, ["after"]),
    ]


def test_a_line_after_a_quote_goes_on_with_it_until_a_blank_line() -> None:
    """Lazy continuation: people forget the second `>`."""
    assert kinds("> said\nby another\n\nmine") == [BlockKind.QUOTE, BlockKind.TEXT]


def test_indented_code_needs_a_blank_line_and_four_columns() -> None:
    """Inside a paragraph the indent means nothing; a tab counts as four."""
    assert kinds("words\n    more words") == [BlockKind.TEXT]
    assert kinds("words\n\n    code\n\n\tcode") == [
        BlockKind.TEXT,
        BlockKind.INDENTED,
        BlockKind.INDENTED,
    ]


def test_the_content_of_a_list_item_is_not_indented_code() -> None:
    """A list moves the margin."""
    assert kinds("- one\n\n    two") == [BlockKind.TEXT, BlockKind.TEXT]
    assert kinds("- one\n\n  two\n\n      code") == [
        BlockKind.TEXT,
        BlockKind.TEXT,
        BlockKind.INDENTED,
    ]


def test_a_fence_inside_a_list_item_is_a_fence() -> None:
    """Steps to reproduce often look so."""
    assert blocks_of("1. run\n   ```\n   x\n   ```\n2. see") == [
        Block(BlockKind.TEXT, ["run"]),
        Block(BlockKind.FENCED, ["   x"]),
        Block(BlockKind.TEXT, ["see"]),
    ]


def test_what_follows_a_comment_on_its_line_is_kept() -> None:
    """Template hints end where the author begins to type."""
    assert blocks_of("<!-- hint\nmore --> mine") == [Block(BlockKind.TEXT, [" mine"])]


def test_an_empty_body_has_no_blocks() -> None:
    """Neither have blank lines."""
    assert blocks_of("") == []
    assert blocks_of(" \n\n\t\n") == []
