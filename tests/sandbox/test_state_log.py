"""A world is kept and comes back the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from migrator.sandbox.errors import WorldFileError
from migrator.sandbox.server import Options
from migrator.sandbox.state_log import kept_world
from migrator.sandbox.world_reader import load_world, read_records
from migrator.sandbox.world_writer import world_lines
from tests.support.sandbox_server import SMALL, SOURCE, build, serving


def start(*options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start a sandbox of its own process and return what it says when it is ready."""
    command = [sys.executable, "-m", "migrator.sandbox", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, dict(json.loads(process.stdout.readline()))


def without_clock(lines: list[bytes]) -> list[Any]:
    """Return records without the time that has passed since."""
    records = [msgspec.json.decode(line) for line in lines]
    records[0].pop("clock")
    return records


def test_a_dumped_world_is_the_same_world(
    tmp_path: Path, small_records: list[dict[str, Any]]
) -> None:
    """Ids, sequence numbers and all: dumping what was loaded from a dump gives the dump."""
    world = build(small_records)
    path = tmp_path / "world.jsonl"
    path.write_bytes(b"\n".join(world_lines(world)))
    assert without_clock(list(world_lines(load_world(path)))) == without_clock(
        list(world_lines(world))
    )


def test_a_killed_sandbox_has_lost_nothing_it_answered(
    tmp_path: Path, small_records: list[dict[str, Any]]
) -> None:
    """SIGKILL right after an answer; the next start has it, and goes on counting from there."""
    file, state = tmp_path / "small.jsonl", tmp_path / "state"
    file.write_bytes(b"\n".join(map(msgspec.json.encode, small_records)))
    process, ready = start("--world", str(file), "--state", str(state))
    try:
        address = f"{ready['url']}/repos/{SOURCE}/issues/1/comments"
        made = httpx.post(
            address, json={"body": "Kept?"}, headers={"authorization": "token sandbox-amy"}
        ).json()
        before = httpx.get(f"{ready['url']}/_sandbox/item/{SOURCE}/1").json()
    finally:
        process.kill()
        process.wait()
    process, ready = start("--state", str(state))
    try:
        assert httpx.get(f"{ready['url']}/_sandbox/item/{SOURCE}/1").json() == before
        again = httpx.post(
            f"{ready['url']}/repos/{SOURCE}/issues/1/comments",
            json={"body": "More"},
            headers={"authorization": "token sandbox-amy"},
        )
        assert again.json()["id"] > made["id"]
        key = ready["app"]["private_key_file"]
        assert Path(key).read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_a_line_that_a_kill_cut_off_is_passed_over(
    tmp_path: Path, small_records: list[dict[str, Any]]
) -> None:
    """Only a whole line counts."""
    with serving(build(small_records), Options(state=tmp_path)) as local:
        local.act("amy", "comment", body="Whole")
        with (tmp_path / "journal.jsonl").open("ab") as journal:
            journal.write(b'{"record":"item","repository":"acme/mono","number":1,"ti')
        kept = kept_world(tmp_path)
    assert kept is not None
    assert kept.item(SOURCE, 1).comments[-1].body == "Whole"


def test_deletions_and_transfers_are_kept(
    tmp_path: Path, small_records: list[dict[str, Any]]
) -> None:
    """What is gone stays gone."""
    with serving(build(small_records), Options(state=tmp_path)) as local:
        local.act("root", "delete", number=3)
        local.act("root", "transfer", to="acme/widget")
        before = without_clock(list(world_lines(local.world)))
        kept = kept_world(tmp_path)
    assert kept is not None
    assert without_clock(list(world_lines(kept))) == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"record": "item", "repository": "a/b", "title": "x", "colour": "red"}', "colour"),
        (b'{"record": "thing"}', "thing"),
        (b"{", "line 2"),
    ],
)
def test_what_a_world_file_does_not_know_is_refused_with_its_line(line: bytes, says: str) -> None:
    """Unknown keys, unknown records, broken JSON."""
    with pytest.raises(WorldFileError, match=f"(?s)line 2.*{says}|{says}.*"):
        read_records([msgspec.json.encode(SMALL[0]), line])


def test_a_world_must_begin_with_the_world() -> None:
    """Else it is some other file."""
    with pytest.raises(WorldFileError, match="first record"):
        read_records([msgspec.json.encode(SMALL[1])])


def test_times_of_any_zone_are_brought_into_githubs_form(
    small_records: list[dict[str, Any]],
) -> None:
    """``10:00+02:00`` is ``08:00Z``; a time without a zone is refused."""
    assert build(small_records).item(SOURCE, 1).created_at == "2020-01-01T08:00:00Z"
    wrong = {
        "record": "item",
        "repository": SOURCE,
        "title": "x",
        "created_at": "2020-01-01T10:00:00",
    }
    with pytest.raises(WorldFileError, match="no zone"):
        build([SMALL[0], wrong])
