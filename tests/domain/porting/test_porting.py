"""Rewriting a patch: what is replaced, what is not, and what is said about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.config.migration_file import load
from migrator.config.migration_file import parse as parse_file
from migrator.domain.porting import HunkVerdict, port
from migrator.domain.porting.patch import parse, render
from migrator.domain.porting.rewriting import Rewriter
from migrator.domain.rules import MigrationFile
from migrator.errors import InputFileError

HEAD = """From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: =?UTF-8?q?=C5=BDofia?= <zofia@example.com>
Date: Sat, 1 May 2021 12:00:00 +0200
Subject: [PATCH 1/2] Fix #12 and
 #13

Body #14, tensorflow/tensorflow#15, &#16; a#17 #18.
---
 x | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

"""
END = "-- \n2.30.2\n\n"


def change(path: str, *lines: str) -> str:
    """A change of one file: one hunk with these lines."""
    old, new = sum(line[0] in " -" for line in lines), sum(line[0] in " +" for line in lines)
    body = "".join(f"{line}\n" for line in lines)
    head = (
        f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n--- a/{path}\n+++ b/{path}\n"
    )
    return f"{head}@@ -1,{old} +1,{new} @@\n{body}"


@pytest.fixture(scope="module")
def file() -> MigrationFile:
    """The migration that ships with the package."""
    return load("keras").file


@pytest.fixture
def rewriter(file: MigrationFile) -> Rewriter:
    """Its one part's rules."""
    return Rewriter(file.parts[0], file.migration.source)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from tensorflow.python.keras import backend as K", "from keras import backend as K"),
        (
            "from tensorflow.python.keras.engine.base_layer import Layer",
            "from keras.engine.base_layer import Layer",
        ),
        ("import tensorflow.python.keras.layers as layers", "import keras.layers as layers"),
        ("  from tensorflow.python.keras import x  # why", "  from keras import x  # why"),
        ("from tensorflow.python import keras", "import keras"),
        ("from tensorflow.python import keras as k", "import keras as k"),
        ("    from tensorflow.python import keras  # late", "    import keras  # late"),
        ("@mock.patch('tensorflow.python.keras.backend.sum')", "@mock.patch('keras.backend.sum')"),
        ("from tensorflow.python import keras, ops", "from tensorflow.python import keras, ops"),
        ("from tensorflow.python.keras_ops import x", "from tensorflow.python.keras_ops import x"),
        ("from my.tensorflow.python.keras import x", "from my.tensorflow.python.keras import x"),
        ("import tensorflow as tf", "import tensorflow as tf"),
        ("tf.keras.layers.Dense(1)", "tf.keras.layers.Dense(1)"),
    ],
)
def test_only_what_names_the_old_module_is_rewritten(
    rewriter: Rewriter, before: str, after: str
) -> None:
    """Import paths in statements, strings and documentation; nothing that merely looks alike."""
    assert rewriter.line(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tensorflow/python/keras/layers/a.py", "keras/layers/a.py"),
        ("tensorflow/python/keras", "keras"),
        ('"tensorflow/python/keras/\\303\\274.py"', '"keras/\\303\\274.py"'),
        ("tensorflow/python/keras_tools/a.py", None),
        ("tensorflow/python/ops/a.py", None),
        ("other/tensorflow/python/keras/a.py", None),
    ],
)
def test_only_files_below_the_moved_path_move(
    rewriter: Rewriter, before: str, after: str | None
) -> None:
    """A folder of the same beginning is another folder."""
    assert rewriter.path(before) == after


def test_references_keep_their_meaning(file: MigrationFile) -> None:
    """A bare number would close a stranger's issue in the new repository."""
    ported = port(HEAD + change("tensorflow/python/keras/a.py", "-a", "+b") + END, file)
    assert (
        "Subject: [PATCH 1/2] Fix tensorflow/tensorflow#12 and\n tensorflow/tensorflow#13\n"
        in ported.text
    )
    assert (
        "Body tensorflow/tensorflow#14, tensorflow/tensorflow#15, &#16; a#17 "
        "tensorflow/tensorflow#18.\n---\n\ndiff" in ported.text
    )


def test_the_report_names_subject_and_author_as_people_read_them(file: MigrationFile) -> None:
    """Headers are unfolded and decoded; the patch keeps them as they were."""
    ported = port(HEAD + change("tensorflow/python/keras/a.py", "-a", "+b") + END, file)
    (commit,) = ported.commits
    assert commit.subject == "Fix #12 and #13"
    assert commit.author == "Žofia <zofia@example.com>"
    assert "From: =?UTF-8?q?=C5=BDofia?= <zofia@example.com>\n" in ported.text


@pytest.mark.parametrize(
    ("path", "lines", "verdict", "reason"),
    [
        ("a.py", ("-a", "+b"), HunkVerdict.CLEAN, ""),
        (
            "a.py",
            (" from tensorflow.python.keras import x", "+b"),
            HunkVerdict.IMPORT_REWRITTEN,
            "",
        ),
        (
            "a.py",
            ("+from tensorflow.python.eager import x",),
            HunkVerdict.NEEDS_PERSON,
            "imports tensorflow.python.eager, which did not move",
        ),
        ("a.py", ("-from tensorflow.python.eager import x", "+x = 1"), HunkVerdict.CLEAN, ""),
        (
            "a.py",
            ("+from tensorflow.python import keras, ops",),
            HunkVerdict.NEEDS_PERSON,
            "imports tensorflow.python, which did not move",
        ),
        (
            "a.py",
            ("+# see tensorflow/python/keras/b.py",),
            HunkVerdict.NEEDS_PERSON,
            "names the old path tensorflow/python/keras",
        ),
        (
            "BUILD",
            ("+deps = []",),
            HunkVerdict.NEEDS_PERSON,
            "build rules name other targets in the new repository",
        ),
        (
            "keras.bzl",
            ("+x = 1",),
            HunkVerdict.NEEDS_PERSON,
            "build rules name other targets in the new repository",
        ),
    ],
)
def test_each_hunk_has_its_verdict(
    file: MigrationFile, path: str, lines: tuple[str, ...], verdict: HunkVerdict, reason: str
) -> None:
    """Clean, rewritten, or for a person, with the reason."""
    ported = port(HEAD + change(f"tensorflow/python/keras/{path}", *lines) + END, file)
    (hunk,) = ported.commits[0].hunks
    assert (hunk.verdict, hunk.reason) == (verdict, reason)
    assert ported.count(verdict) == 1


def test_a_binary_file_without_content_is_listed(file: MigrationFile) -> None:
    """GitHub's patches do not hold binary content; such a change would stop ``git am``
    altogether."""
    path = "tensorflow/python/keras/logo.png"
    text = (
        HEAD
        + (
            f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\nBinary files a/{path} "
            f"and b/{path} differ\n"
        )
        + END
    )
    ported = port(text, file)
    assert ported.text == ""
    (left,) = ported.left_out
    assert "copy it over by hand" in left.reason


def test_a_rename_across_the_border_is_listed(file: MigrationFile) -> None:
    """Half of it would be missing on either side."""
    text = HEAD + (
        "diff --git a/tensorflow/python/keras/a.py b/tensorflow/python/ops/a.py\nsimilarity "
        "index 100%\n"
        "rename from tensorflow/python/keras/a.py\nrename to tensorflow/python/ops/a.py\n"
    )
    (left,) = port(text + END, file).left_out
    assert left.path == "tensorflow/python/ops/a.py"
    assert "across the border" in left.reason


TWO_PARTS = """
[migration]
name = "split"
title = "A split"
source = "mono/repo"
cutover = 2024-01-01T00:00:00Z
[[parts]]
name = "one"
title = "One"
target = "new/one"
old_address = "https://example.com/1"
new_address = "https://example.com/one"
paths = [{ old = "packages/one", new = "" }]
[[parts]]
name = "two"
title = "Two"
target = "new/two"
old_address = "https://example.com/2"
new_address = "https://example.com/two"
paths = [{ old = "packages/two/src", new = "lib" }, { old = "packages/two", new = "misc" }]
"""


def test_a_patch_of_two_parts_goes_where_most_of_it_belongs_and_names_the_rest() -> None:
    """Each target gets its own patch; the most specific of a part's paths counts."""
    file = parse_file(TWO_PARTS)
    text = (
        HEAD
        + change("packages/one/a", "-a", "+b")
        + change("packages/two/src/b", "-a", "+b")
        + change("packages/two/c", "-a", "+b")
        + END
    )
    ported = port(text, file)
    assert (ported.part, ported.target) == ("two", "new/two")
    assert "b/lib/b" in ported.text
    assert "b/misc/c" in ported.text
    (left,) = ported.left_out
    assert left.reason == "belongs to the part one: port the patch again with --part one"
    other = port(text, file, part="one")
    assert "diff --git a/a b/a\n" in other.text
    assert len(other.left_out) == 2


def test_an_unknown_part_is_an_error() -> None:
    """The command names the parts that there are."""
    with pytest.raises(KeyError):
        port(HEAD + END, parse_file(TWO_PARTS), part="three")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("diff --git a/x b/x\n", 1),
        ("<!doctype html>", 1),
        (
            HEAD
            + (
                "diff --git a/tensorflow/python/keras/a b/tensorflow/python/keras/a\n--- "
                "a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n"
            ),
            16,
        ),
        (
            HEAD
            + change("tensorflow/python/keras/a.py", "-a", "+b").replace("@@ -1,1", "@@ -1,4")
            + END,
            20,
        ),
    ],
)
def test_what_is_no_patch_with_authors_is_refused(
    file: MigrationFile, text: str, line: int
) -> None:
    """A ``.diff``, a web page, or a download that broke off: the line and the way out are named."""
    with pytest.raises(InputFileError) as caught:
        port(text, file)
    assert caught.value.line == line
    assert "download it" in caught.value.cure


def test_lines_that_look_like_headers_inside_of_a_hunk_are_content(file: MigrationFile) -> None:
    """Hunks are read by their counts, so that a patch of a patch stays whole."""
    lines = (
        "---- a/x",
        "+++ b/x",
        "+diff --git a/x b/x",
        " From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001",
        "--- ",
    )
    ported = port(HEAD + change("tensorflow/python/keras/a.py", *lines) + END, file)
    assert "".join(f"{line}\n" for line in lines) in ported.text
    assert len(ported.commits) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(" +-"),
            st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=20),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_taking_a_patch_apart_and_together_changes_nothing(lines: list[tuple[str, str]]) -> None:
    """Whatever a hunk holds, it comes back as it was."""
    text = HEAD + change("some/file", *(sign + words for sign, words in lines)) + END
    assert render(parse(text)) == text


def test_hashes_of_files_are_kept_only_where_they_are_still_true(file: MigrationFile) -> None:
    """After a rewritten line the blob is another one, and ``git am -3`` would look for the wrong
    file."""
    kept = port(HEAD + change("tensorflow/python/keras/a.py", "-a", "+b") + END, file)
    assert "index 1111111..2222222 100644\n" in kept.text
    rewritten = port(
        HEAD
        + change("tensorflow/python/keras/a.py", " import tensorflow.python.keras.x", "+b")
        + END,
        file,
    )
    assert "index " not in rewritten.text


def test_a_later_commit_sees_what_an_earlier_one_did(file: MigrationFile) -> None:
    """A file that was renamed away is gone for the commits behind it, and is where it went."""
    old, new = "tensorflow/python/keras/a.py", "tensorflow/python/keras/b.py"
    rename = (
        f"diff --git a/{old} b/{new}\nsimilarity index 100%\nrename from {old}\nrename to {new}\n"
    )
    text = "".join(
        HEAD + part + END for part in (rename, change(new, "-a", "+b"), change(old, "-a", "+b"))
    )
    ported = port(text, file, read={"keras/a.py": "a\n"}.get)
    first, second, third = (commit.hunks[0] for commit in ported.commits)
    assert (first.verdict, second.verdict) == (HunkVerdict.CLEAN, HunkVerdict.CLEAN)
    assert third.reason == "keras/a.py does not exist"
