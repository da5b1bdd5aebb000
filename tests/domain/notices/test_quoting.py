"""Other people's words in our texts: they look the same, and do nothing."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from migrator.domain.clean_text import clean
from migrator.domain.notices.fences import fences_of
from migrator.domain.notices.quoting import (
    ZERO_WIDTH_SPACE,
    block,
    code,
    inline,
    item_address,
    item_link,
    open_fence,
    without_targets,
)

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = st.text(
    alphabet=st.sampled_from("@#ab1<>&;`*_[]()!|~$\\/:.-+=\n\t \u202e\u200b\x00é😀"), max_size=80
)
MENTION = re.compile(r"@[A-Za-z0-9]")
REFERENCE = re.compile(r"#\d|\bGH-\d", re.IGNORECASE)
ADDRESS = re.compile(
    r"(?<!redirect\.)\bgithub\.com/+[\w.-]+/+[\w.-]+/+(?:issues|pull|discussions)/", re.IGNORECASE
)


def rendered(text: str) -> list[Token]:
    """Inline tokens of a text that is one paragraph."""
    tokens = MARKDOWN.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


def visible(text: str) -> str:
    """What a reader sees of a Markdown text."""
    return html.unescape(re.sub(r"<[^>]*>", "", MARKDOWN.render(text))).replace(
        ZERO_WIDTH_SPACE, ""
    )


@given(NASTY | st.text(max_size=80))
@example("[x](javascript:alert(1))")
@example("<img src=x onerror=alert(1)>")
@example("1. one")
@example("---")
@example("``` `` `")
@example("a|b\n-|-")
def test_a_quoted_line_is_plain_words(text: str) -> None:
    """Quoted inside of a sentence, no text makes Markdown or HTML, and it reads as it was
    written."""
    tokens = rendered(f"Said: {inline(text, 500)}.")
    assert {token.type for token in tokens} <= {"text", "text_special"}
    shown = "".join(token.content for token in tokens).replace(ZERO_WIDTH_SPACE, "")
    assert shown == f"Said: {' '.join(clean(text).replace(ZERO_WIDTH_SPACE, '').split())}."


@given(NASTY)
@example("1) one")
@example("- one")
@example("# one")
@example("> one")
@example("+ one")
@example("=====")
def test_a_quoted_line_starts_nothing(text: str) -> None:
    """Even at the start of a line it is no heading, list, rule, quotation or code."""
    quoted = inline(text, 500)
    if quoted:
        rendered(quoted)


@given(NASTY | st.text(max_size=80))
@example("@octocat a/b#12 #12 GH-12 &#64;octocat \\@octocat")
@example("https://github.com/a/b/issues/1 www.github.com HTTP://a.b ftp://a.b mailto:a@b.c")
def test_a_quoted_line_mails_nobody_and_links_nowhere(text: str) -> None:
    """After GitHub has rendered it, no mention, reference or address is left to act on."""
    shown = "".join(token.content for token in rendered(f"Said: {inline(text, 500)}."))
    assert not MENTION.search(shown)
    assert not REFERENCE.search(shown)
    assert not re.search(r"https?://", shown, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "cc @octocat and @tensorflow/keras-team",
        "\\@octocat",
        "&#64;octocat &commat;octocat &#x40;octocat",
        "see #12, keras-team/keras#12, GH-12, gh-12",
        "&#35;12 &num;12",
        "https://github.com/keras-team/keras/issues/12",
        "http://www.github.com/keras-team/keras/pull/12/files",
        "<https://GitHub.com/keras-team/keras/discussions/12>",
        "[text](https://github.com/keras-team/keras/issues/12)",
        "[text]: https://github.com//keras-team//keras/issues/12",
        "https://github&#46;com/keras-team/keras/issues/12",
        "www.github.com/keras-team/keras/issues/12",
        "https://github.com:443/keras-team/keras/issues/12",
        "`@octocat` <!-- @octocat --> **@octocat**",
        "```\n``` @octocat\n@octocat",
        "- ```\n  @octocat\n",
        "<!--\n```\n-->\n@octocat\n",
    ],
)
def test_a_carried_text_mails_nobody_and_links_back_to_nothing(text: str) -> None:
    """A whole Markdown text, shown elsewhere, keeps its form but neither mentions nor references
    anything."""
    shown = MARKDOWN.render(block(text))
    seen = html.unescape(re.sub(r"<pre>.*?</pre>", "", shown, flags=re.DOTALL))
    assert not MENTION.search(seen)
    assert not REFERENCE.search(seen)
    assert not ADDRESS.search(seen)


@given(NASTY | st.text(max_size=200))
def test_a_carried_text_stays_what_it_was(text: str) -> None:
    """Apart from invisible spaces, shown entities and redirected addresses, nothing of a text
    changes."""
    carried = block(text)
    if "github.com" not in text and "&" not in text:
        assert carried.replace(ZERO_WIDTH_SPACE, "") == clean(text).replace(ZERO_WIDTH_SPACE, "")


def test_code_is_carried_exactly() -> None:
    """People copy code, and GitHub looks for nothing in it."""
    text = "@octocat\n```python\n@tf.function  # 1\ndef f(): ...  #2\n```\n@octocat"
    carried = block(text).split("\n")
    assert carried[1:5] == text.split("\n")[1:5]
    assert carried[0] == carried[5] == f"@{ZERO_WIDTH_SPACE}octocat"


def test_links_to_files_stay_as_they_are() -> None:
    """Only addresses of items leave backlinks; a link to a line of code does not."""
    text = (
        "https://github.com/keras-team/keras/blob/master/keras/backend.py#L12 and "
        "https://github.com/keras-team/keras"
    )
    assert block(text) == text


@given(st.text(max_size=60))
def test_a_name_shown_as_code_stays_inside_of_it(text: str) -> None:
    """Labels and paths in code cannot end it."""
    tokens = rendered(f"Label {code(text)}.")
    assert [token.type for token in tokens] == ["text", "code_inline", "text"]


def test_a_long_line_is_cut_with_a_sign() -> None:
    """A quoted title has a limit, and shows that it was cut."""
    assert inline("a" * 300, 10) == "a" * 9 + "…"
    assert len(code("a" * 300, 10)) == 12


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        ("a", ""),
        ("```\ncode", "```"),
        ("```\ncode\n```", ""),
        ("~~~~\ncode\n~~~", "~~~~"),
        ("```", "```"),
        ("```\n```", ""),
        ("> ```\n> code", ""),
    ],
)
def test_an_open_fence_is_known(text: str, fence: str) -> None:
    """Text that was cut inside of code says how to end it."""
    found = open_fence(text)
    assert found == fence or not fence


def test_items_are_linked_without_a_backlink() -> None:
    """Links to items go through the redirecting host, and keep their anchor."""
    assert (
        item_address("https://github.com/a/b/issues/1#issuecomment-2")
        == "https://redirect.github.com/a/b/issues/1#issuecomment-2"
    )
    assert (
        item_link("a/b 1", "https://github.com/a/b/issues/1")
        == "[a/b 1](https://redirect.github.com/a/b/issues/1)"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://github.example.com/a/b/issues/1",
        "https://github.com/a/b/issues/1)x",
        "https://github.com/a b",
    ],
)
def test_an_address_that_cannot_be_linked_safely_is_shown_as_code(url: str) -> None:
    """An Enterprise server has no redirecting host, and a broken address makes no link."""
    link = item_link("a/b 1", url)
    assert [token.type for token in rendered(link)] == ["text", "code_inline", "text"]


def test_nothing_turns_the_direction_of_our_text() -> None:
    """Direction overrides, which make a text read as another, are dropped; joined emoji stay."""
    assert clean("a\u202eb\u2066c\x00\ud800") == "abc"
    assert clean("👩\u200d🔧") == "👩\u200d🔧"


LINES = (
    "```",
    "~~~",
    "````",
    "- a",
    "1. x",
    "> q",
    "",
    "   ",
    "    ",
    "x",
    "<div>",
    "<!-- c",
    "-->",
    "  ```",
    "- ```",
    "\t```",
    "``` py",
    "===",
    "  y",
)


@given(st.lists(st.sampled_from(LINES), max_size=9).map("\n".join))
def test_what_is_left_as_code_is_code_for_the_reference_parser(text: str) -> None:
    """Nothing that GitHub would act on passes for code; the other way round costs a zero-width
    space in code."""
    shown = {
        number
        for token in MARKDOWN.parse(text)
        if token.type == "fence" and token.level == 0 and token.map
        for number in range(*token.map)
    }
    written = {number for number, line in enumerate(text.split("\n")) if line.strip()}
    assert fences_of(text).code & written <= shown


@pytest.mark.parametrize(
    "text",
    [
        "- a\n\n" * 13_000,
        "-\n" * 32_000,
        "[a\n" * 21_000,
        "```\n" * 16_000,
        "- > 1. " * 9_000,
        ">" * 65_000,
    ],
)
def test_texts_of_the_greatest_length_are_made_harmless_in_one_pass(text: str) -> None:
    """A quadratic step would take minutes, and the test's time limit would end it."""
    assert ZERO_WIDTH_SPACE in block(f"{text}\n\n@octocat\n\n```\nx\n")
    open_fence(text)


def test_a_link_is_repeated_by_its_words() -> None:
    """Its address would be cut in the middle; a bracket that is no link stays."""
    said = "Please ask on [the forum](https://forum.example/questions?tag=taps) or [here]."
    assert without_targets(said) == "Please ask on the forum or [here]."
