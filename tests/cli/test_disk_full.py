"""The disk with the database is full: commands say so, nothing is written twice, and everything goes
on when there is room. On a file system of its own, which needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, desk_at
from tests.cli.test_interrupted import until_written

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="mounting a file system needs root"
)
pytestmark = [pytest.mark.slow, needs_root]


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of that size, in memory."""
    folder.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(made, check=False).returncode:
        pytest.skip("this machine mounts nothing, not even as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left; the file that holds it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    return ballast


def until_said(lines: Iterable[str], wanted: str) -> Iterator[str]:
    """The lines up to the one with these words."""
    for line in lines:
        yield line
        if wanted in line:
            return


@pytest.mark.trouble("`the disk with the database is full` (3, and in the log of what runs)")
def test_a_full_disk_is_named_and_everything_goes_on_when_there_is_room(
    judged: Desk, world_file: Path, tmp_path: Path
) -> None:
    """A command that only begins ends with 3; a run at work waits, says why, and goes on by itself
    once there is room. Nothing is posted twice."""
    with (
        small_disk(tmp_path / "disk", 40) as disk,
        desk_at(disk, world_file, "--latency", "100") as desk,
    ):
        for part in ("", "-wal"):
            source = Path(f"{judged.database}{part}")
            if source.exists():
                shutil.copy(source, f"{desk.database}{part}")
        plan = desk.run("plan", "--json").json["hash"]
        desk.run("approve", plan)
        process = desk.start("apply", plan, "--unpaced")
        until_written(desk, process, 5)
        ballast = fill(disk)
        refused = desk.run("classify", "--json", code=3)
        assert refused.error["cause"] == "the disk with the database is full"
        assert process.stderr
        said = list(
            until_said(process.stderr, "the disk with the database is full; make room there")
        )
        assert not [line for line in said if "Traceback" in line], "".join(said)
        assert process.poll() is None
        ballast.unlink()
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert "Traceback" not in err
        assert "closes follow when their grace ends" in err, out
        assert desk.run("verify", "--json").json["verified"]
