"""Names of a package are read from its files; nothing of it is run, unpacked, or trusted."""

from __future__ import annotations

import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from migrator.errors import InputFileError
from migrator.services import exported_names as reading
from migrator.services.exported_names import exported_names

SOURCE = """
import os
raise RuntimeError("this file was run")
__all__ = ["make_rose", "_hidden_rose"]
class Rose:
    def water_daily(self): ...
    def _wilt(self): ...
class _Weed:
    def spread_fast(self): ...
def plant_row(): ...
async def prune_late(): ...
x = 1
"""
NAMES = ("Rose", "make_rose", "plant_row", "prune_late", "water_daily")


def wheel(path: Path, files: dict[str, bytes | str]) -> Path:
    """A zip file with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_public_names_of_a_wheel_are_read_without_running_it(tmp_path: Path) -> None:
    """Classes, functions, methods, and what `__all__` lists."""
    path = wheel(tmp_path / "a.whl", {"garden/rose.py": SOURCE, "garden/data.json": "{}"})
    assert exported_names(path) == NAMES


def test_a_folder_is_read_as_a_wheel_is(tmp_path: Path) -> None:
    """Links out of it are not followed."""
    (tmp_path / "outside.py").write_text("def secret_thing(): ...")
    folder = tmp_path / "garden"
    folder.mkdir()
    (folder / "rose.py").write_text(SOURCE)
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    (folder / "up").symlink_to(tmp_path)
    assert exported_names(folder) == NAMES


def test_a_member_that_points_elsewhere_writes_nothing(tmp_path: Path) -> None:
    """Members are read in memory; their names are never paths of ours."""
    inner = tmp_path / "inner"
    inner.mkdir()
    before = sorted(tmp_path.rglob("*"))
    path = wheel(inner / "a.whl", {"../../evil.py": SOURCE, "/etc/evil.py": SOURCE})
    assert exported_names(path) == NAMES
    assert sorted(tmp_path.rglob("*")) == sorted([*before, path])


def test_a_file_that_unpacks_to_too_much_is_passed_over(tmp_path: Path) -> None:
    """Only as much of it is unpacked as a file may have."""
    bomb = b"#" * (reading.LARGEST_FILE * 20)
    path = wheel(tmp_path / "a.whl", {"bomb.py": bomb, "rose.py": SOURCE})
    assert path.stat().st_size < reading.LARGEST_FILE
    del bomb
    tracemalloc.start()
    try:
        assert exported_names(path) == NAMES
        assert tracemalloc.get_traced_memory()[1] < reading.LARGEST_FILE * 5
    finally:
        tracemalloc.stop()


def test_a_wheel_of_many_such_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unpacked is counted, whatever the headers say."""
    monkeypatch.setattr(reading, "LARGEST_PACKAGE", 100_000)
    files: dict[str, bytes | str] = {f"f{at}.py": b"#" * 50_000 for at in range(4)}
    with pytest.raises(InputFileError, match="holds more than") as refused:
        exported_names(wheel(tmp_path / "a.whl", files))
    assert "without what it depends on" in refused.value.cure


@pytest.mark.parametrize(
    "source",
    [
        "def broken(",
        "x = " + "(" * 5000 + ")" * 5000,
        "x = a" + ".b" * 50_000,
        "x = " + "-" * 50_000 + "1",
        "\0",
        "# -*- coding: no-such -*-",
    ],
    ids=["syntax", "brackets", "attributes", "signs", "null", "encoding"],
)
def test_a_file_that_is_no_python_stops_no_other(tmp_path: Path, source: str) -> None:
    """It is passed over."""
    path = wheel(tmp_path / "a.whl", {"broken.py": source, "rose.py": SOURCE})
    assert exported_names(path) == NAMES


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_wheel_is_refused_with_a_way_out(tmp_path: Path, content: bytes) -> None:
    """An error of ours, with its cause."""
    path = tmp_path / "a.whl"
    path.write_bytes(content)
    with pytest.raises(InputFileError) as refused:
        exported_names(path)
    assert refused.value.cure


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    """A wheel that was cut or altered."""
    path = wheel(tmp_path / "a.whl", {"rose.py": SOURCE * 50})
    content = bytearray(path.read_bytes())
    content[60:80] = b"\xff" * 20
    path.write_bytes(bytes(content))
    with pytest.raises(InputFileError, match="is not a wheel"):
        exported_names(path)


def test_nothing_is_imported(tmp_path: Path) -> None:
    """Neither the package nor what it imports."""
    before = set(sys.modules)
    exported_names(wheel(tmp_path / "a.whl", {"garden_xyz/rose.py": SOURCE}))
    assert not {name for name in set(sys.modules) - before if name.startswith("garden_xyz")}
