"""Asks GitHub what `migrator check` wants to know, and has it judged. Writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from migrator.domain.rules import MigrationFile
from migrator.errors import AuthenticationError, NotFound, PermissionDenied
from migrator.github.checks.findings import Finding, Level, worst_first
from migrator.github.checks.links import link_findings
from migrator.github.checks.repositories import (
    app_permission_findings,
    label_findings,
    labels_to_add,
    permission_findings,
    repository_findings,
    target_findings,
)
from migrator.github.checks.workflows import workflow_findings
from migrator.github.client import GitHubClient
from migrator.github.replies import Permission, RepositoryFacts


async def github_findings(
    client: GitHubClient,
    file: MigrationFile,
    *,
    addresses: Iterable[str] = (),
    installations: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Finding, ...]:
    """Everything that GitHub has to say against this migration, worst first.

    ``addresses`` are the web addresses that the notices name. ``installations`` are an App's permissions by owner: with
    them its rights are judged, not a role. A refused token ends the check at once, as its only finding.
    Raises :class:`~migrator.errors.ServerUnavailable` and ``LimitExceeded``: then nothing was found out.
    """
    try:
        viewer = await client.viewer()
    except AuthenticationError as error:
        finding = Finding(code="token.refused", level=Level.ERROR, message=f"GitHub refuses the token: {error}", cure=error.cure)
        return (finding,)
    names = dict.fromkeys((file.migration.source, *file.targets))
    answers = await asyncio.gather(*(_facts(client, name) for name in names))
    rehearsed = tuple(names) if await client.is_sandbox() else None
    links = await link_findings(client.wire, addresses, rehearsed=rehearsed)
    known = Finding(code="token.account", level=Level.INFO, subject=viewer.login, message=f"acting as {viewer.login}")
    judged = (
        finding for name, answer in zip(names, answers, strict=True) for finding in _judged(file, name, answer, installations)
    )
    return worst_first((known, *judged, *links))


async def _facts(client: GitHubClient, name: str) -> RepositoryFacts | Finding:
    try:
        return await client.repository(name)
    except (NotFound, PermissionDenied) as error:
        message = f"{name} does not exist, or the account cannot see it: {error}"
        cure = "mend the name in the migration file, or give the account access"
        return Finding(code="repository.missing", level=Level.ERROR, subject=name, message=message, cure=cure)


def _judged(
    file: MigrationFile, name: str, facts: RepositoryFacts | Finding, installations: Mapping[str, Mapping[str, str]] | None
) -> Iterator[Finding]:
    """Every judgement about one repository."""
    if isinstance(facts, Finding):
        yield facts
        return
    role = needed_role(file, name)
    yield from repository_findings(name, facts)
    if installations is None:
        yield from permission_findings(name, facts, needed=role)
        yield from label_findings(file, name, facts, creates=facts.viewer_permission.allows(Permission.WRITE))
    else:
        rights = installations.get(name.partition("/")[0], {})
        yield from app_permission_findings(name, rights, writes=role.allows(Permission.TRIAGE))
        yield from label_findings(file, name, facts, creates=rights.get("issues") == "write")
    label = next(iter(sorted(labels_to_add(file, name))), "")
    yield from workflow_findings(name, facts.files, label)
    for part in file.parts:
        if part.target == name:
            yield from target_findings(part, facts)


def needed_role(file: MigrationFile, name: str) -> Permission:
    """The least role for what the migration does in a repository: closing and labelling need triage, a notice needs read.

    https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
    """
    acts_there = name == file.migration.source or (name in file.targets and file.decisions.clear.enabled)
    return Permission.TRIAGE if acts_there else Permission.READ
