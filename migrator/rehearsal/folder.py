"""The folder that a rehearsal leaves behind: rules, database, the sandbox's world, the report,
and what it takes to go on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from migrator.config.settings import Settings
from migrator.domain.items import Frozen
from migrator.errors import UsageError
from migrator.rehearsal.sandbox import ACCOUNT, Sandbox, running_sandbox

ABOUT = "rehearsal.json"
CUT_OFF, READ_LAG = 1.0, 0.5
"""Seconds of patience after a lost reply; a sandbox on this machine needs no more."""


class About(Frozen, frozen=True, kw_only=True):
    """What the folder says of itself. ``plan_hash`` and ``run`` are empty until the rehearsal
    has come to its end. ``tour``: it ends with a plan that waits for approval, and the dashboard
    leads through the rest."""

    version: int = 1
    migration: str
    account: str = ACCOUNT
    plan_hash: str = ""
    run: str = ""
    tour: bool = False


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """Where things lie in a rehearsal's folder."""

    path: Path

    @property
    def rules(self) -> Path:
        """The migration file that was rehearsed, as it was."""
        return self.path / "migration.toml"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "migrator.sqlite"

    @property
    def state(self) -> Path:
        """The sandbox's world."""
        return self.path / "sandbox"

    @property
    def report(self) -> Path:
        """The page about the rehearsal."""
        return self.path / "report.html"

    @property
    def tour(self) -> KeptFolder:
        """Inside of it, the folder of the rehearsal that a tour leads through."""
        return KeptFolder(self.path / "tour")

    @property
    def tour_notes(self) -> Path:
        """What the tour remembers."""
        return self.path / "tour.json"

    def about(self) -> About:
        """What the folder says of itself. Raises :class:`UsageError` if no rehearsal left it."""
        try:
            return msgspec.json.decode((self.path / ABOUT).read_bytes(), type=About)
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(
                f"{self.path} holds no rehearsal",
                cure=f"run `migrator rehearse --dir {self.path}` first (or `make demo`)",
            ) from error

    def write(self, about: About) -> None:
        """Note what the folder is."""
        (self.path / ABOUT).write_bytes(
            msgspec.json.format(msgspec.json.encode(about), indent=2) + b"\n"
        )

    def settings(self, sandbox: Sandbox) -> Settings:
        """Settings of a process that works here, against that sandbox."""
        return Settings.model_validate(
            {
                "database_url": f"sqlite:///{self.database}",
                "github_url": sandbox.url,
                **sandbox.credentials,
                "cut_off_seconds": CUT_OFF,
                "read_lag_seconds": READ_LAG,
            }
        )


def new_folder(path: Path, *, replace: bool) -> KeptFolder:
    """An empty folder at ``path``; with ``replace`` what a former rehearsal left there is removed
    first.

    Raises :class:`UsageError` if something else is in it, or a rehearsal that is not to be
    replaced.
    """
    folder = KeptFolder(path)
    if path.is_dir() and any(path.iterdir()):
        if not (path / ABOUT).exists():
            raise UsageError(
                f"the folder {path} is not empty, and no rehearsal left it",
                cure="give another --dir",
            )
        if not replace:
            raise UsageError(
                f"{path} holds a former rehearsal",
                cure="add --replace to make a new one, or give another --dir",
            )
        shutil.rmtree(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder {path} cannot be made: {error.strerror}", cure="give another --dir"
        ) from error
    return folder


@contextmanager
def reopened(path: Path, *, port: int = 0) -> Iterator[tuple[KeptFolder, Sandbox]]:
    """Serve the sandbox that a rehearsal left, with its world and clock as they were; what happens
    now is kept, too.

    ``bootstrap.build(folder.rules, settings=folder.settings(sandbox),
    clock=ShiftedClock(sandbox.now))`` goes on in it. Raises :class:`UsageError` if the folder holds
    no rehearsal.
    """
    folder = KeptFolder(path)
    account = folder.about().account
    with running_sandbox(
        "--state", str(folder.state), "--port", str(port), account=account
    ) as sandbox:
        yield folder, sandbox
