"""The hidden marker: found where we put it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from migrator.domain.marker import (
    NONCE_PLACEHOLDER,
    REPLY_DECISION,
    Marker,
    MarkerKind,
    find_markers,
    find_nonces,
    find_origins,
    has_notice_marker,
    is_notice_marker,
    render_marker,
    render_origin,
    with_nonce,
    without_markers,
)
from migrator.domain.notices.quoting import block, inline

NONCE = "0123456789abcdef" * 2
MARKER = Marker(migration="keras", decision="retire", generation=3, nonce=NONCE)
LINE = render_marker(MARKER)


def test_a_posted_marker_says_what_it_was_made_of() -> None:
    """Reading a marker gives back the migration, decision, generation and nonce."""
    assert find_markers(f"Hello\n\n{LINE}\n") == (MARKER,)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"Hello\r\n\r\n{LINE}\r\n", id="line ends of a browser"),
        pytest.param(f"Hello\n{LINE}", id="no blank line before"),
        pytest.param(f"   {LINE}   ", id="a few spaces around"),
        pytest.param(
            f"Edited by a maintainer.\n\n---\n\n{LINE}\n\nA later remark.", id="text added by hand"
        ),
        pytest.param(f"<details>\n\n{LINE}\n\n</details>", id="folded"),
    ],
)
def test_an_edited_notice_is_still_known(body: str) -> None:
    """What GitHub or a maintainer does around the marker does not hide it."""
    assert find_nonces(body) == (NONCE,)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"> {LINE}", id="quoted"),
        pytest.param(f"> > {LINE}", id="quoted twice"),
        pytest.param(f"```\n{LINE}\n```", id="in a fence"),
        pytest.param(f"~~~\n{LINE}", id="in an open fence"),
        pytest.param(f"    {LINE}", id="in indented code"),
        pytest.param(f"`{LINE}`", id="in inline code"),
        pytest.param(f"- {LINE}", id="in a list"),
        pytest.param(f"see {LINE}", id="in a sentence"),
        pytest.param(f"{LINE} and so on", id="with words behind it"),
        pytest.param(f"<!--\n{LINE}", id="in another comment"),
        pytest.param(f"<pre>\n{LINE}\n</pre>", id="in a pre"),
        pytest.param(LINE.replace("retire", "RETIRE"), id="changed case"),
        pytest.param(LINE.replace(NONCE, NONCE[:8]), id="short nonce"),
        pytest.param(LINE.replace("generation=3", "generation=0"), id="no such generation"),
        pytest.param(LINE.replace(" -->", " x=1 -->"), id="something added"),
        pytest.param(LINE.replace("migrator:1", "migrator:2"), id="another version"),
        pytest.param(LINE[:-4], id="cut"),
    ],
)
def test_a_pasted_or_broken_marker_counts_for_nothing(body: str) -> None:
    """Quoting, showing or garbling a marker does not make a notice."""
    assert find_markers(body) == ()


def test_a_planned_marker_is_not_taken_for_a_posted_one() -> None:
    """A plan's text holds a placeholder, which never matches a ledger's nonce."""
    planned = render_marker(Marker(migration="keras", decision="port"))
    assert NONCE_PLACEHOLDER in planned
    assert find_markers(planned) == ()


def test_the_nonce_is_put_in_when_the_intent_is_written() -> None:
    """The placeholder gives way to the nonce, once, and nothing else changes."""
    text = (
        "About "
        f"{NONCE_PLACEHOLDER}.\n\n{render_marker(Marker(migration='a--b', decision='port'))}\n"
    )
    drawn = with_nonce(text, NONCE)
    assert find_nonces(drawn) == (NONCE,)
    assert drawn.startswith(f"About {NONCE_PLACEHOLDER}.")


@pytest.mark.parametrize(
    "text", ["no marker", LINE, f"```\n{render_marker(Marker(migration='a', decision='port'))}"]
)
def test_a_text_that_could_not_be_found_again_is_refused(text: str) -> None:
    """Without exactly one visible planned marker there is no posting."""
    with pytest.raises(ValueError, match="planned markers"):
        with_nonce(text, NONCE)


@pytest.mark.parametrize("nonce", ["", "short", "G" * 32, NONCE + " -->", NONCE.upper(), "a" * 65])
def test_a_nonce_is_hexadecimal(nonce: str) -> None:
    """Anything else is refused before it reaches a text."""
    with pytest.raises(ValueError, match="hexadecimal"):
        with_nonce(render_marker(Marker(migration="a", decision="port")), nonce)


@pytest.mark.parametrize(
    "field",
    [{"migration": "Ke ras"}, {"decision": "--><script>"}, {"generation": 0}, {"nonce": "x"}],
)
def test_a_marker_that_could_not_be_read_back_is_not_made(field: dict[str, object]) -> None:
    """Rendering refuses what finding would not find."""
    values: dict[str, object] = {
        "migration": "keras",
        "decision": "retire",
        "generation": 1,
        "nonce": NONCE,
        **field,
    }
    with pytest.raises(ValueError, match="not a marker"):
        render_marker(Marker(**values))  # type: ignore[arg-type]


def test_two_markers_are_both_reported() -> None:
    """A comment that holds two nonces shows both, so that nobody mistakes it for one notice."""
    other = render_marker(Marker(migration="keras", decision="port", nonce="f" * 32))
    assert find_nonces(f"{LINE}\n\n{other}\n\n{LINE}") == (NONCE, "f" * 32)


def test_people_read_the_text_without_its_markers() -> None:
    """Pages show the notice as people see it."""
    assert without_markers(f"Hello\n\n{LINE}\n") == "Hello\n"


@given(st.text(max_size=200))
def test_any_text_before_a_marker_that_github_would_show_leaves_it_findable(text: str) -> None:
    """Whatever harmless sentence stands above, the marker is found: quoting it cannot hide our
    own."""
    assert find_nonces(f"About {inline(text)}\n\n{LINE}\n") == (NONCE,)


@given(
    st.lists(
        st.sampled_from(
            [LINE, "<!-- migrator:1 ", "-->", "\n", "\r\n", "```", "> ", "    ", "x", "<!--"]
        ),
        max_size=12,
    ).map("".join)
)
def test_a_quoted_text_never_brings_its_own_marker(hostile: str) -> None:
    """A title or body that contains markers loses them when it is quoted, inline or as a block."""
    assert find_markers(f"{inline(hostile, 5000)}\n") == ()
    assert find_markers(block(hostile)) == ()


def test_a_refiled_issue_names_the_item_that_it_continues() -> None:
    """The hidden origin line is read back, once for each item."""
    line = render_origin("tensorflow/tensorflow", 4711)
    assert find_origins(f"Text\n\n{line}\n\n{line}\n") == (("tensorflow/tensorflow", 4711),)
    assert find_origins(f"> {line}") == ()


@pytest.mark.parametrize(("repository", "number"), [("no-slash", 1), ("a/b --> c", 1), ("a/b", 0)])
def test_an_origin_that_could_not_be_read_back_is_not_made(repository: str, number: int) -> None:
    """Only a repository and a number go into the hidden line."""
    with pytest.raises(ValueError, match="not an item"):
        render_origin(repository, number)


def test_markers_are_invisible() -> None:
    """Rendered Markdown shows nothing of a marker but an HTML comment."""
    html = MarkdownIt("commonmark").render(f"Hello\n\n{LINE}\n")
    assert html.replace(LINE, "").strip() == "<p>Hello</p>"


@pytest.mark.parametrize("kind", [None, MarkerKind.NOTICE, MarkerKind.REPLY])
def test_a_marker_says_whether_it_is_a_notice_or_a_reply(kind: MarkerKind | None) -> None:
    """Older ones do not; there the decision tells replies from notices."""
    marker = replace(MARKER, kind=kind)
    line = render_marker(marker)
    assert find_markers(line) == (marker,)
    assert ("kind=" in line) == (kind is not None)
    assert has_notice_marker(line, "keras") == (kind is not MarkerKind.REPLY)
    assert not has_notice_marker(line, "another")
    assert not is_notice_marker(replace(MARKER, decision=REPLY_DECISION))
