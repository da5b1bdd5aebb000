"""A sandbox GitHub in a process of its own, as the command line starts it, and what it says
about its world."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from migrator.errors import InputFileError, Stopped, UsageError
from migrator.sandbox.apps import SLUG
from migrator.sandbox.worlds import BadRow, Theme, choose_world
from migrator.store.private_files import output_file

ACCOUNT = "migration-account"
"""The account that every generated world has for us, with triage rights where a migration
writes."""
APP_ACCOUNT = SLUG
"""The bot of the App that every sandbox has, installed for each owner."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its URL, our credentials in it, and the address's control surface.

    ``app_id`` and ``key_file`` are there if we sign in as the App, whose bot ``account`` is then.
    """

    url: str
    token: str
    now: datetime
    pid: int
    account: str = ACCOUNT
    app_id: int = 0
    key_file: Path | None = None

    @property
    def credentials(self) -> dict[str, Any]:
        """The settings with which a process signs in here."""
        if self.key_file is None:
            return {"github_token": self.token}
        return {
            "github_app_id": self.app_id,
            "github_private_key": self.key_file.read_text(encoding="utf-8"),
        }

    def stats(self) -> dict[str, Any]:
        """Its counts: requests, writes, faults, memory."""
        return dict(json.loads(self._get("stats")))

    def world(self) -> Iterator[dict[str, Any]]:
        """Every record of its world, one at a time."""
        with urllib.request.urlopen(f"{self.url}/_sandbox/world") as reply:  # noqa: S310 - our own loopback address
            for line in reply:
                yield json.loads(line)

    def advance(self, seconds: float) -> None:
        """Let time pass in its world."""
        self.post("clock", {"advance_seconds": seconds})

    def act(self, login: str, **given: Any) -> bool:
        """Have someone do something in its world (see ``POST /_sandbox/act``); says whether
        they may and did."""
        try:
            self.post("act", {"as": login, **given})
        except urllib.error.HTTPError:
            return False
        return True

    def post(self, name: str, given: Any) -> Any:
        """Use its control surface; returns what it answers. Raises ``HTTPError`` if it refuses."""
        body = json.dumps(given).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{name}", data=body, method="POST")  # noqa: S310 - loopback
        with urllib.request.urlopen(request) as reply:  # noqa: S310 - loopback
            return json.loads(reply.read() or b"null")

    def _get(self, name: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}/_sandbox/{name}") as reply:  # noqa: S310 - our own loopback address
            return bytes(reply.read())


def write_world(records: Iterable[dict[str, Any]], to: Path) -> int:
    """Write records as a world file; returns how many of them are items."""
    items = 0
    with output_file(to) as file:
        for record in records:
            items += record.get("record") == "item"
            file.write(json.dumps(record, default=_iso, ensure_ascii=False) + "\n")
    return items


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written to a world file")


@contextmanager
def running_sandbox(*options: str, account: str = ACCOUNT) -> Iterator[Sandbox]:
    """Start a sandbox with these options of ``python -m migrator.sandbox``, and stop it at the end.

    We sign in as ``account``: with its token, or as the App if it is the App's bot.
    Raises :class:`UsageError` with its own words if it does not start.
    """
    command = [sys.executable, "-m", "migrator.sandbox", *options]
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)  # noqa: S603 - our own program
        try:
            yield _ready(process, complaints, account)
        finally:
            _stop(process)
            complaints.seek(0)
            sys.stderr.write(complaints.read())


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Stopped("the sandbox did not end in 20 s and was killed") from None


def _ready(process: subprocess.Popen[str], complaints: IO[str], account: str) -> Sandbox:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.wait()
        complaints.seek(0)
        said = complaints.read().strip()
        raise UsageError(f"the sandbox did not start: {said}", cure="fix the input that it names")
    ready = json.loads(line)
    now = datetime.fromisoformat(ready["now"])
    sandbox = Sandbox(
        url=ready["url"], token=f"sandbox-{account}", now=now, pid=ready["pid"], account=account
    )
    app = ready["app"]
    return (
        sandbox
        if account != app["slug"]
        else replace(sandbox, app_id=app["id"], key_file=Path(app["private_key_file"]))
    )


@dataclass(frozen=True, slots=True)
class WorldInput:
    """What the options ask for. ``repositories``: the source, then the targets; empty for those of
    the data.

    ``theme`` is what a generated world is about, the default world's if there is none; ``share``
    how much of it moves.
    """

    items: int = 400
    seed: int = 7
    file: Path | None = None
    thread_seed: int = 7
    now: str = ""
    repositories: tuple[str, Sequence[str]] | None = None
    theme: Theme | None = None
    share: float | None = None

    def records(self) -> Iterator[dict[str, Any]]:
        """Records of the world file. Raises :class:`UsageError` for a wrong date,
        ``InputFileError`` for a wrong file.

        Columns that mean nothing are named once on standard error.
        """
        if self.file is not None and self.share is not None:
            raise UsageError(
                "--share is for generated items, and --from brings its own",
                cure="leave one of the two out",
            )
        source, targets = self.repositories or (None, None)
        try:
            world = choose_world(
                items=self.items,
                seed=self.seed,
                file=self.file,
                thread_seed=self.thread_seed,
                now=moment_of(self.now),
                source=source,
                targets=targets,
                theme=self.theme,
                share=self.share,
            )
            if world.ignored:
                ignored = ", ".join(world.ignored)
                print(f"{self.file}: ignored columns: {ignored}", file=sys.stderr)  # noqa: T201
            yield from _with_account(world.records, (source or "", *(targets or ())))
        except BadRow as error:
            cause = f"{self.file}, {str(error).removesuffix(f'; {error.cure}')}"
            raise InputFileError(
                cause, cure=f"{error.cure}; nothing was done", line=error.line
            ) from error
        except OSError as error:
            raise InputFileError(
                f"{self.file} cannot be read: {error.strerror}", cure="check the path"
            ) from error
        except ValueError as error:
            raise UsageError(
                f"there is no such world: {error}", cure="give other options; nothing was done"
            ) from error


def _with_account(
    records: Iterable[dict[str, Any]], named: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The records, and the account that a migration signs in with, unless they have it: a real
    repository's export has none."""
    repositories, known = dict.fromkeys(filter(None, named)), False
    for record in records:
        kind = record.get("record")
        if kind == "world":
            repositories |= dict.fromkeys(
                filter(None, (record.get("source"), record.get("target")))
            )
        known = known or (kind == "account" and record.get("login") == ACCOUNT)
        yield record
    if not known:
        yield {
            "record": "account",
            "login": ACCOUNT,
            "type": "User",
            "permissions": dict.fromkeys(repositories, "write"),
        }


def moment_of(now: str) -> datetime | None:
    """The time that ``--now`` names, ``None`` if it was not given. Raises :class:`UsageError`
    if it is none."""
    if not now:
        return None
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise UsageError(
            f"--now {now} is no time", cure="give ISO 8601 with a zone: 2021-09-01T12:00:00+00:00"
        ) from error
    if moment.tzinfo is None:
        raise UsageError(f"--now {now} has no zone", cure="add one: 2021-09-01T12:00:00+00:00")
    return moment
