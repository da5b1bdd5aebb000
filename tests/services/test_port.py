"""Porting from file to file: any bytes survive, and nothing outside of the clone is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.config.migration_file import load
from migrator.domain.rules import MigrationFile
from migrator.errors import InputFileError, UsageError
from migrator.services.port import files_of, port, write

HEAD = (
    b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: A "
    b"<a@b.c>\nSubject: [PATCH] x\n\n---\n\n"
)
CHANGE = (
    b"diff --git a/tensorflow/python/keras/a.py b/tensorflow/python/keras/a.py\n"
    b"--- a/tensorflow/python/keras/a.py\n+++ b/tensorflow/python/keras/a.py\n"
    b"@@ -1 +1 @@\n-caf\xe9\r\n+\x80\xff\r\n"
)


@pytest.fixture(scope="module")
def file() -> MigrationFile:
    """The migration that ships with the package."""
    return load("keras").file


def test_bytes_that_are_no_utf_8_come_back_as_they_were(
    tmp_path: Path, file: MigrationFile
) -> None:
    """Old files are in old encodings; nothing but paths and imports changes."""
    (tmp_path / "x.patch").write_bytes(HEAD + CHANGE)
    write(port(tmp_path / "x.patch", file), tmp_path / "y.patch")
    assert (tmp_path / "y.patch").read_bytes() == HEAD + CHANGE.replace(
        b"tensorflow/python/keras", b"keras"
    )


def test_hunks_are_tried_on_a_clone(tmp_path: Path, file: MigrationFile) -> None:
    """With the new files at hand, what does not apply is known before ``git am``."""
    (tmp_path / "x.patch").write_bytes(HEAD + CHANGE)
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras/a.py").write_bytes(b"caf\xe9\r\n")
    assert port(tmp_path / "x.patch", file, into=tmp_path).commits[0].hunks[0].reason == ""
    (tmp_path / "keras/a.py").write_bytes(b"tea\r\n")
    assert port(tmp_path / "x.patch", file, into=tmp_path).commits[0].hunks[0].reason


def test_nothing_outside_of_the_clone_is_read(tmp_path: Path) -> None:
    """A patch is a stranger's file: its paths do not lead out, by dots, roots or links."""
    clone = tmp_path / "clone"
    clone.mkdir()
    (tmp_path / "secret").write_text("secret")
    (clone / "link").symlink_to(tmp_path / "secret")
    (clone / "inside").write_text("inside")
    read = files_of(clone)
    assert read("inside") == "inside"
    assert [
        read(path) for path in ("../secret", str(tmp_path / "secret"), "link", "missing", "")
    ] == [None] * 5


def test_a_patch_that_cannot_be_read_is_a_clear_error(tmp_path: Path, file: MigrationFile) -> None:
    """A missing file, a folder, a web page."""
    (tmp_path / "page").write_text("<html>")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "page"):
        with pytest.raises(InputFileError):
            port(path, file)


def test_an_unknown_part_or_clone_is_a_clear_error(tmp_path: Path, file: MigrationFile) -> None:
    """The message names the choices."""
    with pytest.raises(UsageError, match="no part is named 'layers'") as caught:
        port(tmp_path / "x", file, part="layers")
    assert caught.value.cure == "use one of keras"
    with pytest.raises(UsageError, match="is not a folder"):
        port(tmp_path / "x", file, into=tmp_path / "missing")
