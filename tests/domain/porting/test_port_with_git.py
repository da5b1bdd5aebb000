"""Three real patches, carried over and applied by ``git am`` to a repository laid out like the
new one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.config.migration_file import load
from migrator.domain.porting import HunkVerdict, Ported, port
from migrator.domain.rules import MigrationFile

OLD_CODE = {
    "tensorflow/python/keras/layers/recurrent.py": (
        "import numpy as np\n"
        "from tensorflow.python.keras import backend as K\n"
        "from tensorflow.python.keras.engine.base_layer import Layer\n"
        "\n"
        "\n"
        "class LSTM(Layer):\n"
        "\n"
        "  def call(self, inputs):\n"
        "    return K.sum(inputs)\n"
        "\n"
        "  def reset(self):\n"
        "    self.state = None\n"
    ),
    "tensorflow/python/keras/backend.py": "def sum(x):\n  return x\n",
    "tensorflow/python/ops/math_ops.py": "def add(a, b):\n  return a + b\n",
}


@pytest.fixture(scope="module")
def file() -> MigrationFile:
    """The migration that ships with the package."""
    return load("keras").file


class Repository:
    """A git repository on disk."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "master")
        self.write(files)
        self.commit("Start")

    def git(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """Run git, with nobody's configuration; returns what it printed."""
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "LC_ALL": "C",
        }
        for role in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{role}_NAME": "Tester", f"GIT_{role}_EMAIL": "tester@example.com"}
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout + ("" if check else done.stderr)

    def write(self, files: dict[str, str]) -> None:
        """Write files; an empty text deletes one."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8") if text else path.unlink()

    def read(self, name: str) -> str | None:
        """The text of a file, ``None`` if there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def commit(self, message: str, author: str = "Tester <tester@example.com>") -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git(
            "commit", "-q", "-m", message, f"--author={author}", "--date=2021-05-01T12:00:00+02:00"
        )

    def patch(self, count: int = 1) -> str:
        """The last commits, as GitHub gives them at a pull request's ``.patch`` address."""
        return self.git("format-patch", "--stdout", f"-{count}")


def carried(name: str) -> str:
    """A source file's new place."""
    return name.replace("tensorflow/python/keras", "keras")


@pytest.fixture
def source(tmp_path: Path) -> Repository:
    """The old repository."""
    return Repository(tmp_path / "source", OLD_CODE)


@pytest.fixture
def target(tmp_path: Path) -> Repository:
    """The new one: paths moved, imports rewritten, something of its own above."""
    moved = {
        carried(name): text.replace("from tensorflow.python.keras", "from keras")
        for name, text in OLD_CODE.items()
        if "keras" in name
    }
    return Repository(tmp_path / "target", moved)


Change = Callable[[str, str, str], None]


@pytest.fixture
def change(source: Repository) -> Change:
    """Replaces a piece of text in a file of the old repository."""

    def edit(name: str, before: str, after: str) -> None:
        text = source.read(name) or ""
        assert before in text
        source.write({name: text.replace(before, after)})

    return edit


LAYER = "tensorflow/python/keras/layers/recurrent.py"


def verdicts(ported: Ported) -> list[HunkVerdict]:
    """Verdict of every hunk, in order."""
    return [hunk.verdict for commit in ported.commits for hunk in commit.hunks]


def test_a_patch_inside_the_moved_paths_is_applied_with_its_author(
    source: Repository, target: Repository, change: Change, file: MigrationFile
) -> None:
    """Paths and imports are rewritten; author, date and message stay; references still mean the
    old repository."""
    change(
        LAYER,
        "import numpy as np\n",
        "import numpy as np\nfrom tensorflow.python.keras.utils import tf_utils\n",
    )
    change(LAYER, "self.state = None", "self.state = tf_utils.zeros()")
    source.write(
        {
            "tensorflow/python/keras/utils/tf_utils.py": "from tensorflow.python import keras\n\n\ndef zeros():\n  return 0\n"
        }
    )
    source.commit(
        "Reset LSTM to zeros\n\nFixes #4711.", author="Žofia Ó Briain <zofia@example.com>"
    )
    ported = port(source.patch(), file, read=target.read)
    target.git("am", "-q", stdin=ported.text)
    assert target.git("log", "-1", "--format=%an <%ae> %aI|%s|%b").strip() == (
        "Žofia Ó Briain <zofia@example.com> 2021-05-01T12:00:00+02:00|Reset LSTM to zeros|Fixes "
        "tensorflow/tensorflow#4711."
    )
    text = target.read("keras/layers/recurrent.py") or ""
    assert "from keras.utils import tf_utils\n" in text
    assert "self.state = tf_utils.zeros()" in text
    assert (target.read("keras/utils/tf_utils.py") or "").startswith("import keras\n")
    assert HunkVerdict.NEEDS_PERSON not in verdicts(ported)
    assert HunkVerdict.IMPORT_REWRITTEN in verdicts(ported)
    assert HunkVerdict.CLEAN in verdicts(ported)
    assert ported.left_out == ()


def test_a_mixed_patch_is_applied_without_what_stays_and_says_so(
    source: Repository, target: Repository, change: Change, file: MigrationFile
) -> None:
    """Two commits, one of them wholly outside: listed file by file, never dropped silently."""
    change("tensorflow/python/ops/math_ops.py", "a + b", "b + a")
    source.commit("Add the other way round")
    change(LAYER, "return K.sum(inputs)", "return K.sum(inputs) * 2")
    change("tensorflow/python/ops/math_ops.py", "b + a", "a - -b")
    source.commit("Double it", author="Ann <ann@example.com>")
    ported = port(source.patch(2), file, read=target.read)
    target.git("am", "-q", stdin=ported.text)
    assert target.git("log", "--format=%an|%s").strip().split("\n") == [
        "Ann|Double it",
        "Tester|Start",
    ]
    assert [commit.kept for commit in ported.commits] == [False, True]
    assert [left.path for left in ported.left_out] == ["tensorflow/python/ops/math_ops.py"] * 2
    assert all("stays in the source repository" in left.reason for left in ported.left_out)


def test_a_patch_whose_context_has_changed_needs_a_person(
    source: Repository, target: Repository, change: Change, file: MigrationFile
) -> None:
    """The hunk that ``git am`` would refuse is named; without it the rest applies."""
    target.write(
        {
            "keras/layers/recurrent.py": (target.read("keras/layers/recurrent.py") or "").replace(
                "K.sum(inputs)", "K.mean(inputs)"
            )
        }
    )
    target.commit("Go on in the new repository")
    change(LAYER, "return K.sum(inputs)", "return K.sum(inputs) * 2")
    change("tensorflow/python/keras/backend.py", "return x", "return +x")
    source.commit("Double it")
    ported = port(source.patch(), file, read=target.read)
    found = {hunk.path: hunk for commit in ported.commits for hunk in commit.hunks}
    assert found["keras/backend.py"].verdict is HunkVerdict.CLEAN
    assert found["keras/layers/recurrent.py"].verdict is HunkVerdict.NEEDS_PERSON
    assert found["keras/layers/recurrent.py"].reason == "its context is not found in the new file"
    assert "patch does not apply" in target.git("am", stdin=ported.text, check=False)
    target.git("am", "--abort")
    assert "Applying" in target.git("am", "--reject", stdin=ported.text, check=False)
    assert target.read("keras/backend.py") == "def sum(x):\n  return +x\n"
    assert target.read("keras/layers/recurrent.py.rej")


def test_the_documented_way_through_a_conflict_keeps_the_author(
    source: Repository, target: Repository, change: Change, file: MigrationFile
) -> None:
    """As docs/porting.md says: reject, edit, add without the rejects, continue."""
    target.write({"keras/backend.py": "def sum(x):\n  return abs(x)\n"})
    target.commit("Go on in the new repository")
    change("tensorflow/python/keras/backend.py", "return x", "return +x")
    source.commit("Be positive", author="Ann <ann@example.com>")
    ported = port(source.patch(), file, read=target.read)
    target.git("am", "--reject", stdin=ported.text, check=False)
    target.write({"keras/backend.py": "def sum(x):\n  return +abs(x)\n"})
    target.git("add", "-A", ":!*.rej")
    target.git("am", "--continue")
    assert target.git("log", "-1", "--format=%an|%s").strip() == "Ann|Be positive"
    assert target.git("show", "--name-only", "--format=").strip() == "keras/backend.py"


def test_the_commands_by_hand_keep_the_author_and_drop_what_the_page_says(
    source: Repository, target: Repository
) -> None:
    """`format-patch --relative`, `am --directory`: what lies outside is gone without a word,
    imports and `#12` stay."""
    start = source.git("rev-parse", "HEAD").strip()
    folder = "tensorflow/python/keras"
    source.write({"tensorflow/python/ops/math_ops.py": "def add(a, b):\n  return b + a\n"})
    source.commit("Wholly outside", author="Ann <ann@example.com>")
    source.write(
        {
            f"{folder}/backend.py": "from tensorflow.python.keras import x\n\n\ndef sum(x):\n  return +x\n"
        }
    )
    source.write({"tensorflow/python/ops/math_ops.py": "def add(a, b):\n  return a - -b\n"})
    source.commit("Be positive (#12)", author="Ann <ann@example.com>")
    patch = source.git("format-patch", "--stdout", f"--relative={folder}", f"{start}..HEAD")
    target.git("am", "-q", "--directory=keras", stdin=patch)
    assert (
        target.git("log", "-1", "--format=%an <%ae> %aI").strip()
        == "Ann <ann@example.com> 2021-05-01T12:00:00+02:00"
    )
    assert target.git("log", "--format=%s").splitlines() == ["Be positive (#12)", "Start"]
    assert target.git("show", "--name-only", "--format=").strip() == "keras/backend.py"
    assert "math_ops" not in patch
    assert (target.read("keras/backend.py") or "").startswith(
        "from tensorflow.python.keras import x\n"
    )


def test_every_kind_of_change_survives(
    source: Repository, target: Repository, file: MigrationFile
) -> None:
    """Renames, modes, deletions, binary files, empty files, names with spaces or accents,
    missing ends of lines."""
    folder = "tensorflow/python/keras"
    source.write(
        {
            f"{folder}/a file.py": "one\ntwo\n",
            f"{folder}/ünï.py": "x = 1\n",
            f"{folder}/gone.py": "x\n",
            f"{folder}/tool.sh": "echo\n",
        }
    )
    source.commit("More files")
    target.git("am", "-q", stdin=port(source.patch(), file, read=target.read).text)
    source.git("mv", f"{folder}/backend.py", f"{folder}/back end.py")
    source.git("mv", f"{folder}/a file.py", f"{folder}/layers/b file.py")
    source.write(
        {
            f"{folder}/layers/b file.py": "one\ntwo\nthree",
            f"{folder}/ünï.py": "x = 2\n",
            f"{folder}/gone.py": "",
        }
    )
    (source.folder / f"{folder}/logo.png").write_bytes(bytes(range(256)) * 3)
    (source.folder / f"{folder}/tool.sh").chmod(0o755)
    (source.folder / f"{folder}/empty.py").touch()
    source.commit("Every kind\n\nFrom the depths:\n---\nnot a statistic")
    ported = port(source.git("format-patch", "--stdout", "--binary", "-1"), file, read=target.read)
    assert set(verdicts(ported)) == {HunkVerdict.CLEAN}
    target.git("am", "-q", stdin=ported.text)
    wanted = source.git("ls-tree", "-r", "HEAD", "--", folder).replace(folder, "keras")
    got = target.git("ls-tree", "-r", "HEAD", "--", "keras")
    assert sorted(line for line in wanted.splitlines() if "recurrent" not in line) == sorted(
        line for line in got.splitlines() if "recurrent" not in line
    )


def test_without_the_new_files_a_patch_is_judged_by_itself(
    source: Repository, change: Change, file: MigrationFile
) -> None:
    """No clone at hand: imports are still rewritten, and doubts are still named."""
    change(
        LAYER,
        "import numpy as np\n",
        "import numpy as np\nfrom tensorflow.python.framework import ops\n",
    )
    source.commit("Use ops")
    (hunk,) = port(source.patch(), file).commits[0].hunks
    assert hunk.verdict is HunkVerdict.NEEDS_PERSON
    assert hunk.reason == "imports tensorflow.python.framework, which did not move"
