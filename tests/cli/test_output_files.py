"""A file for results that cannot be written: refused before the work, and named with the cause."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, alone

WRITERS = [
    ("plan", "--csv"),
    ("plan", "--html"),
    ("export", "--to"),
    ("review", "--labelled"),
    ("rehearse", "--items-json"),
    ("learn", "--out"),
    ("port", "any.patch", "--output"),
]
"""Each verb that writes a file which its caller names, with the option."""
PLACES = {
    "no/such/file": "there is no such folder",
    ".": "it is a folder",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", WRITERS, ids=" ".join)
def test_a_place_where_nothing_can_be_written_is_refused_before_the_work(
    tmp_path: Path, words: tuple[str, ...], place: str
) -> None:
    """There is no database here, no GitHub and no patch: any work would fail otherwise."""
    error = alone(tmp_path).run(*words, place, "--json", code=2).error
    assert error["kind"] == "UsageError"
    assert PLACES[place] in error["cause"]
    assert "name another file" in error["cure"]


@pytest.mark.parametrize("words", [("plan", "--csv"), ("plan", "--html"), ("export", "--to")])
def test_a_disk_that_fills_up_is_named_with_the_file(at_work: Desk, words: tuple[str, str]) -> None:
    """The kernel's own full device."""
    error = at_work.run(*words, "/dev/full", "--json", code=1).error
    assert error["cause"] == "/dev/full cannot be written: No space left on device"


@pytest.mark.parametrize("words", [("export",), ("plan", "--list"), ("runs", "--json")])
def test_output_that_finds_no_room_is_told_without_a_trace(
    at_work: Desk, words: tuple[str, ...]
) -> None:
    """Standard output goes to a full disk."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "migrator", *words],
            cwd=at_work.folder,
            env=at_work.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert "the output cannot be written: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
