"""``migrator port``: what it prints and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from migrator.cli import port

PATCH = """From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: Ann <ann@example.com>
Subject: [PATCH] Fix [red]LSTM

---

diff --git a/tensorflow/python/keras/a.py b/tensorflow/python/keras/a.py
--- a/tensorflow/python/keras/a.py
+++ b/tensorflow/python/keras/a.py
@@ -1 +1 @@
-from tensorflow.python.keras import x
+from tensorflow.python.keras import y
diff --git a/other.py b/other.py
--- a/other.py
+++ b/other.py
@@ -1 +1 @@
-a
+b
"""


@pytest.fixture
def app() -> typer.Typer:
    """The verb alone."""
    alone = typer.Typer()
    alone.command("port")(port.command)
    return alone


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    """A downloaded patch."""
    path = tmp_path / "4712.patch"
    path.write_text(PATCH)
    return path


def test_it_writes_the_ported_patch_and_says_what_became_of_each_hunk(
    app: typer.Typer, patch: Path
) -> None:
    """People read a table, what was left out, and the command that comes next."""
    result = CliRunner().invoke(app, [str(patch), "--rules", "keras"])
    assert result.exit_code == 0, result.output
    assert "Fix [red]LSTM by Ann <ann@example.com>" in result.output
    assert "left out: other.py: does not move" in result.output
    assert "0 clean, 1 import rewritten, 0 needs a person" in result.output
    assert "+from keras import y\n" in patch.with_name("4712.ported.patch").read_text()


def test_programs_get_one_json_object(app: typer.Typer, patch: Path, tmp_path: Path) -> None:
    """The same facts, and where the patch is."""
    result = CliRunner().invoke(
        app, [str(patch), "--rules", "keras", "--json", "-o", str(tmp_path / "new.patch")]
    )
    found = json.loads(result.stdout)
    assert found["hunks"] == {"clean": 0, "import_rewritten": 1, "needs_a_person": 0}
    assert found["target"] == "keras-team/keras"
    assert found["commits"][0]["left_out"][0]["path"] == "other.py"
    assert Path(found["output"]).is_file()


def test_where_nothing_moves_no_file_is_written(app: typer.Typer, patch: Path) -> None:
    """An empty patch would only stop ``git am``."""
    patch.write_text(PATCH.replace("tensorflow/python/keras/a.py", "somewhere/a.py"))
    result = CliRunner().invoke(app, [str(patch), "--rules", "keras"])
    assert result.exit_code == 0
    assert not patch.with_name("4712.ported.patch").exists()
