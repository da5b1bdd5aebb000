"""What moves: the migration itself, and the parts of the source repository with their new
places."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from migrator.domain.rules.base import Rules

RepositoryName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", examples=["owner/monorepo"])
]
HttpsAddress = Annotated[
    str, Field(pattern=r"^https?://[^\s<>\"]+$", examples=["https://github.com/owner/widgets"])
]
ShortName = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=50, examples=["widgets"])
]


class MovedPath(Rules):
    """One folder (or file) of the source repository and where it went."""

    old: str
    """Path in the source repository, without a leading slash. A folder covers everything below
    it."""
    new: str
    """Path in the target repository. Empty for its root."""
    old_module: str = ""
    """Import path of the old place (`tensorflow.python.keras`), for porting and for reading
    tracebacks."""
    new_module: str = ""
    """Import path of the new place (`keras`)."""


class RefileForm(Rules):
    """How a person opens an issue in the target repository."""

    template: str = ""
    """File name of the target's issue template. Needed where blank issues are off, or the
    prefilled text is lost."""
    body_field: str = ""
    """For YAML issue forms: the id of the field that receives the text. Empty for Markdown
    templates."""


class Part(Rules):
    """A part of the source repository that moves, with its own target repository."""

    name: ShortName
    """Short lower-case name, unique in this file. The command `/not-NAME` and evidence use it."""
    title: str
    """How people call it, used in notices (`Keras`)."""
    target: RepositoryName
    """The repository that its issues and pull requests belong to from now on."""
    old_address: HttpsAddress
    """Web address of the old place, named in notices."""
    new_address: HttpsAddress
    """Web address of the new place, named in notices."""
    paths: Annotated[tuple[MovedPath, ...], Field(min_length=1)]
    """Every moved path."""
    refile: RefileForm = RefileForm()
    """How the target repository takes new issues."""


class Migration(Rules):
    """Names the migration and when it happened."""

    name: ShortName
    """Short lower-case name; the ledger keeps one history per name."""
    title: str
    """One line for pages and reports."""
    source: RepositoryName
    """The repository that the parts leave."""
    cutover: AwareDatetime
    """When the code moved. Items of a target repository opened before it, and unfinished, are
    cleared."""
    announcement: HttpsAddress | None = None
    """Where the move was announced."""
    bots: tuple[str, ...] = ()
    """Logins of ordinary accounts that are run by programs. Accounts of type Bot need no
    mention."""
    triagers: tuple[str, ...] = ()
    """Logins of people whose routine questions and label work do not count as an answer (see
    `activity.nags`)."""
